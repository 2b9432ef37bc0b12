using System.Globalization;
using System.Text;
using Http.Server.Qr;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

public sealed class QrCodeTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>A reader that knows nothing of this code reads each size, in both strengths, full to the last byte and hardly filled.</summary>
    [Fact]
    public async Task Zbar_reads_every_size()
    {
        var reader = Tool.Require("zbarimg", "zbar-tools");
        var expected = new List<string>();
        for (var number = 1; number <= 40; number++)
        {
            foreach (var isMedium in new[] { false, true })
            {
                var version = new QrVersion(number, isMedium);
                foreach (var length in new[] { 5, version.Capacity })
                {
                    var text = string.Create(CultureInfo.InvariantCulture, $"{number:00}{(isMedium ? 'M' : 'L')}{new string('x', length - 3)}");
                    var matrix = QrMatrix.Make(version, QrCodewords.Make(version, Encoding.UTF8.GetBytes(text)));
                    Draw($"{expected.Count:000}.pbm", matrix.Size, (x, y) => matrix[x, y]);
                    expected.Add(text);
                }
            }
        }

        Assert.Equal(expected, await ReadAsync(reader));
    }

    [Fact]
    public async Task Zbar_reads_every_mask()
    {
        var reader = Tool.Require("zbarimg", "zbar-tools");
        var version = new QrVersion(2, IsMedium: true);
        for (var mask = 0; mask < 8; mask++)
        {
            var matrix = QrMatrix.Make(version, QrCodewords.Make(version, Encoding.UTF8.GetBytes($"mask {mask}")), mask);
            Draw($"{mask}.pbm", matrix.Size, (x, y) => matrix[x, y]);
        }

        Assert.Equal(Enumerable.Range(0, 8).Select(static mask => $"mask {mask}"), await ReadAsync(reader));
    }

    [Theory]
    [InlineData("http://192.168.178.20:8000/", false)]
    [InlineData("https://[2001:db8:1234:5678:9abc:def0:1234:5678]:65535/", true)]
    [InlineData("http://example.test/grüße/文", true)]
    public async Task Zbar_reads_what_is_shown_at_a_terminal(string text, bool color)
    {
        var reader = Tool.Require("zbarimg", "zbar-tools");
        var lines = Lines(QrCode.FromText(text).ToText(color));
        Draw("code.pbm", lines[0].Length, (x, y) => (y % 2 == 0 ? "\u2588\u2580" : "\u2588\u2584").Contains(lines[y / 2][x]), rows: 2 * lines.Length);
        Assert.Equal([text], await ReadAsync(reader));
    }

    [Fact]
    public void A_quiet_zone_of_four_modules_is_around_it()
    {
        var code = QrCode.FromText("http://localhost:8000/");
        var lines = Lines(code.ToText(color: false));
        Assert.All(lines, line => Assert.Equal((code.Size + 8, "    ", "    "), (line.Length, line[..4], line[^4..])));
        Assert.All(lines[..2].Concat(lines[^2..]), line => Assert.Equal("", line.Trim()));
        Assert.Equal((code.Size + 8 + 1) / 2, lines.Length);
    }

    [Fact]
    public void With_colour_each_line_is_black_on_white_and_ends_so()
    {
        var lines = QrCode.FromText("x").ToText(color: true).Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches("^\e\\[38;5;16;48;5;231m[ \u2580\u2584\u2588]{29}\e\\[0m$", line));
        Assert.DoesNotContain('\e', QrCode.FromText("x").ToText(color: false));
    }

    [Fact]
    public void Modules_are_told_and_those_outside_are_light()
    {
        var code = QrCode.FromText("x");
        Assert.Equal(21, code.Size);
        Assert.True(code[0, 0] && code[20, 0] && code[0, 20]);
        Assert.False(code[1, 1] || code[-1, 0] || code[0, -1] || code[21, 0] || code[0, 21]);
    }

    [Fact]
    public void A_text_that_is_too_long_is_an_error_that_tells_the_limit()
    {
        Assert.Equal(177, QrCode.FromText(new string('x', 2953)).Size);
        Assert.Contains("at most 2953 bytes, not 2954", Assert.Throws<ArgumentException>(() => QrCode.FromText(new string('x', 2954))).Message);
        Assert.Throws<ArgumentNullException>(() => QrCode.FromText(null!));
        Assert.Equal(21, QrCode.FromText("").Size);
    }

    private static string[] Lines(string text) => [.. text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.Replace("\e[38;5;16;48;5;231m", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal))];

    /// <summary>A picture of three dots for each module, with a border.</summary>
    private void Draw(string name, int size, Func<int, int, bool> isDark, int? rows = null)
    {
        const int Border = 4;
        const int Scale = 3;
        var (width, height) = (size + (2 * Border), (rows ?? size) + (2 * Border));
        var picture = new StringBuilder().Append(CultureInfo.InvariantCulture, $"P1 {width * Scale} {height * Scale}\n");
        for (var y = 0; y < height * Scale; y++)
        {
            for (var x = 0; x < width * Scale; x++)
            {
                var (column, row) = ((x / Scale) - Border, (y / Scale) - Border);
                picture.Append(column >= 0 && row >= 0 && column < size && row < (rows ?? size) && isDark(column, row) ? "1 " : "0 ");
            }

            picture.Append('\n');
        }

        _directory.Write(name, picture.ToString());
    }

    private async Task<string[]> ReadAsync(string reader)
    {
        var (_, output, errors) = await Tool.RunAsync(reader, ["--quiet", "--raw", .. Directory.GetFiles(_directory.Path, "*.pbm").Order(StringComparer.Ordinal)]);
        return output.Length > 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException(errors);
    }
}
