namespace Http.Server.Transport;

/// <summary>The connection ended under a request: the client left, a deadline passed, or the server was stopped.</summary>
internal sealed class ConnectionEndedException(string message, Exception? inner = null) : IOException(message, inner);
