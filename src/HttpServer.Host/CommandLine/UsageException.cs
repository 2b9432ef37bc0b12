namespace Http.Server.Host.CommandLine;

/// <summary>The command line is wrong; the message says what is, and what helps.</summary>
internal sealed class UsageException(string message) : Exception(message);
