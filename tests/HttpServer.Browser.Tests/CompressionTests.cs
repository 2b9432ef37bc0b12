using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Http.Server.Browser.Tests.Support;

namespace Http.Server.Browser.Tests;

/// <summary>Pages whose parts come compressed in every way there is.</summary>
public sealed class CompressionTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Pages_styles_and_scripts_are_read_and_kept()
    {
        var filler = string.Concat(Enumerable.Range(0, 500).Select(number => $"/* line {number} */\n"));
        Files.Write("site/index.html", $"<!DOCTYPE html><title>start</title><link rel=stylesheet href=look.css><p>text<script src=large.js></script><script src=made.js></script><!-- {filler} -->");
        Files.Write("site/look.css", filler + "p { color: rgb(1, 2, 3) }");
        Files.Write("site/large.js", string.Concat(Enumerable.Repeat(filler, 100)) + "document.title += ' large'");
        Files.Write("site/made.js", "document.title = 'not the compressed one'");
        await using (var made = new GZipStream(File.Create(Path.Combine(Site, "made.js.gz")), CompressionLevel.Optimal))
            await made.WriteAsync(Encoding.UTF8.GetBytes("document.title += ' made'"), TestContext.Current.CancellationToken);
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url);
        var codings = new ConcurrentDictionary<string, string>();
        page.Response += (_, response) =>
        {
            if (response.Headers.TryGetValue("content-encoding", out var coding))
                codings[new Uri(response.Url).AbsolutePath] = coding;
        };
        for (var round = 0; round < 2; round++)
        {
            await page.GotoAsync(server.Url + "/");
            Assert.Equal("start large made", await page.TitleAsync());
            Assert.Equal("rgb(1, 2, 3)", await page.Locator("p").EvaluateAsync<string>("p => getComputedStyle(p).color"));
        }

        Assert.Equal(["/", "/large.js", "/look.css", "/made.js"], codings.Keys.Order(StringComparer.Ordinal));
    }
}
