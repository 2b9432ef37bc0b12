using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Http.Server.Resources;

/// <summary>
/// Short names for texts of clients, by a key of its own that lasts as long as the process: no client can foresee which texts
/// share a name, and nobody who sees a name finds the text by trying.
/// </summary>
/// <remarks>
/// It is SHA-256 of a block of key and the text, of which half is kept: that half tells nothing of the hash of a longer text,
/// which is what HMAC (RFC 2104) is for, and it takes a third of the time of HMAC in each request with a token.
/// </remarks>
internal sealed class KeyedDigest
{
    /// <summary>One block of SHA-256.</summary>
    private const int KeyBytes = 64;

    /// <summary>Bytes of texts that need no memory of the heap.</summary>
    private const int UsualBytes = 512;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeyBytes);

    /// <summary>The name of some bytes.</summary>
    public UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        var length = KeyBytes + bytes.Length;
        Span<byte> keyed = bytes.Length <= UsualBytes ? stackalloc byte[length] : new byte[length];
        _key.CopyTo(keyed);
        bytes.CopyTo(keyed[KeyBytes..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(keyed, digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }

    /// <summary>The name of a text.</summary>
    public UInt128 Of(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= UsualBytes ? stackalloc byte[most] : new byte[most];
        return Of(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }
}
