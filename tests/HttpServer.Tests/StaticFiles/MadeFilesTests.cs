using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Files whose content is made when they are read: they tell no length, or that of a page of memory.</summary>
public sealed class MadeFilesTests : IDisposable
{
    private readonly TempDirectory _scratch = new();

    public static TheoryData<string, string> Files => new()
    {
        { "/sys/class/net/lo", "mtu" },
        { "/sys/kernel/mm/transparent_hugepage", "enabled" },
        { "/proc/sys/kernel", "ostype" },
        { "/proc/self", "status" },
    };

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_is_read_to_its_end_and_framed_without_a_length(string directory, string name)
    {
        var content = ReadOrSkip(directory, name);
        await using var server = RunningServer.OfDirectory(directory);

        var got = await server.GetAsync("/" + name);
        Assert.Equal((200, null, "chunked", null, null), (got.Status, got["Content-Length"], got["Transfer-Encoding"], got["ETag"], got["Accept-Ranges"]));
        AssertContent(content, got.Text);

        var old = await server.SendAsync($"GET /{name} HTTP/1.0\r\n\r\n");
        Assert.Equal((200, null, null), (old.Status, old["Content-Length"], old["Transfer-Encoding"]));
        AssertContent(content, old.Text);

        Assert.Empty(server.Log.Messages);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Its_head_says_what_is_said_with_its_content(string directory, string name)
    {
        ReadOrSkip(directory, name);
        await using var server = RunningServer.OfDirectory(directory);
        var head = await server.SendAsync($"HEAD /{name} HTTP/1.1\r\nHost: test\r\n\r\n");
        var got = await server.GetAsync("/" + name);
        Assert.Equal(200, head.Status);
        Assert.Equal(Names(got).Except(["Transfer-Encoding"]), Names(head));

        static IEnumerable<string> Names(RawResponse response) => response.Headers.Select(header => header.Key);
    }

    [Theory]
    [InlineData("Range: bytes=0-0", 200)]
    [InlineData("Range: bytes=-5", 200)]
    [InlineData("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 200)]
    [InlineData("If-None-Match: \"x\"", 200)]
    [InlineData("If-Match: \"x\"", 412)]
    [InlineData("Accept-Encoding: br, gzip", 200)]
    [InlineData("Accept-Encoding: gzip, identity;q=0", 406)]
    public async Task It_has_neither_ranges_nor_validators_and_is_not_compressed(string header, int status)
    {
        ReadOrSkip("/proc/self", "status");
        await using var server = RunningServer.OfDirectory("/proc/self");
        var got = await server.GetAsync("/status", header + "\r\n");
        Assert.Equal((status, null), (got.Status, got["Content-Encoding"]));
        Assert.Equal(status == 200, got.Text.StartsWith("Name:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SendFileAsync_sends_it()
    {
        var content = ReadOrSkip("/proc/sys/kernel", "ostype");
        await using var server = new RunningServer(() => new SendingHandler("/proc/sys/kernel/ostype"));
        Assert.Equal(content, (await server.GetAsync("/")).Text);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("zip")]
    public async Task An_archive_has_it_as_long_as_it_is(string format)
    {
        var content = ReadOrSkip("/sys/class/net/lo/statistics", "rx_packets");
        await using var server = RunningServer.OfDirectory("/sys/class/net/lo/statistics", handler => handler.Archive = true);
        using var archive = new MemoryStream((await server.GetAsync("/?archive=" + format)).Body);
        string? found = null;
        if (format == "zip")
        {
            using var zip = new ZipArchive(archive);
            using var reader = new StreamReader(zip.Entries.Single(entry => entry.Name == "rx_packets").Open());
            found = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            using var tar = new TarReader(archive);
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.Name.EndsWith("/rx_packets", StringComparison.Ordinal))
                    found = await new StreamReader(entry.DataStream!).ReadToEndAsync(TestContext.Current.CancellationToken);
            }
        }

        Assert.True(long.Parse(found!, System.Globalization.CultureInfo.InvariantCulture) >= long.Parse(content, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task An_empty_file_is_just_empty()
    {
        _scratch.Write("empty", "");
        await using var server = RunningServer.OfDirectory(_scratch.Path);
        var got = await server.GetAsync("/empty");
        Assert.Equal((200, "0", null), (got.Status, got["Content-Length"], got["Transfer-Encoding"]));
    }

    private static string ReadOrSkip(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        Assert.SkipUnless(File.Exists(path), $"There is no {path} here: it is a file of Linux.");
        return File.ReadAllText(path, Encoding.Latin1);
    }

    /// <summary>What a process says of itself changes at any time, but begins the same.</summary>
    private static void AssertContent(string expected, string actual) =>
        Assert.Equal(expected[..Math.Min(expected.Length, 12)], actual[..Math.Min(actual.Length, 12)]);

    private sealed class SendingHandler(string path) : SimpleHttpRequestHandler
    {
        public override ValueTask DoGet() => SendFileAsync(path);
    }
}
