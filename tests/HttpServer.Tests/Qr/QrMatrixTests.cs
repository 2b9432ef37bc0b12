using Http.Server.Qr;

namespace Http.Server.Tests.Qr;

public sealed class QrMatrixTests
{
    /// <summary>The example of clause 7.9: strength M with mask 5 is 100000011001110; and annex C's of L with mask 4.</summary>
    [Theory]
    [InlineData(true, 5, "100000011001110")]
    [InlineData(true, 0, "101010000010010")]
    [InlineData(false, 4, "110011000101111")]
    public void The_format_stands_at_two_places(bool isMedium, int mask, string bits)
    {
        var matrix = Make(new QrVersion(1, isMedium), mask);
        var size = matrix.Size;
        // The last bit first, as the standard numbers them.
        (int X, int Y)[] one = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8), (5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8)];
        (int X, int Y)[] other =
        [
            .. Enumerable.Range(1, 8).Select(at => (size - at, 8)), .. Enumerable.Range(0, 7).Select(at => (8, size - 7 + at)),
        ];
        Assert.Equal(bits, Read(matrix, one));
        Assert.Equal(bits, Read(matrix, other));
        Assert.True(matrix[8, size - 8]);
    }

    /// <summary>The example of clause 7.10.</summary>
    [Fact]
    public void The_version_stands_at_two_places()
    {
        var matrix = Make(new QrVersion(7, IsMedium: true), mask: 0);
        var places = Enumerable.Range(0, 18).Select(bit => (X: matrix.Size - 11 + (bit % 3), Y: bit / 3)).ToArray();
        Assert.Equal("000111110010010100", Read(matrix, places));
        Assert.Equal("000111110010010100", Read(matrix, [.. places.Select(static place => (place.Y, place.X))]));
    }

    [Fact]
    public void Finders_and_timing_are_in_their_places()
    {
        var matrix = Make(new QrVersion(2, IsMedium: true), mask: 3);
        foreach (var (x, y) in new[] { (0, 0), (matrix.Size - 7, 0), (0, matrix.Size - 7) })
        {
            Assert.Equal("1111111 1000001 1011101 1011101 1011101 1000001 1111111", string.Join(' ', Enumerable.Range(y, 7).Select(
                row => string.Concat(Enumerable.Range(x, 7).Select(column => matrix[column, row] ? '1' : '0')))));
        }

        Assert.All(Enumerable.Range(8, matrix.Size - 16), at => Assert.Equal((at % 2 == 0, at % 2 == 0), (matrix[at, 6], matrix[6, at])));
    }

    [Fact]
    public void The_mask_with_the_least_penalty_is_chosen()
    {
        var version = new QrVersion(3, IsMedium: true);
        var codewords = QrCodewords.Make(version, "http://192.168.178.20:8000/"u8);
        var penalties = Enumerable.Range(0, 8).Select(mask => QrPenalty.Of(Modules(QrMatrix.Make(version, codewords, mask)))).ToArray();
        Assert.True(penalties.Distinct().Count() > 1);
        Assert.Equal(penalties.Min(), penalties[QrMatrix.Make(version, codewords).Mask]);
    }

    private static QrMatrix Make(QrVersion version, int mask) => QrMatrix.Make(version, QrCodewords.Make(version, "x"u8), mask);

    private static string Read(QrMatrix matrix, (int X, int Y)[] places) => string.Concat(places.Reverse().Select(place => matrix[place.X, place.Y] ? '1' : '0'));

    private static bool[,] Modules(QrMatrix matrix)
    {
        var modules = new bool[matrix.Size, matrix.Size];
        for (var y = 0; y < matrix.Size; y++)
        {
            for (var x = 0; x < matrix.Size; x++)
                modules[x, y] = matrix[x, y];
        }

        return modules;
    }
}
