using System.Buffers;
using System.Globalization;

namespace Http.Server.PowerShell.Routing;

/// <summary>The names and the meaning of <see cref="RouteConstraint"/>. Values are read with the invariant culture.</summary>
internal static class RouteConstraints
{
    // A text that is longer than every form of a value, letters excepted, is refused without a try.
    private const int MaxValueLength = 100;

    private static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The names as patterns have them, for people.</summary>
    public static string Names => "int, long, guid, bool, decimal, datetime, alpha";

    /// <summary>Finds a constraint by its name, in any case.</summary>
    public static bool TryParse(string name, out RouteConstraint constraint)
    {
        // A number would pass as the value of an enumeration.
        constraint = RouteConstraint.None;
        return name.AsSpan().IndexOfAnyExcept(Letters) < 0 && Enum.TryParse(name, ignoreCase: true, out constraint)
            && constraint != RouteConstraint.None;
    }

    /// <summary>The name as patterns have it.</summary>
    public static string NameOf(RouteConstraint constraint) => constraint switch
    {
        RouteConstraint.Guid => "guid",
        RouteConstraint.Bool => "bool",
        RouteConstraint.Int => "int",
        RouteConstraint.Long => "long",
        RouteConstraint.Decimal => "decimal",
        RouteConstraint.DateTime => "datetime",
        RouteConstraint.Alpha => "alpha",
        _ => throw new ArgumentOutOfRangeException(nameof(constraint)),
    };

    /// <summary>Whether the text is a value of the constraint's kind. No text is never one.</summary>
    public static bool Accepts(RouteConstraint constraint, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > LongestPrefix(constraint, text)) return false;

        var culture = CultureInfo.InvariantCulture;
        return constraint switch
        {
            RouteConstraint.Guid => Guid.TryParse(text, out _),
            RouteConstraint.Bool => text.Equals("true", StringComparison.OrdinalIgnoreCase)
                || text.Equals("false", StringComparison.OrdinalIgnoreCase),
            RouteConstraint.Int => int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            RouteConstraint.Long => long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out _),
            RouteConstraint.Decimal => decimal.TryParse(
                text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, culture, out _),
            RouteConstraint.DateTime => DateTime.TryParse(text, culture, DateTimeStyles.None, out _),
            _ => true,
        };
    }

    /// <summary>The length that no value at the beginning of the text exceeds.</summary>
    public static int LongestPrefix(RouteConstraint constraint, ReadOnlySpan<char> text)
    {
        if (constraint == RouteConstraint.None) return text.Length;
        if (constraint != RouteConstraint.Alpha) return Math.Min(text.Length, MaxValueLength);
        var end = text.IndexOfAnyExcept(Letters);
        return end < 0 ? text.Length : end;
    }
}
