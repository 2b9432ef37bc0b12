namespace Http.Server.Qr;

/// <summary>How hard a masked code is to read, for the choice of its mask (ISO/IEC 18004, clause 7.8.3).</summary>
internal static class QrPenalty
{
    private const int Run = 3;
    private const int Square = 3;
    private const int FalseFinder = 40;
    private const int Imbalance = 10;

    public static int Of(bool[,] isDark)
    {
        var size = isDark.GetLength(0);
        var penalty = CountSquares(isDark) * Square;
        var dark = 0;
        var line = new bool[size];
        for (var at = 0; at < size; at++)
        {
            for (var along = 0; along < size; along++)
                line[along] = isDark[along, at];
            penalty += OfLine(line);
            dark += line.Count(static isDark => isDark);
            for (var along = 0; along < size; along++)
                line[along] = isDark[at, along];
            penalty += OfLine(line);
        }

        // For each full five per cent that the dark modules are away from a half of all.
        return penalty + (Math.Abs((dark * 20) - (size * size * 10)) / (size * size) * Imbalance);
    }

    /// <summary>
    /// Runs of five modules and more of one colour, and patterns like a finder's: 1:1:3:1:1 beside four light
    /// modules.
    /// </summary>
    public static int OfLine(ReadOnlySpan<bool> line)
    {
        var penalty = 0;
        for (int start = 0, at = 1; at <= line.Length; at++)
        {
            if (at < line.Length && line[at] == line[start])
                continue;
            if (at - start >= 5)
                penalty += Run + (at - start - 5);
            start = at;
        }

        ReadOnlySpan<bool> finder = [true, false, true, true, true, false, true];
        for (var at = 0; at + finder.Length <= line.Length; at++)
        {
            if (!line.Slice(at, finder.Length).SequenceEqual(finder))
                continue;
            // Outside the code all is light.
            if (IsLight(line, at - 4) || IsLight(line, at + finder.Length))
                penalty += FalseFinder;
        }

        return penalty;

        static bool IsLight(ReadOnlySpan<bool> line, int start)
        {
            for (var at = Math.Max(start, 0); at < Math.Min(start + 4, line.Length); at++)
            {
                if (line[at])
                    return false;
            }

            return true;
        }
    }

    private static int CountSquares(bool[,] isDark)
    {
        var size = isDark.GetLength(0);
        var count = 0;
        for (var y = 1; y < size; y++)
        {
            for (var x = 1; x < size; x++)
            {
                if (isDark[x, y] == isDark[x - 1, y] && isDark[x, y] == isDark[x, y - 1] && isDark[x, y] == isDark[x - 1, y - 1])
                    count++;
            }
        }

        return count;
    }
}
