namespace Http.Server.Cgi;

/// <summary>A CGI program cannot be started; the message says why, for the log.</summary>
internal sealed class CgiStartException(string message, Exception? innerException = null) : IOException(message, innerException);
