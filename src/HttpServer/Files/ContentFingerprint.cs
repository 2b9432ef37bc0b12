using System.Numerics;
using System.Runtime.InteropServices;

namespace Http.Server.Files;

/// <summary>
/// Tells one content from another in the memory of one process, a hundred times faster than it could be compressed. A start that
/// differs from process to process leaves no way to make two contents alike on purpose.
/// </summary>
internal static class ContentFingerprint
{
    // An odd number with its bits well mixed: 2^64 divided by the golden ratio.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private static readonly ulong Start = (ulong)Random.Shared.NextInt64();

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var print = Start ^ (ulong)bytes.Length;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            print = Mix(print, word);
        foreach (var rest in bytes[(words.Length * sizeof(ulong))..])
            print = Mix(print, rest);
        return print;
    }

    /// <summary>
    /// The upper half of the product folds into the lower one, so that each bit of the word reaches each bit of the
    /// print.
    /// </summary>
    private static ulong Mix(ulong print, ulong word)
    {
        var high = Math.BigMul(print ^ word, Multiplier, out var low);
        return BitOperations.RotateLeft(low ^ high, 29) + Start;
    }
}
