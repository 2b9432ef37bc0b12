using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("99999", "The port is a number from 0 to 65535, not '99999'.")]
    [InlineData("abc", "The port is a number from 0 to 65535, not 'abc'.")]
    [InlineData("-1", "The port is a number from 0 to 65535, not '-1'.")]
    [InlineData("+80", "The port is a number from 0 to 65535, not '+80'.")]
    [InlineData("0x50", "The port is a number from 0 to 65535, not '0x50'.")]
    [InlineData("99999999999999999999", "The port is a number from 0 to 65535, not '99999999999999999999'.")]
    [InlineData("/", "A directory is given with --directory /.")]
    [InlineData("0|9000", "'9000' is one argument too many")]
    [InlineData("--frobnicate", "There is no option --frobnicate.")]
    [InlineData("0|-x", "There is no option -x.")]
    [InlineData("--dir|site", "There is no option --dir; did you mean --directory?")]
    [InlineData("--directroy=site", "There is no option --directroy; did you mean --directory?")]
    [InlineData("--port|9000", "There is no option --port: the port stands by itself")]
    [InlineData("-p|HTTP/2", "--protocol takes HTTP/1.0 or HTTP/1.1, not 'HTTP/2'.")]
    [InlineData("-p|8000", "The port stands by itself, as in 'httpserver 8000'.")]
    [InlineData("-p", "-p needs a value: -p HTTP/1.0|HTTP/1.1.")]
    [InlineData("--bind", "--bind needs a value: --bind ADDRESS.")]
    [InlineData("0|-d", "-d needs a value: -d DIR.")]
    [InlineData("-d|", "The value of --directory is empty.")]
    [InlineData("-d|a|-d|b", "--directory can be given only once.")]
    [InlineData("--log", "--log needs a value: --log FILE.")]
    [InlineData("--log|", "The value of --log is empty.")]
    [InlineData("--log-format", "--log-format needs a value: --log-format common|combined|json.")]
    [InlineData("--log-format|xml", "--log-format takes common, combined or json, not 'xml'.")]
    [InlineData("--trailing-slash|maybe", "--trailing-slash takes auto, always or never, not 'maybe'.")]
    [InlineData("--compression|fast", "--compression takes on, precompressed or off, not 'fast'.")]
    [InlineData("--symlinks|maybe", "--symlinks takes inside, follow or refuse, not 'maybe'.")]
    [InlineData("--content-type", "--content-type needs a value: --content-type TYPE.")]
    [InlineData("--content-type|text", "--content-type takes a media type such as text/plain, not 'text'.")]
    [InlineData("--content-type|text/plain\r\nX: y", "--content-type takes a media type such as text/plain, not 'text/plain\\x0d\\x0aX: y'.")]
    [InlineData("0|--quiet=maybe", "'maybe' is one argument too many")]
    [InlineData("-H", "-H needs a value: -H NAME VALUE.")]
    [InlineData("-H|X-A", "-H takes a name and a value: -H X-A VALUE.")]
    [InlineData("-H|X-A: b", "-H takes the name and the value apart and without a colon: -H X-A VALUE.")]
    [InlineData("-H|X-A|b\r\nX-B: c", "-H: the value of X-A has a character that a header cannot hold: 'b\\x0d\\x0aX-B: c'.")]
    [InlineData("-H|X-A|b\nc", "-H: the value of X-A has a character that a header cannot hold: 'b\\x0ac'.")]
    [InlineData("--header|X-A\r\nX-B|c", "-H: 'X-A\\x0d\\x0aX-B' is no header name")]
    [InlineData("-H||v", "-H: '' is no header name")]
    [InlineData("-H|X A|v", "-H: 'X A' is no header name")]
    [InlineData("-H|Content-Length|5", "-H: Content-Length belongs to the server")]
    [InlineData("-H|transfer-encoding|chunked", "-H: transfer-encoding belongs to the server")]
    [InlineData("-H|Connection|close", "-H: Connection belongs to the server")]
    [InlineData("8\u001b[31m", "not '8\\x1b[31m'.")]
    [InlineData("@names", "The port is a number from 0 to 65535, not '@names'.")]
    public async Task A_wrong_command_line_ends_with_2_and_one_line_that_says_what_is_wrong(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(arguments.Split('|'));
        Assert.Equal(2, result.ExitCode);
        var line = Assert.Single(result.ErrorLines);
        Assert.StartsWith("httpserver: ", line);
        Assert.Contains(problem, line);
        Assert.EndsWith("Try 'httpserver --help'.", line);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Empty(result.Output);
    }

    /// <summary>The parser gets the options that a line seems to name: whatever their form, none may be missed.</summary>
    [Theory]
    [InlineData("-qp|HTTP/1.0|-b|127.0.0.1")]
    [InlineData("-q|--protocol=HTTP/1.0|--bind:127.0.0.1")]
    [InlineData("-p:HTTP/1.0|-b=127.0.0.1|-q")]
    [InlineData("--quiet|--protocol|HTTP/1.0|-b127.0.0.1")]
    [InlineData("-qpHTTP/1.0|--bind|127.0.0.1|--")]
    public async Task Options_are_found_in_each_of_their_forms(string arguments)
    {
        await using var program = await ServerProgram.ServeAsync(["0", "-d", AppContext.BaseDirectory, .. arguments.Split('|')]);
        Assert.Contains("http://127.0.0.1:", program.Announcement);
        Assert.StartsWith("HTTP/1.0 ", (await program.GetAsync("/")).StatusLine);
        Assert.Equal("", (await program.StopAsync()).Errors);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("0|--frobnicate|--help")]
    public async Task Help_shows_every_option_on_standard_output(string arguments)
    {
        var result = await ServerProgram.RunAsync(arguments.Split('|'));
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Errors);
        string[] expected =
        [
            "<port>", "[default: 8000]", "-b, --bind <ADDRESS>", "-d, --directory <DIR>", "-p, --protocol <HTTP/1.0|HTTP/1.1>",
            "-H, --header <NAME VALUE>", "--content-type <TYPE>", "-q, --quiet", "--log <FILE>", "--log-format <common|combined|json>",
            "--symlinks <inside|follow|refuse>", "--hide-dotfiles", "--compression <on|precompressed|off>", "-h, --help", "--version", "unix:PATH", "Examples:", "exit code",
        ];
        Assert.All(expected, text => Assert.Contains(text, result.Output));
    }

    [Fact]
    public async Task Version_shows_the_version_alone()
    {
        var result = await ServerProgram.RunAsync("--version");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\r?\n$", result.Output);
        Assert.Empty(result.Errors);
    }
}
