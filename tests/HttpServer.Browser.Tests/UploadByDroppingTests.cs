using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>Files of any name and size that are dropped on a listing.</summary>
public sealed class UploadByDroppingTests(Chromium chromium) : BrowserTest(chromium)
{
    /// <summary>Drops files on the page: pairs of a name and a text, which is repeated.</summary>
    private const string Drop =
        """
        files => {
          const transfer = new DataTransfer();
          for (const [name, text, times] of files) transfer.items.add(new File([text.repeat(times)], name));
          for (const type of ['dragenter', 'dragover', 'drop'])
            document.querySelector('main').dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }
        """;

    [Fact]
    public async Task Files_are_dropped_and_the_list_shows_them()
    {
        string[] names = ["plain.txt", "a#b?.txt", "100%41.txt", "<img src=x onerror=alert(1)>.txt", "ünï 😀.txt", "it's \"here\".txt"];
        if (OperatingSystem.IsWindows())
            names = [.. names.Where(name => !name.AsSpan().ContainsAny("<>?\""))];
        Files.MakeDirectory("site/in");
        await using var server = Serve();
        var page = await OpenAsync(server, "/in/");
        await page.EvaluateAsync(Drop, names.Select(name => new object[] { name, name, 1 }).Append(["large.bin", "0123456789abcdef", 500_000]).ToArray());
        await page.GetByRole(AriaRole.List, new() { Name = "Uploads" }).GetByText("Stored, ").Nth(names.Length).WaitForAsync();
        foreach (var name in names)
            Assert.Equal(name, await File.ReadAllTextAsync(Path.Combine(Site, "in", name), TestContext.Current.CancellationToken));
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789abcdef", 500_000)), await File.ReadAllTextAsync(Path.Combine(Site, "in", "large.bin"), TestContext.Current.CancellationToken));

        // A bar for each, which a screen reader can name, and the list anew without a load of the page.
        Assert.Equal(names.Append("large.bin"), await page.Locator("#sent progress").EvaluateAllAsync<string[]>("bars => bars.map(bar => bar.getAttribute('aria-label'))"));
        Assert.All(await page.Locator("#sent progress").EvaluateAllAsync<double[]>("bars => bars.map(bar => bar.value)"), value => Assert.Equal(1, value));
        await page.Locator("tbody").GetByText("large.bin", new() { Exact = true }).WaitForAsync();
        var shown = await page.Locator("tbody a").AllTextContentsAsync();
        Assert.All(names, name => Assert.Contains(name, shown));
        Assert.Equal(names.Length + 1, await page.Locator("#sent li").CountAsync());
    }

    [Fact]
    public async Task The_bar_moves_while_a_file_is_sent()
    {
        Files.MakeDirectory("site/in");
        var seen = new TaskCompletionSource();
        await using var server = Serve(handler => handler.RequestInvoker = async (self, answer) =>
        {
            // The file waits at the door until its bar has been looked at.
            if (self.Command == "PUT")
                await seen.Task;
            await answer();
        });
        var page = await OpenAsync(server, "/in/");
        await page.EvaluateAsync(Drop, new[] { new object[] { "large.bin", "0123456789abcdef", 2_000_000 } });
        await page.WaitForFunctionAsync("() => { const bar = document.querySelector('#sent progress'); return bar && bar.value > 0 && bar.value < 1; }");
        Assert.True(await page.GetByRole(AriaRole.Button, new() { Name = "Cancel large.bin" }).IsVisibleAsync());
        seen.SetResult();
        await page.GetByText("Stored, ").First.WaitForAsync();
        Assert.Equal(32_000_000, new FileInfo(Path.Combine(Site, "in", "large.bin")).Length);
        // The page asks for its list anew, which the server must not miss.
        await page.Locator("tbody").GetByText("large.bin", new() { Exact = true }).WaitForAsync();
    }

    private RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null) => RunningServer.OfDirectory(Site, handler =>
    {
        handler.AllowUpload = true;
        configure?.Invoke(handler);
    });

    private async Task<IPage> OpenAsync(RunningServer server, string path)
    {
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + path);
        return page;
    }
}
