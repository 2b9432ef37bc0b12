using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Http.Server.Resources;

/// <summary>
/// Short names for texts of clients, by a key of its own that lasts as long as the process: no client can foresee which texts
/// share a name, and nobody who sees a name finds the text by trying.
/// </summary>
internal sealed class KeyedDigest
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    /// <summary>The name of some bytes.</summary>
    public UInt128 Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, bytes, digest);
        return MemoryMarshal.Read<UInt128>(digest);
    }

    /// <summary>The name of a text.</summary>
    public UInt128 Of(string text) => Of(Encoding.UTF8.GetBytes(text));
}
