using System.Globalization;

namespace Http.Server.Protocol;

/// <summary>
/// HTTP dates (RFC 9110 section 5.6.7): all three forms are read, only IMF-fixdate is written.
/// </summary>
internal static class HttpDate
{
    /// <summary>Bytes of an IMF-fixdate such as <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    public const int Length = 29;

    private const int AsctimeLength = 24;

    // The part of an RFC 850 date that follows the name of the day: ", 06-Nov-94 08:49:37 GMT".
    private const int Rfc850TailLength = 24;

    /// <summary>
    /// Reads a date in any of the three forms. Names are case-sensitive as the grammar has them; the name of the day must be
    /// one, but is not compared with the date. A leap second is read as second 59, which <see cref="DateTime"/> can hold.
    /// </summary>
    /// <param name="value">The field value, without white space around it.</param>
    /// <param name="utcNow">The present, which decides the century of an RFC 850 date.</param>
    /// <param name="utc">The date as <see cref="DateTimeKind.Utc"/>, or the default when false is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> value, DateTime utcNow, out DateTime utc) => value.Length switch
    {
        Length => TryParseImfFixdate(value, out utc),
        AsctimeLength => TryParseAsctime(value, out utc),
        _ => TryParseRfc850(value, utcNow, out utc),
    };

    /// <summary>Writes <paramref name="utc"/> as IMF-fixdate: <see cref="Length"/> bytes.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Format(DateTime utc, Span<byte> destination)
    {
        if (!utc.TryFormat(destination, out _, "R", CultureInfo.InvariantCulture))
            throw new ArgumentException($"An HTTP date needs {Length} bytes.", nameof(destination));
    }

    /// <summary>Returns <paramref name="utc"/> as IMF-fixdate.</summary>
    public static string Format(DateTime utc) => utc.ToString("R", CultureInfo.InvariantCulture);

    private static bool TryParseImfFixdate(ReadOnlySpan<byte> value, out DateTime utc)
    {
        utc = default;
        return IsShortDayName(value[..3])
            && value[3..5].SequenceEqual(", "u8) && value[7] == ' ' && value[11] == ' ' && value[16] == ' '
            && value[25..].SequenceEqual(" GMT"u8)
            && TryBuild(FourDigits(value[12..]), value[8..11], TwoDigits(value[5..]), value[17..25], out utc);
    }

    private static bool TryParseAsctime(ReadOnlySpan<byte> value, out DateTime utc)
    {
        utc = default;
        var day = value[8] == ' ' ? Digit(value[9]) : TwoDigits(value[8..]);
        return IsShortDayName(value[..3])
            && value[3] == ' ' && value[7] == ' ' && value[10] == ' ' && value[19] == ' '
            && TryBuild(FourDigits(value[20..]), value[4..7], day, value[11..19], out utc);
    }

    private static bool TryParseRfc850(ReadOnlySpan<byte> value, DateTime utcNow, out DateTime utc)
    {
        utc = default;
        if (value.Length <= Rfc850TailLength || !IsLongDayName(value[..^Rfc850TailLength])) return false;

        var tail = value[^Rfc850TailLength..];
        var yearOfCentury = TwoDigits(tail[9..]);
        if (yearOfCentury < 0 || !tail[..2].SequenceEqual(", "u8) || tail[4] != '-' || tail[8] != '-' || tail[11] != ' '
            || !tail[20..].SequenceEqual(" GMT"u8)) return false;

        // Two digits stand for the latest year that is not more than 50 years ahead of now.
        var limit = utcNow.Year > DateTime.MaxValue.Year - 50 ? DateTime.MaxValue : utcNow.AddYears(50);
        var year = limit.Year - limit.Year % 100 + yearOfCentury;
        var day = TwoDigits(tail[2..]);
        return (TryBuild(year, tail[5..8], day, tail[12..20], out utc) && utc <= limit)
            || TryBuild(year - 100, tail[5..8], day, tail[12..20], out utc);
    }

    private static bool TryBuild(int year, ReadOnlySpan<byte> monthName, int day, ReadOnlySpan<byte> time, out DateTime utc)
    {
        utc = default;
        var month = MonthNumber(monthName);
        if (month == 0 || year is < 1 or > 9999 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;

        var (hour, minute, second) = (TwoDigits(time), TwoDigits(time[3..]), TwoDigits(time[6..]));
        if (time[2] != ':' || time[5] != ':') return false;
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60) return false;

        utc = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc);
        return true;
    }

    private static bool IsShortDayName(ReadOnlySpan<byte> name) => IndexOfName("MonTueWedThuFriSatSun"u8, name) >= 0;

    private static bool IsLongDayName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("Monday"u8) || name.SequenceEqual("Tuesday"u8) || name.SequenceEqual("Wednesday"u8)
        || name.SequenceEqual("Thursday"u8) || name.SequenceEqual("Friday"u8) || name.SequenceEqual("Saturday"u8)
        || name.SequenceEqual("Sunday"u8);

    /// <summary>1 to 12, or 0 when the name is none of a month.</summary>
    private static int MonthNumber(ReadOnlySpan<byte> name) => IndexOfName("JanFebMarAprMayJunJulAugSepOctNovDec"u8, name) + 1;

    /// <summary>The place of a three-letter name in a table of such names, or -1.</summary>
    private static int IndexOfName(ReadOnlySpan<byte> table, ReadOnlySpan<byte> name)
    {
        for (var at = 0; at < table.Length; at += 3)
        {
            if (table.Slice(at, 3).SequenceEqual(name)) return at / 3;
        }

        return -1;
    }

    private static int Digit(byte digit) => char.IsAsciiDigit((char)digit) ? digit - '0' : -1;

    private static int TwoDigits(ReadOnlySpan<byte> text)
    {
        var (tens, ones) = (Digit(text[0]), Digit(text[1]));
        return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
    }

    private static int FourDigits(ReadOnlySpan<byte> text)
    {
        var (hundreds, ones) = (TwoDigits(text), TwoDigits(text[2..]));
        return hundreds < 0 || ones < 0 ? -1 : hundreds * 100 + ones;
    }
}
