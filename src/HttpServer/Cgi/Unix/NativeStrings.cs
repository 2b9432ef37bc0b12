using System.Runtime.InteropServices;
using Http.Server.Protocol;

namespace Http.Server.Cgi.Unix;

/// <summary>
/// Strings as C takes them: an array of pointers to the bytes of <see cref="RawText"/> with a NUL each, and a null
/// pointer at its end.
/// </summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    public NativeStrings(IReadOnlyList<string> texts)
    {
        _count = texts.Count;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var at = 0; at < _count; at++)
        {
            var bytes = RawText.Encode(texts[at]);
            Pointer[at] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
            bytes.CopyTo(new Span<byte>(Pointer[at], bytes.Length));
        }
    }

    public byte** Pointer { get; }

    public void Dispose()
    {
        for (var at = 0; at < _count; at++)
            NativeMemory.Free(Pointer[at]);
        NativeMemory.Free(Pointer);
    }
}
