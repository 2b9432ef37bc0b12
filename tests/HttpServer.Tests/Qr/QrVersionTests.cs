using Http.Server.Qr;

namespace Http.Server.Tests.Qr;

/// <summary>The figures of ISO/IEC 18004.</summary>
public sealed class QrVersionTests
{
    /// <summary>Table 7: bytes that fit.</summary>
    [Theory]
    [InlineData(1, 17, 14)]
    [InlineData(2, 32, 26)]
    [InlineData(3, 53, 42)]
    [InlineData(4, 78, 62)]
    [InlineData(5, 106, 84)]
    [InlineData(6, 134, 106)]
    [InlineData(7, 154, 122)]
    [InlineData(8, 192, 152)]
    [InlineData(9, 230, 180)]
    [InlineData(10, 271, 213)]
    [InlineData(14, 458, 362)]
    [InlineData(20, 858, 666)]
    [InlineData(27, 1465, 1125)]
    [InlineData(32, 1952, 1538)]
    [InlineData(40, 2953, 2331)]
    public void Bytes_fit_as_the_standard_says(int number, int low, int medium)
    {
        Assert.Equal((low, medium), (new QrVersion(number, IsMedium: false).Capacity, new QrVersion(number, IsMedium: true).Capacity));
    }

    /// <summary>Table 1: all codewords.</summary>
    [Theory]
    [InlineData(1, 26)]
    [InlineData(2, 44)]
    [InlineData(6, 172)]
    [InlineData(7, 196)]
    [InlineData(13, 532)]
    [InlineData(14, 581)]
    [InlineData(21, 1156)]
    [InlineData(40, 3706)]
    public void Codewords_are_as_many_as_the_standard_says(int number, int codewords) => Assert.Equal(codewords, new QrVersion(number, IsMedium: true).Codewords);

    /// <summary>Annex E.</summary>
    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "6 18")]
    [InlineData(6, "6 34")]
    [InlineData(7, "6 22 38")]
    [InlineData(14, "6 26 46 66")]
    [InlineData(15, "6 26 48 70")]
    [InlineData(22, "6 26 50 74 98")]
    [InlineData(32, "6 34 60 86 112 138")]
    [InlineData(36, "6 24 50 76 102 128 154")]
    [InlineData(39, "6 26 54 82 110 138 166")]
    [InlineData(40, "6 30 58 86 114 142 170")]
    public void Alignment_patterns_are_where_the_standard_has_them(int number, string centers) =>
        Assert.Equal(centers, string.Join(' ', new QrVersion(number, IsMedium: true).AlignmentCenters));

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(14, 1, true)]
    [InlineData(15, 1, false)]
    [InlineData(17, 1, false)]
    [InlineData(18, 2, true)]
    [InlineData(27, 2, false)]
    [InlineData(2953, 40, false)]
    public void The_smallest_is_taken_and_the_stronger_of_its_two(int bytes, int number, bool isMedium) =>
        Assert.Equal(new QrVersion(number, isMedium), QrVersion.FindSmallest(bytes));

    [Fact]
    public void More_than_the_largest_holds_has_none() => Assert.Null(QrVersion.FindSmallest(QrVersion.MostBytes + 1));
}
