using Http.Server.Qr;

namespace Http.Server.Tests.Qr;

public sealed class QrCodewordsTests
{
    [Fact]
    public void Data_has_mode_count_bytes_end_and_padding() => Assert.Equal(
        "4026869 0EC11EC11EC11EC11EC11EC11".Replace(" ", "", StringComparison.Ordinal),
        Convert.ToHexString(QrCodewords.MakeData(new QrVersion(1, IsMedium: true), "hi"u8)));

    [Fact]
    public void Full_data_has_no_end_but_what_is_left_of_it()
    {
        var data = QrCodewords.MakeData(new QrVersion(1, IsMedium: true), "12345678901234"u8);
        Assert.Equal("40E31323334353637383930313233340", Convert.ToHexString(data));
    }

    [Fact]
    public void From_version_10_on_the_count_has_16_bits() =>
        Assert.StartsWith("40002686", Convert.ToHexString(QrCodewords.MakeData(new QrVersion(10, IsMedium: true), "hi"u8)));

    /// <summary>Version 5-M has two blocks of 43 codewords, version 8-M two of 38 and two of 39.</summary>
    [Theory]
    [InlineData(5, "0 43 1 44", "42 85")]
    [InlineData(8, "0 38 76 115 1 39 77 116", "37 75 113 152 114 153")]
    public void Blocks_take_turns_and_longer_ones_end_last(int number, string start, string end)
    {
        var version = new QrVersion(number, IsMedium: true);
        var result = QrCodewords.Interleave(version, [.. Enumerable.Range(0, version.DataCodewords).Select(static value => (byte)value)]);
        Assert.StartsWith(start, string.Join(' ', result));
        Assert.EndsWith(end, string.Join(' ', result[..version.DataCodewords]));
        Assert.Equal(version.Codewords, result.Length);
    }
}
