using System.Globalization;
using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class HttpDateTests
{
    private static readonly DateTime Now = new(2026, 6, 15, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37")]
    [InlineData("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37")]
    [InlineData("Sun Nov 06 08:49:37 1994", "1994-11-06T08:49:37")]
    [InlineData("Wed Nov 16 08:49:37 1994", "1994-11-16T08:49:37")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37")]
    [InlineData("Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00")]
    [InlineData("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59")]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59")]
    public void The_three_forms_are_read(string text, string expected)
    {
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out var utc));
        Assert.Equal(expected, utc.ToString("s", CultureInfo.InvariantCulture));
        Assert.Equal(DateTimeKind.Utc, utc.Kind);
    }

    [Fact]
    public void Every_name_of_a_day_and_a_month_is_known()
    {
        for (var day = new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc); day.Year == 2025; day = day.AddDays(1))
        {
            foreach (var form in new[] { "R", "dddd, dd'-'MMM'-'yy HH':'mm':'ss 'GMT'", "ddd MMM dd HH':'mm':'ss yyyy" })
            {
                var text = day.ToString(form, CultureInfo.InvariantCulture);
                Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out var utc), text);
                Assert.Equal(day, utc);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 UTC")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 gmt")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT ")]
    [InlineData(" Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 nov 1994 08:49:37 GMT")]
    [InlineData("Sux, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("unS, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 06 ovD 1994 08:49:37 GMT")]
    [InlineData("Sun; 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun,  6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 6 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 00 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 31 Nov 1994 08:49:37 GMT")]
    [InlineData("Wed, 29 Feb 2023 00:00:00 GMT")]
    [InlineData("Sun, 06 Nov 0000 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 19x4 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 24:00:00 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:60:37 GMT")]
    [InlineData("Sun, 06 Nov 1994 08:49:61 GMT")]
    [InlineData("Sun, 06 Nov 1994 08-49-37 GMT")]
    [InlineData("Sun, 06 Nov 1994 +8:49:37 GMT")]
    [InlineData("Sun, 06-Nov-1994 08:49:37 GMT")]
    [InlineData("Sun, 06 Nov\t1994 08:49:37 GMT")]
    [InlineData("Sun, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 06 Nov 94 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-9x 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 CET")]
    [InlineData("Sunday, 06-Nov-94-08:49:37 GMT")]
    [InlineData("Sunday, 06 Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov 94 08:49:37 GMT")]
    [InlineData("Sunday,-06-Nov-94 08:49:37 GMT")]
    [InlineData("Sunday, 32-Nov-94 08:49:37 GMT")]
    [InlineData("Someday, 06-Nov-94 08:49:37 GMT")]
    [InlineData(", 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov   08:49:37 1994xx")]
    [InlineData("Sun Nov  0 08:49:37 1994")]
    [InlineData("Sun Nov  x 08:49:37 1994")]
    [InlineData("Sun Nov 6  08:49:37 1994")]
    [InlineData("Sun Nov  6 08:49:37 +994")]
    [InlineData("Sun Nov  6-08:49:37 1994")]
    [InlineData("Sun Nov  6 08:49:37-1994")]
    [InlineData("Sun Nov- 6 08:49:37 1994")]
    [InlineData("Sun,Nov  6 08:49:37 1994")]
    [InlineData("1994-11-06T08:49:37.0000Z")]
    public void Anything_else_is_no_date(string text)
    {
        Assert.False(HttpDate.TryParse(Encoding.ASCII.GetBytes(text), Now, out var utc));
        Assert.Equal(default, utc);
    }

    [Theory]
    [InlineData("2026-06-15T12:00:00", "15-Jun-76 12:00:00", 2076)]
    [InlineData("2026-06-15T12:00:00", "15-Jun-76 12:00:01", 1976)]
    [InlineData("2026-06-15T12:00:00", "01-Jan-77 00:00:00", 1977)]
    [InlineData("2026-06-15T12:00:00", "31-Dec-75 23:59:59", 2075)]
    [InlineData("2026-06-15T12:00:00", "01-Jan-00 00:00:00", 2000)]
    [InlineData("2026-06-15T12:00:00", "01-Jan-99 00:00:00", 1999)]
    [InlineData("2090-06-15T12:00:00", "01-Jan-05 00:00:00", 2105)]
    [InlineData("2090-06-15T12:00:00", "01-Jan-41 00:00:00", 2041)]
    [InlineData("2090-06-15T12:00:00", "29-Feb-00 00:00:00", 2000)]
    [InlineData("9980-06-15T12:00:00", "01-Jan-99 00:00:00", 9999)]
    public void A_year_of_two_digits_is_at_most_50_years_ahead(string now, string text, int year)
    {
        var utcNow = DateTime.ParseExact(now, "s", CultureInfo.InvariantCulture);
        Assert.True(HttpDate.TryParse(Encoding.ASCII.GetBytes($"Monday, {text} GMT"), utcNow, out var utc));
        Assert.Equal(year, utc.Year);
    }

    [Fact]
    public void A_year_of_two_digits_before_the_calendar_is_no_date() =>
        Assert.False(HttpDate.TryParse("Monday, 01-Jan-99 00:00:00 GMT"u8, DateTime.MinValue, out _));

    [Fact]
    public void No_mutilation_of_a_date_throws()
    {
        var random = new Random(1);
        string[] dates = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"];
        foreach (var text in dates)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            for (var length = 0; length <= bytes.Length; length++)
                Assert.Equal(length == bytes.Length, HttpDate.TryParse(bytes.AsSpan(0, length), Now, out _));
            for (var i = 0; i < 2000; i++)
            {
                var broken = (byte[])bytes.Clone();
                broken[random.Next(bytes.Length)] = (byte)random.Next(256);
                broken[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (HttpDate.TryParse(broken, Now, out var utc)) Assert.Equal(DateTimeKind.Utc, utc.Kind);
            }
        }
    }

    [Fact]
    public void Imf_fixdate_is_written_whatever_the_culture()
    {
        var utc = new DateTime(1994, 11, 6, 8, 49, 37, 999, DateTimeKind.Utc);
        Span<byte> bytes = stackalloc byte[HttpDate.Length + 1];
        HttpDate.Format(utc, bytes);

        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", HttpDate.Format(utc));
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", Encoding.ASCII.GetString(bytes[..HttpDate.Length]));
        Assert.Equal(0, bytes[HttpDate.Length]);
    }

    [Fact]
    public void A_short_destination_is_refused() =>
        Assert.Throws<ArgumentException>(() => HttpDate.Format(Now, new byte[HttpDate.Length - 1]));
}
