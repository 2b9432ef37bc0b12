namespace Http.Server.Qr;

/// <summary>
/// Reed-Solomon error correction over the field of 256 elements with the polynomial 0x11D (ISO/IEC 18004, clause
/// 7.5).
/// </summary>
internal static class ReedSolomon
{
    /// <summary>The remainder of the data, as a polynomial, divided by the generator of the degree.</summary>
    /// <param name="data">Codewords of one block.</param>
    /// <param name="degree">How many codewords of correction are wanted.</param>
    public static byte[] Correct(ReadOnlySpan<byte> data, int degree)
    {
        var generator = MakeGenerator(degree);
        var remainder = new byte[degree];
        foreach (var value in data)
        {
            var factor = (byte)(value ^ remainder[0]);
            Array.Copy(remainder, 1, remainder, 0, degree - 1);
            remainder[^1] = 0;
            for (var at = 0; at < degree; at++)
                remainder[at] ^= Multiply(generator[at], factor);
        }

        return remainder;
    }

    /// <summary>The product of (x - 2^i) for all i below the degree, without its first coefficient, which is 1.</summary>
    public static byte[] MakeGenerator(int degree)
    {
        var generator = new byte[degree];
        generator[^1] = 1;
        byte root = 1;
        for (var i = 0; i < degree; i++)
        {
            for (var at = 0; at < degree; at++)
            {
                generator[at] = Multiply(generator[at], root);
                if (at + 1 < degree)
                    generator[at] ^= generator[at + 1];
            }

            root = Multiply(root, 2);
        }

        return generator;
    }

    public static byte Multiply(byte a, byte b)
    {
        var product = 0;
        for (var bit = 7; bit >= 0; bit--)
        {
            product = (product << 1) ^ ((product >> 7) * 0x11D);
            product ^= ((b >> bit) & 1) * a;
        }

        return (byte)product;
    }
}
