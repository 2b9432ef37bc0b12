namespace Http.Server.Benchmarks.Load;

/// <summary>Something could not be measured; the message says what and why.</summary>
internal sealed class LoadException(string message) : Exception(message);
