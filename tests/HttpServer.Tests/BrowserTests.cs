using System.Net;
using System.Text.RegularExpressions;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>The pages as a real browser reads them.</summary>
public sealed partial class BrowserTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _chromium = Tool.Require("chromium", "chromium");

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return default;
    }

    [Fact]
    public async Task A_listing_of_hostile_names_shows_them_as_text_and_links_to_them()
    {
        foreach (var name in HostileNames.All)
            _directory.Write("site/names/" + name, name);
        await using var server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "site"));
        var document = await DumpAsync($"{server.Url}/names/");
        Assert.StartsWith("<!DOCTYPE html>", document, StringComparison.Ordinal);
        var links = Links().Matches(document).Select(match => (Href: WebUtility.HtmlDecode(match.Groups[1].Value), Text: WebUtility.HtmlDecode(match.Groups[2].Value))).ToList();
        Assert.Equal(HostileNames.All.Count() + 1, links.Count);
        Assert.Equal(HostileNames.All.Select(Shown).Append("../").Order(StringComparer.Ordinal), links.Select(link => link.Text).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("<script", document, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(?i)<[^>]*\\sonclick", document);

        // The names of elements: nothing came of any name but text.
        Assert.Equal(["a", "body", "h1", "head", "html", "meta", "style", "table", "tbody", "td", "th", "thead", "title", "tr"],
            Elements().Matches(document).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Links_lead_where_the_browser_resolves_them_to_and_pages_are_in_standards_mode()
    {
        // A page of the test's own, without the policy that forbids scripts, looks at the listing as the browser has it in a frame.
        string[] names = [.. HostileNames.All];
        foreach (var name in names)
            _directory.Write("site/names/" + name, name);
        _directory.Write("site/look.html",
            """
            <!DOCTYPE html><title>look</title><pre id="out">waiting</pre>
            <script>
            (async () => {
              const base = new URL('names/', location.href);
              const response = await fetch(base);
              const page = new DOMParser().parseFromString(await response.text(), 'text/html');
              const lines = ['mode ' + page.compatMode];
              for (const link of page.querySelectorAll('a')) {
                const url = new URL(link.getAttribute('href'), base);
                if (link.textContent === '../') { lines.push('parent ' + url.pathname); continue; }
                const text = await (await fetch(url)).text();
                lines.push('file ' + encodeURIComponent(text));
              }
              document.getElementById('out').textContent = lines.join('\n');
            })();
            </script>
            """);
        await using var server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "site"));
        var document = await DumpAsync($"{server.Url}/look.html");
        var lines = WebUtility.HtmlDecode(document.Split("<pre id=\"out\">")[1].Split("</pre>")[0]).Split('\n');
        Assert.Equal("mode CSS1Compat", lines[0]);
        Assert.Equal("parent /", lines[1]);
        Assert.Equal(names.Order(StringComparer.Ordinal), lines[2..].Select(line => Uri.UnescapeDataString(line["file ".Length..])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_form_with_hostile_names_is_read_as_it_was_filled_in()
    {
        string[] names = [.. HostileNames.All, "say \"hi\"", "a\"; filename=\"b", "C:\\fakepath\\a.txt", "end\\", "\u00e9\r\nX: y"];
        List<ReceivedPart>? received = null;
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            if (handler.Command == "POST")
                received = await ReceivedPart.ReadAllAsync(handler.Rfile, MultipartReader.BoundaryOf(handler.Headers["Content-Type"])!);
            handler.SendText(
                $$"""
                <!DOCTYPE html><title>form</title><pre id="out">waiting</pre>
                <script>
                (async () => {
                  const form = new FormData();
                  for (const name of JSON.parse(decodeURIComponent('{{Uri.EscapeDataString(System.Text.Json.JsonSerializer.Serialize(names)).Replace("'", "%27", StringComparison.Ordinal)}}'))) {
                    form.append(name, 'field');
                    form.append('file', new Blob(['content']), name);
                  }
                  const response = await fetch('/', { method: 'POST', body: form });
                  document.getElementById('out').textContent = 'sent ' + response.status;
                })();
                </script>
                """,
                "text/html; charset=utf-8");
        });
        Assert.Contains("sent 200", await DumpAsync(server.Url + "/"), StringComparison.Ordinal);

        // The browser makes every line break in a field's name CRLF. Of backslashes it writes as they are, two are taken for one.
        Assert.Equal(
            names.SelectMany(name => new (string?, string?, string)[]
            {
                (LineBreak().Replace(name, "\r\n").Replace("\\\\", "\\", StringComparison.Ordinal), null, "field"),
                ("file", name[(name.LastIndexOf('\\') + 1)..], "content"),
            }),
            received!.Select(part => (part.Name, part.FileName, part.Content)));
    }

    [Fact]
    public async Task An_error_page_is_a_page()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var document = await DumpAsync($"{server.Url}/%3Cscript%3Ealert(1)%3C%2fscript%3E");
        Assert.StartsWith("<!DOCTYPE html>", document, StringComparison.Ordinal);
        Assert.Contains("<h1>404 File not found</h1>", document, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", document, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A file's name as the page shows it: control characters by their pictures, as HTML cannot hold them.</summary>
    private static string Shown(string name) => string.Concat(name.Select(character => character switch
    {
        '\t' or '\n' => character,
        < ' ' => (char)('\u2400' + character),
        '\u007f' => '\u2421',
        >= '\u0080' and <= '\u009f' => '\uFFFD',
        _ => character,
    }));

    private async Task<string> DumpAsync(string url)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(_chromium,
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-proxy-server", $"--user-data-dir={_directory.MakeDirectory("profile")}",
            "--virtual-time-budget=60000", "--dump-dom", url);
        Assert.True(exitCode == 0, $"chromium ended with {exitCode}: {errors}");
        return output;
    }

    [GeneratedRegex("<a href=\"([^\"]*)\">([^<]*)</a>")]
    private static partial Regex Links();

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex LineBreak();

    [GeneratedRegex("<([a-z][a-z0-9]*)")]
    private static partial Regex Elements();
}
