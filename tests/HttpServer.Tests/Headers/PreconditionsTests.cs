using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class PreconditionsTests
{
    private const string Proceed = nameof(PreconditionOutcome.Proceed);
    private const string NotModified = nameof(PreconditionOutcome.NotModified);
    private const string Failed = nameof(PreconditionOutcome.Failed);

    private const string Before = "Fri, 01 May 2026 09:59:59 GMT";
    private const string Same = "Fri, 01 May 2026 10:00:00 GMT";
    private const string SameInRfc850 = "Friday, 01-May-26 10:00:00 GMT";
    private const string SameInAsctime = "Fri May  1 10:00:00 2026";
    private const string After = "Fri, 01 May 2026 10:00:01 GMT";
    private const string Future = "Sat, 01 May 2077 10:00:00 GMT";

    private static readonly DateTime Modified = new DateTime(2026, 5, 1, 10, 0, 0, DateTimeKind.Utc).AddTicks(9_999_999);
    private static readonly DateTime Now = new(2026, 6, 15, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(null, Proceed)]
    [InlineData("*", Proceed)]
    [InlineData("\"now\"", Proceed)]
    [InlineData("\"old\", \"now\"", Proceed)]
    [InlineData("\"old\"", Failed)]
    [InlineData("W/\"now\"", Failed)]
    [InlineData("", Failed)]
    [InlineData("now", Proceed)]
    [InlineData("\"old\", now", Proceed)]
    public void If_match_compares_strongly(string? ifMatch, string expected)
    {
        Assert.Equal(expected, Evaluate(isGetOrHead: true, ifMatch: ifMatch));
        Assert.Equal(expected, Evaluate(isGetOrHead: false, ifMatch: ifMatch));
    }

    [Theory]
    [InlineData(null, Proceed, Proceed)]
    [InlineData("*", NotModified, Failed)]
    [InlineData("\"now\"", NotModified, Failed)]
    [InlineData("W/\"now\"", NotModified, Failed)]
    [InlineData("\"old\",\"now\"", NotModified, Failed)]
    [InlineData("\"old\"", Proceed, Proceed)]
    [InlineData("", Proceed, Proceed)]
    [InlineData("\"now\", oops", Proceed, Proceed)]
    public void If_none_match_compares_weakly(string? ifNoneMatch, string get, string put)
    {
        Assert.Equal(get, Evaluate(isGetOrHead: true, ifNoneMatch: ifNoneMatch));
        Assert.Equal(put, Evaluate(isGetOrHead: false, ifNoneMatch: ifNoneMatch));
    }

    [Theory]
    [InlineData(Before, Proceed)]
    [InlineData(Same, NotModified)]
    [InlineData(SameInRfc850, NotModified)]
    [InlineData(SameInAsctime, NotModified)]
    [InlineData(After, NotModified)]
    [InlineData(Future, NotModified)]
    [InlineData("", Proceed)]
    [InlineData("yesterday", Proceed)]
    [InlineData(Same + ", " + Same, Proceed)]
    [InlineData(Same + "; length=5", Proceed)]
    public void If_modified_since_is_for_get_and_head_alone(string value, string get)
    {
        Assert.Equal(get, Evaluate(isGetOrHead: true, ifModifiedSince: value));
        Assert.Equal(Proceed, Evaluate(isGetOrHead: false, ifModifiedSince: value));
    }

    [Theory]
    [InlineData(Before, Failed)]
    [InlineData(Same, Proceed)]
    [InlineData(SameInAsctime, Proceed)]
    [InlineData(After, Proceed)]
    [InlineData(Future, Proceed)]
    [InlineData("", Proceed)]
    [InlineData("yesterday", Proceed)]
    public void If_unmodified_since_fails_after_a_change(string value, string expected)
    {
        Assert.Equal(expected, Evaluate(isGetOrHead: true, ifUnmodifiedSince: value));
        Assert.Equal(expected, Evaluate(isGetOrHead: false, ifUnmodifiedSince: value));
    }

    [Theory]
    [InlineData("\"now\"", Proceed)]
    [InlineData("\"old\"", Failed)]
    [InlineData("malformed", Proceed)]
    public void If_unmodified_since_is_ignored_beside_if_match(string ifMatch, string expected) =>
        Assert.Equal(expected, Evaluate(isGetOrHead: true, ifMatch: ifMatch, ifUnmodifiedSince: Before));

    [Theory]
    [InlineData("\"old\"", After, Proceed)]
    [InlineData("", After, Proceed)]
    [InlineData("malformed", After, Proceed)]
    [InlineData("\"now\"", Before, NotModified)]
    public void If_modified_since_is_ignored_beside_if_none_match(string ifNoneMatch, string date, string expected) =>
        Assert.Equal(expected, Evaluate(isGetOrHead: true, ifNoneMatch: ifNoneMatch, ifModifiedSince: date));

    [Fact]
    public void What_guards_a_change_comes_before_what_saves_a_transfer()
    {
        Assert.Equal(Failed, Evaluate(isGetOrHead: true, ifMatch: "\"old\"", ifNoneMatch: "\"now\""));
        Assert.Equal(NotModified, Evaluate(isGetOrHead: true, ifMatch: "\"now\"", ifNoneMatch: "\"now\""));
        Assert.Equal(Failed, Evaluate(isGetOrHead: true, ifUnmodifiedSince: Before, ifNoneMatch: "\"now\""));
        Assert.Equal(NotModified, Evaluate(isGetOrHead: true, ifUnmodifiedSince: Same, ifModifiedSince: Same));
        Assert.Equal(NotModified, Evaluate(isGetOrHead: true, ifMatch: "*", ifModifiedSince: Same));
    }

    [Fact]
    public void Without_validators_only_the_star_has_an_effect()
    {
        Assert.Equal(Failed, Bare(new ConditionalHeaders { IfMatch = "\"now\""u8 }));
        Assert.Equal(Proceed, Bare(new ConditionalHeaders { IfMatch = "*"u8 }));
        Assert.Equal(Proceed, Bare(new ConditionalHeaders { IfNoneMatch = "\"now\""u8 }));
        Assert.Equal(NotModified, Bare(new ConditionalHeaders { IfNoneMatch = "*"u8 }));
        Assert.Equal(Proceed, Bare(new ConditionalHeaders { IfModifiedSince = Encoding.ASCII.GetBytes(Same) }));
        Assert.Equal(Proceed, Bare(new ConditionalHeaders { IfUnmodifiedSince = Encoding.ASCII.GetBytes(Same) }));

        static string Bare(in ConditionalHeaders headers) =>
            Preconditions.Evaluate(headers, [], default, Now, isGetOrHead: true).ToString();
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("\"now\"", true)]
    [InlineData("\"old\"", false)]
    [InlineData("W/\"now\"", false)]
    [InlineData(Same, true)]
    [InlineData(SameInRfc850, true)]
    [InlineData(SameInAsctime, true)]
    [InlineData(Before, false)]
    [InlineData(After, false)]
    [InlineData("", false)]
    [InlineData("*", false)]
    [InlineData("now", false)]
    [InlineData("\"now\", \"old\"", false)]
    public void If_range_holds_for_exactly_the_current_validator(string? value, bool expected)
    {
        var headers = new ConditionalHeaders { HasIfRange = value is not null, IfRange = Bytes(value) };
        Assert.Equal(expected, Preconditions.RangeHolds(headers, "\"now\""u8, Modified, Now));
    }

    [Fact]
    public void A_weak_tag_never_holds_for_if_range()
    {
        Assert.False(Preconditions.RangeHolds(new ConditionalHeaders { IfRange = "W/\"1\""u8 }, "W/\"1\""u8, Modified, Now));
        Assert.False(Preconditions.RangeHolds(new ConditionalHeaders { IfRange = "\"1\""u8 }, "W/\"1\""u8, Modified, Now));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    [InlineData(60000, true)]
    public void A_date_younger_than_a_second_does_not_hold_for_if_range(int ageInMilliseconds, bool expected)
    {
        var headers = new ConditionalHeaders { IfRange = Encoding.ASCII.GetBytes(Same) };
        Assert.Equal(expected, Preconditions.RangeHolds(headers, [], Modified, Modified.AddMilliseconds(ageInMilliseconds)));
    }

    [Fact]
    public void A_representation_without_a_date_does_not_hold_for_a_date() =>
        Assert.False(Preconditions.RangeHolds(
            new ConditionalHeaders { IfRange = "Mon, 01 Jan 0001 00:00:00 GMT"u8 }, [], default, Now));

    private static string Evaluate(
        bool isGetOrHead,
        string? ifMatch = null,
        string? ifNoneMatch = null,
        string? ifModifiedSince = null,
        string? ifUnmodifiedSince = null)
    {
        var headers = new ConditionalHeaders
        {
            HasIfMatch = ifMatch is not null,
            IfMatch = Bytes(ifMatch),
            HasIfNoneMatch = ifNoneMatch is not null,
            IfNoneMatch = Bytes(ifNoneMatch),
            HasIfModifiedSince = ifModifiedSince is not null,
            IfModifiedSince = Bytes(ifModifiedSince),
            HasIfUnmodifiedSince = ifUnmodifiedSince is not null,
            IfUnmodifiedSince = Bytes(ifUnmodifiedSince),
        };
        return Preconditions.Evaluate(headers, "\"now\""u8, Modified, Now, isGetOrHead).ToString();
    }

    private static byte[] Bytes(string? value) => Encoding.Latin1.GetBytes(value ?? "");
}
