using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Multipart;

/// <summary>Forms as real clients send them.</summary>
public sealed class MultipartClientTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;
    private List<ReceivedPart> _received = [];

    public MultipartClientTests() => _server = ActionHandler.ServeAsync(async handler =>
    {
        _received = await ReceivedPart.ReadAllAsync(handler.Rfile, MultipartReader.BoundaryOf(handler.Headers["Content-Type"])!);
        handler.SendText("received");
    });

    /// <summary>Names that curl's own syntax can say: it splits a field at its first equals sign.</summary>
    private static IEnumerable<string> Names => HostileNames.All.Where(name => !name.Contains('=', StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Curls_fields_and_files_arrive()
    {
        var text = _directory.Write("a.txt", "a text\r\n--");
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        var large = Path.Combine(_directory.Path, "large.bin");
        await File.WriteAllBytesAsync(large, bytes, TestContext.Current.CancellationToken);
        foreach (var framing in new[] { "X-None: 1", "Transfer-Encoding: chunked", "Expect: 100-continue" })
        {
            await PostAsync("-H", framing, "-F", "field=value", "-F", "empty=", "-F", $"text=@{text}", "-F", $"large=@{large}", "-F", "json={};type=application/json");
            Assert.Equal(
                [
                    ("field", null, null, "value"), ("empty", null, null, ""), ("text", "a.txt", "text/plain", "a text\r\n--"),
                    ("large", "large.bin", "application/octet-stream", Encoding.Latin1.GetString(bytes)), ("json", null, "application/json", "{}"),
                ],
                _received.Select(part => (part.Name, part.FileName, part.ContentType, part.Content)));
        }
    }

    [Fact]
    public async Task Curls_hostile_field_names_arrive()
    {
        await PostAsync([.. Names.SelectMany((name, index) => new[] { "-F", $"{name}={index}" })]);
        Assert.Equal(Names.Select((name, index) => (UnescapedIn(name), $"{index}")), _received.Select(part => (part.Name!, part.Content)));
    }

    [Fact]
    public async Task Curls_hostile_file_names_arrive()
    {
        var arguments = new List<string>();
        foreach (var name in HostileNames.All)
            arguments.AddRange(["-F", $"file=@\"{_directory.Write("names/" + name, "in " + name).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""]);
        await PostAsync([.. arguments]);
        Assert.Equal(
            HostileNames.All.Select(name => ("file", WithoutPath(name), Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("in " + name)))),
            _received.Select(part => (part.Name!, part.FileName!, part.Content)));
    }

    [Fact]
    public async Task Names_that_curl_escapes_with_backslashes_arrive()
    {
        // So escaped, a line break in a name breaks the header.
        var names = Names.Where(name => name.IndexOfAny(['\r', '\n']) < 0).ToList();
        await PostAsync([.. names.SelectMany((name, index) => new[] { "-F", $"{name}={index}" }), "--form-escape"]);
        Assert.Equal(names.Select((name, index) => (name, $"{index}")), _received.Select(part => (part.Name!, part.Content)));
    }

    [Fact]
    public async Task A_broken_form_is_answered_with_the_reason()
    {
        foreach (var (body, status, reason) in new[]
        {
            ("--c\r\n\r\n\r\n--c--", 400, "The multipart body has no line with its boundary."),
            ("--b\r\n\r\nx", 400, "The multipart body ended before its closing boundary."),
            ($"--b\r\nX: {new string('x', 20_000)}\r\n\r\nx\r\n--b--", 431, "The header fields of a part are too large."),
        })
        {
            var response = await _server.SendAsync(
                $"POST / HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            Assert.Equal(status, response.Status);
            Assert.Contains(reason, response.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_connection_is_kept_after_a_form_with_a_long_epilogue()
    {
        const string Head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\n";
        using var client = await _server.ConnectAsync();
        var form = "--b\r\n\r\nx\r\n--b--\r\n" + new string('e', 200_000);
        await client.SendAsync($"{Head}Content-Length: {form.Length}\r\n\r\n{form}{Head}Content-Length: 5\r\n\r\n--b--");
        for (var n = 0; n < 2; n++)
            Assert.Equal("received", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task The_form_of_PowerShell_arrives()
    {
        var pwsh = Tool.Require("pwsh", "powershell");
        _directory.Write("gr\u00fcn.txt", "content");
        var script = _directory.Write(
            "post.ps1",
            $$"""
            $ProgressPreference = 'SilentlyContinue'
            $file = Get-Item -LiteralPath (Join-Path $PSScriptRoot 'grün.txt')
            $form = [ordered]@{ field = 'value'; 'a b\c' = 'x'; 'ü;日' = 'ü'; file = $file; list = 1, 2 }
            (Invoke-WebRequest -NoProxy -Uri '{{_server.Url}}' -Method Post -Form $form).Content
            """);
        var (exitCode, output, errors) = await Tool.RunAsync(pwsh, "-NoProfile", "-NonInteractive", "-File", script);
        Assert.True(exitCode == 0 && output.Trim() == "received", errors);
        Assert.Equal(
            [
                ("field", null, "value"), ("a b\\c", null, "x"), ("ü;日", null, "\u00c3\u00bc"), ("file", "grün.txt", "content"),
                ("list", null, "1"), ("list", null, "2"),
            ],
            _received.Select(part => (part.Name, part.FileName, part.Content)));
    }

    /// <summary>A browser, and curl like one, leaves backslashes alone; two of them are taken for one all the same.</summary>
    private static string UnescapedIn(string name) => name.Replace("\\\\", "\\", StringComparison.Ordinal);

    private static string WithoutPath(string name) => name[(name.LastIndexOf('\\') + 1)..];

    private async Task PostAsync(params string[] arguments)
    {
        var curl = Tool.Require("curl", "curl");
        var (exitCode, output, errors) = await Tool.RunAsync(curl, ["-q", "-sS", "--max-time", "60", "--noproxy", "*", .. arguments, _server.Url]);
        Assert.True(exitCode == 0 && output == "received", $"curl {string.Join(' ', arguments)} ended with {exitCode}: {output} {errors}");
    }
}
