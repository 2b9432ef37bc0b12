namespace Http.Server.Qr;

/// <summary>
/// A size of code and the strength of its error correction, with the figures of ISO/IEC 18004 that belong to
/// them.
/// </summary>
/// <param name="Number">1 to 40.</param>
/// <param name="IsMedium">Error correction M, a seventh of the codewords may be wrong; else L, a fourteenth.</param>
internal sealed record QrVersion(int Number, bool IsMedium)
{
    /// <summary>Bytes in the largest code.</summary>
    public const int MostBytes = 2953;

    private const int Last = 40;

    // ISO/IEC 18004, table 9: codewords of error correction in each block, and blocks; version 1 first.
    private static ReadOnlySpan<byte> CorrectionsL =>
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
        28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ];

    private static ReadOnlySpan<byte> CorrectionsM =>
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
        26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ];

    private static ReadOnlySpan<byte> BlocksL =>
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
        8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
    ];

    private static ReadOnlySpan<byte> BlocksM =>
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
        17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ];

    /// <summary>Modules on each side.</summary>
    public int Size => 17 + (4 * Number);

    /// <summary>Codewords of error correction in each block.</summary>
    public int Corrections => (IsMedium ? CorrectionsM : CorrectionsL)[Number - 1];

    public int Blocks => (IsMedium ? BlocksM : BlocksL)[Number - 1];

    /// <summary>All codewords, eight modules each.</summary>
    public int Codewords
    {
        get
        {
            // All modules but the three finders with their borders, format, timing, alignment patterns and version.
            var modules = (Size * Size) - (3 * 64) - 31 - (2 * (Size - 16));
            if (AlignmentCenters.Length is > 0 and var count)
                modules -= (25 * ((count * count) - 3)) - (10 * (count - 2));
            return (Number >= 7 ? modules - 36 : modules) / 8;
        }
    }

    /// <summary>Codewords without those of error correction.</summary>
    public int DataCodewords => Codewords - (Blocks * Corrections);

    /// <summary>Bits of the count of bytes, which goes before them.</summary>
    public int CountBits => Number < 10 ? 8 : 16;

    /// <summary>Bytes that fit, behind the four bits of the mode and the count.</summary>
    public int Capacity => ((8 * DataCodewords) - 4 - CountBits) / 8;

    /// <summary>
    /// Where alignment patterns are centred, in both directions (annex E): evenly from the last back to the first, on
    /// even steps.
    /// </summary>
    public int[] AlignmentCenters
    {
        get
        {
            if (Number == 1)
                return [];
            var centers = new int[(Number / 7) + 2];
            // The one version that the standard spaces otherwise than its rule would.
            var step = Number == 32 ? 26 : ((Number * 4) + (centers.Length * 2) + 1) / ((centers.Length * 2) - 2) * 2;
            centers[0] = 6;
            for (int at = centers.Length - 1, center = Size - 7; at > 0; at--, center -= step)
                centers[at] = center;
            return centers;
        }
    }

    /// <summary>
    /// The smallest code for so many bytes, the stronger of two of the same size; null if none is large
    /// enough.
    /// </summary>
    public static QrVersion? FindSmallest(int bytes)
    {
        for (var number = 1; number <= Last; number++)
        {
            foreach (var isMedium in new[] { true, false })
            {
                if (new QrVersion(number, isMedium) is var version && version.Capacity >= bytes)
                    return version;
            }
        }

        return null;
    }
}
