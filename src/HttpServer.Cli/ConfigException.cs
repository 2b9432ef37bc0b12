namespace Http.Server.Cli;

/// <summary>A configuration file is wrong; the message is for its author, and names the place and the remedy.</summary>
internal sealed class ConfigException(string message) : Exception(message);
