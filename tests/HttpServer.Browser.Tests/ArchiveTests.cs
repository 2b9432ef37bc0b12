using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>Directories that are downloaded as one file.</summary>
public sealed class ArchiveTests(Chromium chromium) : BrowserTest(chromium)
{
    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task A_click_brings_the_whole_tree(string format)
    {
        // Control characters and backslashes have other names in an archive.
        var expected = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in HostileNames.All.Where(name => !name.AsSpan().ContainsAny('\\', '\u007f') && !name.Any(static letter => letter < ' ')))
            Add($"names/{name}", Encoding.UTF8.GetBytes("content of " + name));
        Add("large.bin", [.. Enumerable.Range(0, 3_000_000).Select(at => (byte)(at * at >> 7))]);
        Add("deep/er/and/deeper/empty.txt", []);
        await using var server = RunningServer.OfDirectory(Site, handler => handler.Archive = true);
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/tree/");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = format, Exact = true }).ClickAsync());
        Assert.Null(await download.FailureAsync());
        Assert.Equal("tree." + format, download.SuggestedFilename);
        await using var archive = File.OpenRead(await download.PathAsync());
        var found = format == "zip" ? ReadZip(archive) : ReadTar(archive);
        Assert.Equal(expected.Keys, found.Keys);
        Assert.All(expected, file => Assert.True(file.Value.AsSpan().SequenceEqual(found[file.Key]), $"{file.Key} is another file."));

        void Add(string name, byte[] content)
        {
            File.WriteAllBytes(Files.Write("site/tree/" + name, ""), content);
            expected.Add("tree/" + name, content);
        }
    }

    private static SortedDictionary<string, byte[]> ReadZip(Stream stream)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var archive = new ZipArchive(stream);
        foreach (var entry in archive.Entries.Where(entry => !entry.FullName.EndsWith('/')))
        {
            using var content = new MemoryStream();
            using (var from = entry.Open())
                from.CopyTo(content);
            files.Add(entry.FullName, content.ToArray());
        }

        return files;
    }

    private static SortedDictionary<string, byte[]> ReadTar(Stream stream)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var archive = new TarReader(stream);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.EntryType == TarEntryType.Directory)
                continue;
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }

        return files;
    }
}
