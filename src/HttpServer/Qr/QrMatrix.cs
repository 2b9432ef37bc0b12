namespace Http.Server.Qr;

/// <summary>The modules of a code: its patterns, its codewords, and the mask that suits them best.</summary>
internal sealed class QrMatrix
{
    private readonly QrVersion _version;
    private readonly bool[,] _isDark;

    /// <summary>Modules of patterns, which hold no codewords and are not masked.</summary>
    private readonly bool[,] _isPattern;

    private QrMatrix(QrVersion version)
    {
        _version = version;
        _isDark = new bool[Size, Size];
        _isPattern = new bool[Size, Size];
    }

    public int Size => _version.Size;

    /// <summary>The mask that was chosen: 0 to 7.</summary>
    public int Mask { get; private set; }

    public bool this[int x, int y] => _isDark[x, y];

    /// <summary>Places the codewords and masks them.</summary>
    /// <param name="version">The code's size and strength.</param>
    /// <param name="codewords">All of its codewords in their order.</param>
    /// <param name="mask">0 to 7; null for the one with the least penalty.</param>
    public static QrMatrix Make(QrVersion version, byte[] codewords, int? mask = null)
    {
        var matrix = new QrMatrix(version);
        matrix.DrawPatterns();
        matrix.DrawCodewords(codewords);
        matrix.ApplyMask(mask ?? matrix.FindMask());
        return matrix;
    }

    private int FindMask()
    {
        var (best, least) = (0, int.MaxValue);
        for (var mask = 0; mask < 8; mask++)
        {
            ApplyMask(mask);
            if (QrPenalty.Of(_isDark) is var penalty && penalty < least)
                (best, least) = (mask, penalty);
            // Once more takes it away.
            ApplyMask(mask);
        }

        return best;
    }

    private void DrawPatterns()
    {
        for (var at = 0; at < Size; at++)
        {
            Set(6, at, at % 2 == 0);
            Set(at, 6, at % 2 == 0);
        }

        DrawFinder(3, 3);
        DrawFinder(Size - 4, 3);
        DrawFinder(3, Size - 4);
        var centers = _version.AlignmentCenters;
        foreach (var x in centers)
        {
            foreach (var y in centers)
            {
                var isAtFinder = (x == 6 && (y == 6 || y == Size - 7)) || (x == Size - 7 && y == 6);
                if (!isAtFinder)
                    DrawAlignment(x, y);
            }
        }

        DrawFormat(0);
        DrawVersion();
    }

    private void DrawFinder(int x, int y)
    {
        for (var dy = -4; dy <= 4; dy++)
        {
            for (var dx = -4; dx <= 4; dx++)
            {
                if (x + dx >= 0 && x + dx < Size && y + dy >= 0 && y + dy < Size)
                    Set(x + dx, y + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) is not (2 or 4));
            }
        }
    }

    private void DrawAlignment(int x, int y)
    {
        for (var dy = -2; dy <= 2; dy++)
        {
            for (var dx = -2; dx <= 2; dx++)
                Set(x + dx, y + dy, Math.Max(Math.Abs(dx), Math.Abs(dy)) != 1);
        }
    }

    /// <summary>Strength and mask with their own error correction, twice (clause 7.9).</summary>
    private void DrawFormat(int mask)
    {
        var data = ((_version.IsMedium ? 0b00 : 0b01) << 3) | mask;
        var bits = ((data << 10) | Remainder(data, 10, 0x537)) ^ 0x5412;
        for (var bit = 0; bit < 15; bit++)
        {
            var isDark = ((bits >> bit) & 1) != 0;
            // Around the finder at the top left, where the timing patterns are stepped over ...
            if (bit < 8)
                Set(8, bit < 6 ? bit : bit + 1, isDark);
            else
                Set(bit == 8 ? 7 : 14 - bit, 8, isDark);
            // ... and along the other two.
            if (bit < 8)
                Set(Size - 1 - bit, 8, isDark);
            else
                Set(8, Size - 15 + bit, isDark);
        }

        // The one module that is dark in every code.
        Set(8, Size - 8, isDark: true);
    }

    /// <summary>The version with its own error correction, twice, from version 7 on (clause 7.10).</summary>
    private void DrawVersion()
    {
        if (_version.Number < 7)
            return;
        var bits = (_version.Number << 12) | Remainder(_version.Number, 12, 0x1F25);
        for (var bit = 0; bit < 18; bit++)
        {
            var isDark = ((bits >> bit) & 1) != 0;
            var (far, near) = (Size - 11 + (bit % 3), bit / 3);
            Set(far, near, isDark);
            Set(near, far, isDark);
        }
    }

    /// <summary>Upward and downward in columns of two from the right, over what is no pattern (clause 7.7.3).</summary>
    private void DrawCodewords(byte[] codewords)
    {
        var at = 0;
        for (var right = Size - 1; right >= 1; right -= 2)
        {
            // The column of the timing pattern is stepped over.
            if (right == 6)
                right = 5;
            var isUpward = ((right + 1) & 2) == 0;
            for (var step = 0; step < Size; step++)
            {
                var y = isUpward ? Size - 1 - step : step;
                for (var x = right; x > right - 2; x--)
                {
                    // Up to seven modules are left over in some versions, and stay light.
                    if (_isPattern[x, y] || at >= codewords.Length * 8)
                        continue;
                    _isDark[x, y] = ((codewords[at / 8] >> (7 - (at % 8))) & 1) != 0;
                    at++;
                }
            }
        }
    }

    private void ApplyMask(int mask)
    {
        for (var y = 0; y < Size; y++)
        {
            for (var x = 0; x < Size; x++)
                _isDark[x, y] ^= !_isPattern[x, y] && IsMasked(mask, x, y);
        }

        Mask = mask;
        DrawFormat(mask);
    }

    // Clause 7.8.2, table 10.
    private static bool IsMasked(int mask, int x, int y) => mask switch
    {
        0 => (x + y) % 2 == 0,
        1 => y % 2 == 0,
        2 => x % 3 == 0,
        3 => (x + y) % 3 == 0,
        4 => ((x / 3) + (y / 2)) % 2 == 0,
        5 => ((x * y) % 2) + ((x * y) % 3) == 0,
        6 => (((x * y) % 2) + ((x * y) % 3)) % 2 == 0,
        _ => (((x + y) % 2) + ((x * y) % 3)) % 2 == 0,
    };

    /// <summary>
    /// The remainder of a division of polynomials over two elements, the error correction of format and
    /// version.
    /// </summary>
    private static int Remainder(int data, int degree, int generator)
    {
        var remainder = data;
        for (var i = 0; i < degree; i++)
            remainder = (remainder << 1) ^ ((remainder >> (degree - 1)) * generator);
        return remainder;
    }

    private void Set(int x, int y, bool isDark)
    {
        _isDark[x, y] = isDark;
        _isPattern[x, y] = true;
    }
}
