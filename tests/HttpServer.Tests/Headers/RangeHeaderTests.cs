using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class RangeHeaderTests
{
    private const string Ignored = nameof(RangeOutcome.Ignored);
    private const string Unsatisfiable = nameof(RangeOutcome.Unsatisfiable);

    [Theory]
    [InlineData("bytes=0-499", 10000, "0-499")]
    [InlineData("bytes=500-999", 10000, "500-999")]
    [InlineData("bytes=-500", 10000, "9500-9999")]
    [InlineData("bytes=9500-", 10000, "9500-9999")]
    [InlineData("bytes=0-0,-1", 10000, "0-0 9999-9999")]
    [InlineData("bytes= , 0-0 ,,\t5-6, ,", 10, "0-0 5-6")]
    [InlineData("BYTES=0-0", 10, "0-0")]
    [InlineData("bytes=0-", 10, "0-9")]
    [InlineData("bytes=00-007", 10, "0-7")]
    [InlineData("bytes=500-700,601-999", 10000, "500-700 601-999")]
    [InlineData("bytes=-1,0-0", 10, "9-9 0-0")]
    [InlineData("bytes=5000000000-5000000001", 6000000000, "5000000000-5000000001")]
    [InlineData("bytes=0000000000000000000000000000005-6", 10, "5-6")]
    public void Ranges_are_read_in_the_order_asked_for(string value, long length, string expected) =>
        Assert.Equal(expected, Parse(value, length));

    [Theory]
    [InlineData("bytes=0-10", 10, "0-9")]
    [InlineData("bytes=9-9999", 10, "9-9")]
    [InlineData("bytes=2-9223372036854775807", 10, "2-9")]
    [InlineData("bytes=2-9223372036854775808", 10, "2-9")]
    [InlineData("bytes=2-99999999999999999999999999", 10, "2-9")]
    [InlineData("bytes=0-18446744073709551616", 10, "0-9")]
    [InlineData("bytes=0-", long.MaxValue, "0-9223372036854775806")]
    public void A_range_past_the_end_is_clamped(string value, long length, string expected) =>
        Assert.Equal(expected, Parse(value, length));

    [Theory]
    [InlineData("bytes=-10", "0-9")]
    [InlineData("bytes=-11", "0-9")]
    [InlineData("bytes=-99999999999999999999999999", "0-9")]
    public void A_suffix_longer_than_the_representation_is_all_of_it(string value, string expected) =>
        Assert.Equal(expected, Parse(value, 10));

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-10")]
    [InlineData("bytes=10-20,30-40,-0")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=-000")]
    [InlineData("bytes=9223372036854775807-")]
    [InlineData("bytes=9223372036854775808-")]
    [InlineData("bytes=18446744073709551616-18446744073709551617")]
    [InlineData("bytes=99999999999999999999999999-")]
    public void No_byte_of_the_representation_is_unsatisfiable(string value) => Assert.Equal(Unsatisfiable, Parse(value, 10));

    [Theory]
    [InlineData("bytes=10-,2-3,-0,50-60", "2-3")]
    [InlineData("bytes=99999999999999999999999999-,-1", "9-9")]
    public void Unsatisfiable_ranges_among_others_are_dropped(string value, string expected) =>
        Assert.Equal(expected, Parse(value, 10));

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=0-,0-")]
    [InlineData("bytes=0-99999999999999999999999999")]
    [InlineData("bytes=5-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=-1")]
    [InlineData("bytes=0-0,-1")]
    [InlineData("bytes=x")]
    public void An_empty_representation_has_no_range(string value) => Assert.Equal(Ignored, Parse(value, 0));

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=,")]
    [InlineData("bytes= ,\t, ")]
    [InlineData("bytes=-")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=1--2")]
    [InlineData("bytes=1-2-3")]
    [InlineData("bytes=5")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=0-1,5-4")]
    [InlineData("bytes=99999999999999999999999999-5")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1-+2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=1.0-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=1 - 2")]
    [InlineData("bytes=1- 2")]
    [InlineData("bytes=1 2-3")]
    [InlineData("bytes= 0-1")]
    [InlineData("bytes =0-1")]
    [InlineData("bytes:0-1")]
    [InlineData("bytes 0-1/10")]
    [InlineData("bytes=0-1;2-3")]
    [InlineData("bytes=0-1,x")]
    [InlineData("bytes=0-1,x=2-3")]
    [InlineData("bytes=\u0662-3")]
    [InlineData("bytes=\0")]
    [InlineData("byte=0-1")]
    [InlineData("bytesx=0-1")]
    [InlineData("items=0-1")]
    [InlineData("seconds=1-2")]
    public void A_malformed_value_or_another_unit_is_ignored(string value) => Assert.Equal(Ignored, Parse(value, 10));

    [Theory]
    [InlineData("bytes=0-10,5-15", "0-10 5-15")]
    [InlineData("bytes=0-,0-", "0-9999 0-9999")]
    [InlineData("bytes=0-10,5-15,12-20", Ignored)]
    [InlineData("bytes=0-,0-,0-", Ignored)]
    [InlineData("bytes=0-10,5-15,100-110,105-115", Ignored)]
    [InlineData("bytes=0-10,10-20", "0-10 10-20")]
    [InlineData("bytes=0-10,10-20,20-30", Ignored)]
    [InlineData("bytes=0-9,10-19,20-29", "0-9 10-19 20-29")]
    [InlineData("bytes=-5,9990-,9998-", Ignored)]
    public void More_than_two_overlapping_ranges_are_ignored(string value, string expected) =>
        Assert.Equal(expected, Parse(value, 10000));

    [Theory]
    [InlineData("bytes=0-0,2-2,4-4,6-6,8-8", "0-0 2-2 4-4 6-6 8-8")]
    [InlineData("bytes=8-8,6-6,4-4,2-2", "8-8 6-6 4-4 2-2")]
    [InlineData("bytes=8-8,6-6,4-4,2-2,0-0", Ignored)]
    [InlineData("bytes=0-0,2-2,4-4,8-8,6-6", Ignored)]
    [InlineData("bytes=8000-9023,6000-7023,4000-5023,2000-3023,0-1023", "8000-9023 6000-7023 4000-5023 2000-3023 0-1023")]
    public void Many_tiny_ranges_out_of_order_are_ignored(string value, string expected) =>
        Assert.Equal(expected, Parse(value, 10000));

    [Fact]
    public void More_ranges_than_the_limit_are_ignored()
    {
        var most = Enumerable.Range(0, RangeHeader.MaxRanges).Select(i => $"{2 * i}-{2 * i}").ToArray();

        Assert.Equal(string.Join(' ', most), Parse("bytes=" + string.Join(',', most), 10000));
        Assert.Equal(Ignored, Parse("bytes=" + string.Join(',', [.. most, "100-100"]), 10000));
        Assert.Equal(Ignored, Parse("bytes=" + string.Join(',', [.. most, "20000-"]), 10000));
    }

    [Theory]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=0-0,x")]
    [InlineData("bytes=100-")]
    [InlineData("nonsense")]
    public void Ranges_of_an_earlier_request_are_removed(string value)
    {
        var stale = new ByteRange(7, 7);
        var ranges = new List<ByteRange> { stale };
        RangeHeader.Parse(Encoding.Latin1.GetBytes(value), 10, ranges);
        Assert.DoesNotContain(stale, ranges);
    }

    // The ranges when satisfiable, else the outcome; a list that should be empty and is not shows in the text.
    private static string Parse(string value, long length)
    {
        var ranges = new List<ByteRange>();
        var outcome = RangeHeader.Parse(Encoding.Latin1.GetBytes(value), length, ranges);
        var text = string.Join(' ', ranges.Select(range => $"{range.Start}-{range.End}"));
        return outcome == RangeOutcome.Satisfiable ? text : outcome + text;
    }
}
