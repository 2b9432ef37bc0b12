using System.Runtime.InteropServices;

namespace Http.Server.Cgi;

/// <summary>Strings as C takes them: an array of pointers to UTF-8 with a NUL each, and a null pointer at its end.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    public NativeStrings(IReadOnlyList<string> texts)
    {
        _count = texts.Count;
        Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var at = 0; at < _count; at++)
            Pointer[at] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[at]);
    }

    public byte** Pointer { get; }

    public void Dispose()
    {
        for (var at = 0; at < _count; at++)
            Marshal.FreeCoTaskMem((nint)Pointer[at]);
        NativeMemory.Free(Pointer);
    }
}
