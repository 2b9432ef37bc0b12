namespace Http.Server.Hosting;

/// <summary>A configuration file is wrong; the message is for its author, and names the place and the remedy.</summary>
/// <param name="message">The file, the line and the column, then what is wrong there.</param>
public sealed class SettingsFileException(string message) : Exception(message);
