namespace Http.Server.Hosting.Services;

/// <summary>What a service manager shows of a server.</summary>
/// <param name="Requests">Requests since the start.</param>
/// <param name="Connections">Connections that are open now.</param>
public readonly record struct ServiceFigures(long Requests, int Connections);
