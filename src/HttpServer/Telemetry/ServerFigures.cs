namespace Http.Server.Telemetry;

/// <summary>What a server says of itself whenever its metrics are asked for.</summary>
/// <param name="Connections">Connections that are open now.</param>
/// <param name="MaxConnections">Most connections at once.</param>
/// <param name="AcceptedConnections">Connections since the server began.</param>
internal readonly record struct ServerFigures(int Connections, int MaxConnections, long AcceptedConnections);
