using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class AcceptedCodingsTests
{
    [Theory]
    [InlineData("gzip", 1000, 0, 0)]
    [InlineData("gzip, deflate, br, zstd", 1000, 1000, 1000)]
    [InlineData("GZip , BR", 1000, 0, 1000)]
    [InlineData("x-gzip", 1000, 0, 0)]
    [InlineData("br;q=0.9,gzip;q=0.25,zstd;q=0.001", 250, 1, 900)]
    [InlineData("br ; q=0.9 , gzip\t;\tQ=1.000", 1000, 0, 900)]
    [InlineData("gzip;q=0", 0, 0, 0)]
    [InlineData("gzip;q=0.000", 0, 0, 0)]
    [InlineData("*", 1000, 1000, 1000)]
    [InlineData("*;q=0.5, br;q=0", 500, 500, 0)]
    [InlineData("br, *;q=0", 0, 0, 1000)]
    [InlineData("identity", 0, 0, 0)]
    [InlineData("deflate, compress", 0, 0, 0)]
    [InlineData("", 0, 0, 0)]
    [InlineData(",, gzip,,", 1000, 0, 0)]
    [InlineData("gzip;q=1.", 1000, 0, 0)]
    public void Weights_are_read(string value, int gzip, int zstandard, int brotli)
    {
        var accepted = Read(value);
        Assert.True(accepted.IsPresent);
        Assert.Equal((gzip, zstandard, brotli), (accepted.WeightOf(ContentCoding.Gzip), accepted.WeightOf(ContentCoding.Zstandard), accepted.WeightOf(ContentCoding.Brotli)));
    }

    [Theory]
    [InlineData("gzip;q=2")]
    [InlineData("gzip;q=1.001")]
    [InlineData("gzip;q=0.1234")]
    [InlineData("gzip;q=-1")]
    [InlineData("gzip;q=")]
    [InlineData("gzip;q")]
    [InlineData("gzip;q=a")]
    [InlineData("gzip;q=.5")]
    [InlineData("gzip;q = 0.5")]
    [InlineData("gzip;q=00")]
    [InlineData("gzip;level=9")]
    [InlineData("gzip;q=1;q=1")]
    [InlineData("gzip;;")]
    [InlineData("gz ip")]
    [InlineData("\"gzip\"")]
    [InlineData("gzip=1")]
    [InlineData("xgzip")]
    public void What_is_malformed_is_ignored_and_its_neighbours_are_not(string element)
    {
        Assert.Equal(0, Read(element).WeightOf(ContentCoding.Gzip));
        Assert.False(Read(element).RefusesIdentity);
        Assert.Equal((0, 700), (Read($"{element}, br;q=0.7").WeightOf(ContentCoding.Gzip), Read($"{element}, br;q=0.7").WeightOf(ContentCoding.Brotli)));
    }

    [Theory]
    [InlineData("identity;q=0", true)]
    [InlineData("*;q=0", true)]
    [InlineData("gzip, *;q=0", true)]
    [InlineData("*;q=0, identity;q=0.1", false)]
    [InlineData("identity, *;q=0", false)]
    [InlineData("*", false)]
    [InlineData("gzip", false)]
    [InlineData("gzip;q=0", false)]
    [InlineData("", false)]
    public void Content_as_it_is_can_be_refused(string value, bool isRefused) => Assert.Equal(isRefused, Read(value).RefusesIdentity);

    [Theory]
    [InlineData("gzip, identity;q=0.5", 500)]
    [InlineData("gzip;q=0.5, *", 1000)]
    [InlineData("gzip", 0)]
    public void Content_as_it_is_has_a_weight_where_it_is_named(string value, int weight) => Assert.Equal(weight, Read(value).WeightOf(ContentCoding.Identity));

    [Fact]
    public void Several_fields_are_one_list_and_no_field_is_none()
    {
        var accepted = Read("br;q=0.3", "gzip;q=0.6");
        Assert.Equal((600, 300), (accepted.WeightOf(ContentCoding.Gzip), accepted.WeightOf(ContentCoding.Brotli)));
        Assert.False(Read().IsPresent);
        Assert.False(Read().RefusesIdentity);
    }

    [Fact]
    public void A_refusal_is_obeyed_though_the_coding_is_named_twice()
    {
        Assert.Equal(0, Read("gzip;q=0, x-gzip").WeightOf(ContentCoding.Gzip));
        Assert.Equal(0, Read("gzip", "gzip;q=0").WeightOf(ContentCoding.Gzip));
    }

    [Theory]
    [InlineData("gzip, br", ContentCoding.Brotli)]
    [InlineData("gzip, br;q=0.9", ContentCoding.Gzip)]
    [InlineData("gzip;q=0.1", ContentCoding.Gzip)]
    [InlineData("zstd", ContentCoding.Identity)]
    internal void The_better_of_two_is_preferred(string value, ContentCoding expected) =>
        Assert.Equal(expected, Read(value).Prefer(ContentCoding.Brotli, ContentCoding.Gzip));

    private static AcceptedCodings Read(params string[] values)
    {
        var accepted = new AcceptedCodings();
        foreach (var value in values)
            accepted.Add(Encoding.Latin1.GetBytes(value));
        return accepted;
    }
}
