namespace Http.Server.Qr;

/// <summary>From bytes to the codewords of a code: data, padding and error correction, in the order they are placed.</summary>
internal static class QrCodewords
{
    private const int ByteMode = 0b0100;

    /// <summary>Makes all codewords of a code.</summary>
    /// <param name="version">One that the data fits in.</param>
    /// <param name="data">The bytes.</param>
    public static byte[] Make(QrVersion version, ReadOnlySpan<byte> data) => Interleave(version, MakeData(version, data));

    /// <summary>Mode, count, bytes, end and padding (clause 7.4).</summary>
    public static byte[] MakeData(QrVersion version, ReadOnlySpan<byte> data)
    {
        var codewords = new byte[version.DataCodewords];
        var at = 0;
        Append(codewords, ref at, ByteMode, 4);
        Append(codewords, ref at, data.Length, version.CountBits);
        foreach (var value in data)
            Append(codewords, ref at, value, 8);
        // The end is four bits of nothing, or what is left of them, and the byte is filled up: zeros that are there already.
        var next = Math.Min((at + 4 + 7) / 8, codewords.Length);
        for (var isFirst = true; next < codewords.Length; isFirst = !isFirst)
            codewords[next++] = isFirst ? (byte)0b1110_1100 : (byte)0b0001_0001;
        return codewords;
    }

    /// <summary>
    /// Cuts the data into blocks, the shorter ones first, and takes a codeword of each in turn, then of their
    /// corrections (clause 7.6).
    /// </summary>
    public static byte[] Interleave(QrVersion version, byte[] data)
    {
        var blocks = version.Blocks;
        var shortBlocks = blocks - (data.Length % blocks);
        var shortLength = data.Length / blocks;
        var result = new byte[version.Codewords];
        var start = 0;
        for (var block = 0; block < blocks; block++)
        {
            var own = data.AsSpan(start, shortLength + (block < shortBlocks ? 0 : 1));
            start += own.Length;
            // The last codeword of a longer block has no fellows in the shorter ones.
            for (var at = 0; at < own.Length; at++)
                result[at < shortLength ? (at * blocks) + block : (shortLength * blocks) + block - shortBlocks] = own[at];
            var corrections = ReedSolomon.Correct(own, version.Corrections);
            for (var at = 0; at < corrections.Length; at++)
                result[data.Length + (at * blocks) + block] = corrections[at];
        }

        return result;
    }

    private static void Append(byte[] codewords, ref int at, int value, int bits)
    {
        for (var bit = bits - 1; bit >= 0; bit--, at++)
            codewords[at / 8] |= (byte)(((value >> bit) & 1) << (7 - (at % 8)));
    }
}
