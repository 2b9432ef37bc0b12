namespace Http.Server.Files.Bodies;

/// <summary>Parts of another body, which this takes over, with bytes before and between them.</summary>
internal sealed class PartsBody(IContentBody whole, IReadOnlyList<ContentPart> parts) : IContentBody
{
    /// <inheritdoc/>
    /// <remarks>Parts are sent as they are: of them no stretch is asked for.</remarks>
    public async ValueTask CopyToAsync(Stream output, long start, long length)
    {
        foreach (var part in parts)
        {
            await output.WriteAsync(part.Prefix).ConfigureAwait(false);
            await whole.CopyToAsync(output, part.Start, part.Length).ConfigureAwait(false);
        }
    }

    public int ReadAt(Span<byte> buffer, long start) => throw new NotSupportedException("Parts of a file are sent, not read.");

    public void Dispose() => whole.Dispose();
}
