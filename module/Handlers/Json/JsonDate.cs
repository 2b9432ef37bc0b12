using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// The strings that PowerShell takes for dates in JSON: ISO 8601 with a time in seconds, and what <c>ConvertTo-Json</c> of
/// Windows PowerShell writes, <c>/Date(1198908717056)/</c>. Whether it is UTC, local time or neither is kept; a time with an
/// offset becomes local time.
/// </summary>
internal static class JsonDate
{
    private const int MinIsoLength = 19;
    private const int MaxIsoLength = 40;
    private const string BeforeTicks = "/Date(";
    private const string AfterTicks = ")/";

    private static readonly string[] Formats =
        [.. new[] { "K", "'.'FFFFFFFK", "zz", "'.'FFFFFFFzz" }.Select(static end => "yyyy'-'MM'-'dd'T'HH':'mm':'ss" + end)];

    private static readonly double Earliest = (DateTime.MinValue - DateTime.UnixEpoch).TotalMilliseconds;

    private static readonly double Latest = (DateTime.MaxValue - DateTime.UnixEpoch).TotalMilliseconds;

    /// <summary>Reads a date.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out DateTime date)
    {
        date = default;
        if (text.StartsWith(BeforeTicks, StringComparison.Ordinal) && text.EndsWith(AfterTicks, StringComparison.Ordinal))
            return TryReadTicks(text.AsSpan(BeforeTicks.Length..^AfterTicks.Length), out date);
        if (text.Length is < MinIsoLength or > MaxIsoLength || text[10] != 'T')
            return false;
        // A point has digits behind it, which the formats do not ask for.
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return (point < 0 || (point + 1 < text.Length && char.IsAsciiDigit(text[point + 1]))) &&
            DateTime.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out date);
    }

    /// <summary>Milliseconds since 1970, and an offset that only tells that local time is meant.</summary>
    private static bool TryReadTicks(ReadOnlySpan<char> text, out DateTime date)
    {
        date = default;
        var sign = text.IsEmpty ? -1 : text[1..].IndexOfAny('+', '-');
        var hasOffset = sign >= 0;
        if (hasOffset && !int.TryParse(text[(sign + 2)..], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return false;
        var digits = hasOffset ? text[..(sign + 1)] : text;
        if (!long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            return false;
        if (milliseconds < Earliest || milliseconds > Latest)
            return false;
        date = DateTime.UnixEpoch.AddMilliseconds(milliseconds);
        if (hasOffset)
            date = date.ToLocalTime();
        return true;
    }
}
