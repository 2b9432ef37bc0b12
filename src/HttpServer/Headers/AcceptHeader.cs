using System.Globalization;
using System.Text;

namespace Http.Server.Headers;

/// <summary>Proactive negotiation by media type (RFC 9110, section 12.5.1).</summary>
internal static class AcceptHeader
{
    /// <summary>
    /// Chooses among types, the server's own favourite first. The highest weight wins; of the same weight, a type that is named
    /// goes before one that a wildcard covers, since clients write <c>application/json, */*</c> and mean the former.
    /// </summary>
    /// <param name="accept">The header's value; anything malformed in it is overlooked.</param>
    /// <param name="types">Media types in lower case.</param>
    /// <returns>The index of the chosen type; 0 also if none is acceptable, as any answer is better than 406 (section
    /// 15.5.7).</returns>
    public static int Choose(ReadOnlySpan<byte> accept, ReadOnlySpan<string> types)
    {
        var (chosen, best) = (0, 0);
        for (var index = 0; index < types.Length; index++)
        {
            var score = ScoreOf(accept, types[index]);
            if (score > best)
                (chosen, best) = (index, score);
        }

        return chosen;
    }

    /// <summary>
    /// Twice the weight in thousandths, and one more for a type that is named; 0 for one that is not
    /// acceptable.
    /// </summary>
    private static int ScoreOf(ReadOnlySpan<byte> accept, string type)
    {
        // The most specific range that covers a type tells its weight, whatever others say.
        var (specificity, weight) = (0, 0);
        foreach (var part in accept.Split((byte)','))
        {
            var element = accept[part];
            var semicolon = element.IndexOf((byte)';');
            var range = (semicolon < 0 ? element : element[..semicolon]).Trim(" \t"u8);
            var covers = Covers(range, type);
            if (covers > specificity)
                (specificity, weight) = (covers, semicolon < 0 ? 1000 : WeightOf(element[(semicolon + 1)..]));
        }

        return weight == 0 ? 0 : (2 * weight) + (specificity == 3 ? 1 : 0);
    }

    private static int Covers(ReadOnlySpan<byte> range, string type)
    {
        if (Ascii.EqualsIgnoreCase(range, type))
            return 3;
        if (range.SequenceEqual("*/*"u8))
            return 1;
        return range.EndsWith("/*"u8) && range.Length <= type.Length
            && Ascii.EqualsIgnoreCase(range[..^1], type.AsSpan(0, range.Length - 1)) ? 2 : 0;
    }

    /// <summary>Thousandths, by the parameter <c>q</c>; without one, and if it is malformed, all.</summary>
    private static int WeightOf(ReadOnlySpan<byte> parameters)
    {
        foreach (var part in parameters.Split((byte)';'))
        {
            var parameter = parameters[part].Trim(" \t"u8);
            if (parameter is [(byte)'q' or (byte)'Q', (byte)'=', ..] && parameter.Length <= 7
                && decimal.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                    && weight <= 1)
                return (int)(weight * 1000);
        }

        return 1000;
    }
}
