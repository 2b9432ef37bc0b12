namespace Http.Server.State;

/// <summary>What is kept in memory under a name.</summary>
/// <param name="Value">The bytes; empty for a bucket of tokens, which is kept until it is full and is nothing else.</param>
/// <param name="Until">The timestamp at which it is forgotten; <see cref="long.MaxValue"/> for never.</param>
internal readonly record struct StateEntry(byte[] Value, long Until);
