using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Settings from a file.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public ConfigTests()
    {
        _folder.Write("site/index.html", "site");
        _folder.Write("site/about.html", "about");
        _folder.Write("other/index.html", "other");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_kind_of_value_is_taken_and_paths_are_relative_to_the_file()
    {
        await using var program = await ServeAsync("""
            {
              // Comments and trailing commas are allowed.
              "$schema": "httpserver.schema.json",
              "port": 0, "bind": ["127.0.0.1"], "directory": "site",
              "header": { "X-A": "-a=b:c", "X-B": ["\"one\"", "two"] },
              "cache": 60, "clean-urls": true, "cgi": false, "cors": true, "spa": "index.html",
              "log": "access.log", "log-format": "common", "immutable": "*.js", "cgi-env": [], /* nothing */
            }
            """);
        var answer = await program.GetAsync("/about");
        Assert.Equal(
            ("about", "-a=b:c", "\"one\", two", "public, max-age=60", "*"),
            (answer.Text, answer["X-A"], string.Join(", ", answer.Headers.Where(static header => header.Key == "X-B").Select(static header => header.Value)),
                answer["Cache-Control"], answer["Access-Control-Allow-Origin"]));
        Assert.Equal("site", (await program.GetAsync("/deep/link")).Text);
        Assert.Equal(404, (await program.GetAsync("/cgi-bin/x.cgi")).Status);
        Assert.Equal("", (await program.StopAsync()).Errors);
        Assert.Contains("\"GET /about HTTP/1.1\" 200 5", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "access.log"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_command_line_wins()
    {
        await using var program = await ServeAsync(
            """{ "port": 1, "bind": "192.0.2.1", "directory": "site", "header": { "X-A": "file" }, "cache": 60, "spa": true, "cors": true }""",
            "0", "-b", "127.0.0.1", "-d", Path.Combine(_folder.Path, "other"), "-H", "X-B", "line", "--cors", "https://a.example");
        var answer = await program.GetAsync("/x");
        Assert.Equal(
            ("other", null, "line", "public, max-age=60", "Origin"), (answer.Text, answer["X-A"], answer["X-B"], answer["Cache-Control"], answer["Vary"]));
    }

    [Fact]
    public async Task An_option_without_its_value_does_not_take_the_port_for_one()
    {
        await using var program = await ServeAsync("""{ "cors": true, "bind": "127.0.0.1", "spa": true }""", "0", "-d", Path.Combine(_folder.Path, "site"), "--");
        Assert.Equal("*", (await program.GetAsync("/x"))["Access-Control-Allow-Origin"]);
        await using var other = await ServeAsync("""{ "port": 0, "bind": "127.0.0.1" }""", "-d", Path.Combine(_folder.Path, "site"), "--spa");
        Assert.Equal("site", (await other.GetAsync("/x")).Text);
    }

    [Fact]
    public async Task A_certificate_that_is_given_takes_the_place_of_one_in_the_file()
    {
        await using var program = await ServeAsync("""{ "tls-cert": "none.pem", "tls-key": "none.key", "bind": "127.0.0.1", "directory": "site" }""", "0", "--tls-self-signed");
        Assert.Contains("https://127.0.0.1:", program.Announcement);
    }

    [Fact]
    public async Task A_unix_domain_socket_is_relative_to_the_file_as_well()
    {
        await using var program = await ServeAsync("""{ "bind": "unix:s", "directory": "site" }""");
        Assert.Equal($"Serving {Path.Combine(_folder.Path, "site")} on unix:{Path.Combine(_folder.Path, "s")} ...", program.Announcement);
    }

    [Fact]
    public async Task A_byte_order_mark_and_names_beyond_ASCII_are_taken()
    {
        _folder.Write("größe/index.html", "size");
        var path = Path.Combine(_folder.Path, "bom.json");
        await File.WriteAllTextAsync(path, """{ "directory": "größe", "bind": "127.0.0.1" }""", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true), TestContext.Current.CancellationToken);
        await using var program = await ServerProgram.ServeAsync("0", "--config", path);
        Assert.Equal("size", (await program.GetAsync("/")).Text);
    }

    [Theory]
    [InlineData("{\n  \"drectory\": \"x\" }", 2, 3, "there is no setting \"drectory\"; did you mean \"directory\"?")]
    [InlineData("{ \"frobnicate\": 1 }", 1, 3, "there is no setting \"frobnicate\": settings are named like the long options, without dashes.")]
    [InlineData("{ \"--port\": 1 }", 1, 3, "there is no setting \"--port\"; did you mean \"port\"?")]
    [InlineData("{ \"config\": \"x\" }", 1, 3, "there is no setting \"config\"")]
    [InlineData("{ \"help\": true }", 1, 3, "there is no setting \"help\"")]
    [InlineData("{ \"port\": \"9000\" }", 1, 11, "\"port\" is a whole number, without quotes.")]
    [InlineData("{ \"port\": 1.5 }", 1, 11, "\"port\" is a whole number, without quotes.")]
    [InlineData("{ \"port\": 99999 }", 1, 3, "The port is a number from 0 to 65535, not '99999'.")]
    [InlineData("{ \"port\": -1 }", 1, 3, "The port is a number from 0 to 65535, not '-1'.")]
    [InlineData("{ \"quiet\": \"yes\" }", 1, 12, "\"quiet\" is true or false.")]
    [InlineData("{ \"directory\": null }", 1, 16, "\"directory\" is a text in quotes.")]
    [InlineData("{ \"directory\": \"\" }", 1, 3, "The value of --directory is empty.")]
    [InlineData("{ \"directory\": true }", 1, 16, "\"directory\" is a text in quotes.")]
    [InlineData("{ \"bind\": 1 }", 1, 11, "\"bind\" is a text in quotes, or an array of such.")]
    [InlineData("{ \"bind\": [\"::1\", 1] }", 1, 19, "the array of \"bind\" has something else than a text")]
    [InlineData("{ \"cors\": {} }", 1, 11, "\"cors\" is true, false, a text in quotes, or an array of such.")]
    [InlineData("{ \"cors\": \"x\" }", 1, 3, "--cors takes an origin such as https://example.com, or *, not 'x'.")]
    [InlineData("{ \"spa\": [] }", 1, 10, "\"spa\" is true, false or a text in quotes.")]
    [InlineData("{ \"header\": [\"X-A: b\"] }", 1, 13, "\"header\" is an object of texts: { \"NAME\": \"VALUE\" }.")]
    [InlineData("{ \"header\": { \"X-A\": 1 } }", 1, 22, "\"header\" is an object of texts")]
    [InlineData("{ \"header\": { \"X A\": \"1\" } }", 1, 3, "-H: 'X A' is no header name")]
    [InlineData("{ \"header\": { \"X-A\": \"a\\r\\nb\" } }", 1, 3, "-H: the value of X-A has a character that a header cannot hold")]
    [InlineData("{ \"directory\": \"a\\u0000b\" }", 1, 16, "a text cannot have the character NUL.")]
    [InlineData("{ \"log-format\": \"xml\" }", 1, 3, "--log-format takes common, combined or json, not 'xml'.")]
    [InlineData("{ \"port\": 1,\n \"port\": 2 }", 2, 2, "\"port\" is there twice: leave one of them out.")]
    [InlineData("[]", 1, 1, "a configuration is one object: { \"port\": 8000 }.")]
    [InlineData("{\n\"port\" 1 }", 2, 8, "this is not JSON: '1' is invalid after a property name. Expected a ':'.")]
    [InlineData("{ \"port\": 1", 1, 12, "this is not JSON: ")]
    [InlineData("{} {}", 1, 4, "this is not JSON: ")]
    [InlineData("", 1, 1, "a configuration is one object: { \"port\": 8000 }.")]
    [InlineData("{ \"port\": 1,, }", 1, 13, "this is not JSON: ")]
    [InlineData("port = 1", 1, 1, "this is not JSON: ")]
    public async Task What_is_wrong_is_told_with_its_place_and_the_remedy(string text, int line, int column, string problem)
    {
        var path = _folder.Write("wrong.json", text);
        var result = await ServerProgram.RunAsync("--config", path);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        var said = Assert.Single(result.ErrorLines);
        Assert.StartsWith($"httpserver: {path}, line {line}, column {column}: {problem}", said);
        Assert.EndsWith(" Try 'httpserver --help'.", said);
        Assert.DoesNotContain(said, char.IsControl);
    }

    [Fact]
    public async Task A_text_that_is_not_UTF8_is_told()
    {
        var path = Path.Combine(_folder.Path, "latin.json");
        await File.WriteAllBytesAsync(path, Encoding.Latin1.GetBytes("{\n\"directory\": \"gr\u00f6\u00dfe\" }"), TestContext.Current.CancellationToken);
        var result = await ServerProgram.RunAsync("--config", path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{path}, line 2, column ", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_told_as_on_the_command_line()
    {
        var path = _folder.Write("wrong.json", """{ "tls-key": "key.pem" }""");
        var result = await ServerProgram.RunAsync("--config", path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--tls-key belongs to a certificate: add --tls-cert FILE.", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("none.json", "Cannot read the configuration: ")]
    [InlineData("site", "Cannot read the configuration: ")]
    public async Task A_file_that_cannot_be_read_is_told(string name, string problem)
    {
        var path = Path.Combine(_folder.Path, name);
        var result = await ServerProgram.RunAsync("--config", path);
        Assert.Equal(1, result.ExitCode);
        var line = Assert.Single(result.ErrorLines);
        Assert.Contains(problem, line);
        Assert.Contains(path, line);
        Assert.Contains("--config", line);
    }

    [Fact]
    public async Task A_file_without_an_end_is_not_read_to_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The file is Linux's.");
        var result = await ServerProgram.RunAsync("--config", "/dev/zero");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("/dev/zero is larger than 1 MiB", Assert.Single(result.ErrorLines));
    }

    private Task<ServerProgram> ServeAsync(string text, params string[] arguments) =>
        ServerProgram.ServeAsync(["--config", _folder.Write("config.json", text), .. arguments]);
}
