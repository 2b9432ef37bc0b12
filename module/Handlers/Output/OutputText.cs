using System.Buffers;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>A text in UTF-8 that grows. Halves of surrogate pairs become U+FFFD.</summary>
internal sealed class OutputText
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Adds text.</summary>
    public OutputText Append(ReadOnlySpan<char> text)
    {
        Encoding.UTF8.GetBytes(text, _bytes);
        return this;
    }

    public byte[] ToBytes() => _bytes.WrittenSpan.ToArray();
}
