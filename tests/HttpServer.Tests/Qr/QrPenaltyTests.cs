using Http.Server.Qr;

namespace Http.Server.Tests.Qr;

/// <summary>Clause 7.8.3 of the standard.</summary>
public sealed class QrPenaltyTests
{
    [Theory]
    [InlineData("10101010", 0)]
    [InlineData("11110000", 0)]
    [InlineData("0111110", 3)]
    [InlineData("01111110", 4)]
    [InlineData("1111111000001", 8)]
    [InlineData("00001011101", 40)]
    [InlineData("10111010000", 40)]
    [InlineData("111011101111", 0)]
    [InlineData("110101110111", 0)]
    [InlineData("1110111010000111", 40)]
    [InlineData("1011101", 40)]
    public void Runs_and_false_finders_of_a_line_count(string line, int penalty) =>
        Assert.Equal(penalty, QrPenalty.OfLine([.. line.Select(static letter => letter == '1')]));

    [Theory]
    [InlineData("10 01", 0)]
    [InlineData("11 11", 3 + 100)]
    [InlineData("111 110 000", 3 + 10)]
    [InlineData("11 10", 50)]
    public void Squares_and_imbalance_of_a_code_count(string rows, int penalty)
    {
        var lines = rows.Split(' ');
        var modules = new bool[lines.Length, lines.Length];
        for (var y = 0; y < lines.Length; y++)
        {
            for (var x = 0; x < lines.Length; x++)
                modules[x, y] = lines[y][x] == '1';
        }

        Assert.Equal(penalty, QrPenalty.Of(modules));
    }
}
