namespace Http.Server.Telemetry;

/// <summary>What requests are told apart by.</summary>
/// <param name="Method">The index of a known method, or of <c>_OTHER</c>.</param>
/// <param name="IsSecure">The client came by HTTPS.</param>
/// <param name="Status">0 if there was no answer.</param>
/// <param name="Route">The pattern that the path matched; null if none is known.</param>
internal readonly record struct SeriesKey(int Method, bool IsSecure, int Status, string? Route);
