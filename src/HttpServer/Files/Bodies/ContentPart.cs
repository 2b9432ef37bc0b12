namespace Http.Server.Files.Bodies;

/// <summary>Some bytes, and behind them a stretch of the file: one part of a multipart answer, or a single range.</summary>
internal readonly record struct ContentPart(ReadOnlyMemory<byte> Prefix, long Start, long Length);
