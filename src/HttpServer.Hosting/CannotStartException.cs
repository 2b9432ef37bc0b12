namespace Http.Server.Hosting;

/// <summary>A server cannot start with its settings; the message is for the user, and names the setting and the remedy.</summary>
/// <param name="message">One sentence or two.</param>
public sealed class CannotStartException(string message) : Exception(message);
