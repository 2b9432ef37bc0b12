namespace Http.Server.Protocol;

/// <summary>A stretch of the head's bytes, counted from the first byte of the head.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> head) => head.Slice(Start, Length);
}
