namespace Http.Server.Cli;

/// <summary>The program cannot start; the message is for its user, and names the thing and the remedy.</summary>
internal sealed class CannotStartException(string message) : Exception(message);
