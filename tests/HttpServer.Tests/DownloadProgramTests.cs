using System.Globalization;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>Programs that load files in pieces, and go on where they were broken off.</summary>
public sealed class DownloadProgramTests : IAsyncDisposable
{
    private const int Size = 8 * 1024 * 1024;
    private static readonly DateTime Changed = new(2020, 6, 1, 12, 0, 0, DateTimeKind.Utc);
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;
    private readonly byte[] _content = new byte[Size];

    public DownloadProgramTests()
    {
        // No piece of it is like another.
        for (var at = 0; at < Size; at += 8)
            BitConverter.TryWriteBytes(_content.AsSpan(at), (ulong)at * 0x9E3779B97F4A7C15);
        Publish(_content, Changed);
        // A file that has just been written has a weak validator, with which no program goes on.
        _server = RunningServer.OfDirectory(_directory.MakeDirectory("site"), options: new() { TimeProvider = new StandingTimeProvider() });
    }

    private string Loaded => Path.Combine(_directory.Path, "loaded.bin");

    private string Url => _server.Url + "/large.bin";

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Wget_goes_on_where_it_was_broken_off()
    {
        WritePart(_content, Size / 2);
        await WgetAsync("-c", "-O", Loaded, Url);
        AssertLoaded(_content);
        await AssertAnswersAsync((206, Size / 2));

        // Nothing is left: 416 with the length, which wget takes for success.
        await WgetAsync("-c", "-O", Loaded, Url);
        AssertLoaded(_content);
        await AssertAnswersAsync((206, Size / 2), (416, 0));
    }

    [Fact]
    public async Task Wget_loads_what_has_been_added()
    {
        await WgetAsync("-c", "-O", Loaded, Url);
        byte[] grown = [.. _content, .. "more of it"u8];
        Publish(grown, Changed.AddHours(1));
        await WgetAsync("-c", "-O", Loaded, Url);
        AssertLoaded(grown);
        await AssertAnswersAsync((200, Size), (206, 10));
    }

    [Fact]
    public async Task Wget_loads_all_of_a_file_that_has_changed_and_nothing_of_another()
    {
        await WgetAsync("-N", "-P", _directory.Path, Url);
        await WgetAsync("-N", "-P", _directory.Path, Url);
        await AssertAnswersAsync((200, Size), (304, 0));
        var changed = (byte[])_content.Clone();
        changed[0] ^= 1;
        Publish(changed, Changed.AddHours(1));
        await WgetAsync("-N", "-P", _directory.Path, Url);
        await AssertAnswersAsync((200, Size), (304, 0), (200, Size));
        AssertLoaded(changed, Path.Combine(_directory.Path, "large.bin"));
    }

    [Fact]
    public async Task Aria2_loads_ranges_at_the_same_time()
    {
        await Aria2Async("-x8", "-s8", "-k1M", Url);
        AssertLoaded(_content);
        await _server.Log.WaitForAsync(log => log.Requests.Count(request => request.Status == 206) >= 2);
        Assert.All(_server.Log.Requests, request => Assert.True(request.Status is 200 or 206, request.Line));
    }

    [Fact]
    public async Task Aria2_goes_on_where_another_program_was_broken_off()
    {
        WritePart(_content, Size / 2);
        await Aria2Async("-c", "-x1", Url);
        AssertLoaded(_content);
        await _server.Log.WaitForAsync(log => log.Requests.Any(request => request is { Status: 206, Bytes: Size / 2 }));
    }

    [Fact]
    public async Task Curl_goes_on_where_it_was_broken_off()
    {
        WritePart(_content, Size / 2);
        await RunAsync(Tool.Require("curl", "curl"), "-q", "-sS", "--fail", "--max-time", "60", "--noproxy", "*", "-C", "-", "-o", Loaded, Url);
        AssertLoaded(_content);
        await AssertAnswersAsync((206, Size / 2));
    }

    [Fact]
    public async Task Curl_is_told_by_the_whole_file_that_it_is_another_one()
    {
        var curl = Tool.Require("curl", "curl");
        var tag = Path.Combine(_directory.Path, "tag");
        string[] options = ["-q", "-sS", "--fail", "--max-time", "60", "--noproxy", "*"];
        await RunAsync(curl, [.. options, "--etag-save", tag, "-o", Loaded, Url]);
        var validator = (await File.ReadAllTextAsync(tag, TestContext.Current.CancellationToken)).Trim();
        string[] resume = [.. options, "-r", "100-", "-H", $"If-Range: {validator}", "-o", Loaded, Url];
        await RunAsync(curl, resume);
        AssertLoaded(_content[100..]);
        var changed = (byte[])_content.Clone();
        changed[^1] ^= 1;
        Publish(changed, Changed.AddHours(1));
        await RunAsync(curl, resume);
        AssertLoaded(changed);
        await AssertAnswersAsync((200, Size), (206, Size - 100), (200, Size));
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output, errors) = await Tool.RunAsync(program, arguments);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}: {output}{errors}");
    }

    private static Task WgetAsync(params string[] arguments) =>
        RunAsync(Tool.Require("wget", "wget"), ["--no-config", "--no-verbose", "--no-proxy", "--no-hsts", "--tries=1", "--timeout=60", .. arguments]);

    private Task Aria2Async(params string[] arguments) => RunAsync(Tool.Require("aria2c", "aria2"),
        ["--no-conf", "--quiet", "--no-proxy=*", "--no-netrc", "--max-tries=1", "--timeout=60", "--file-allocation=none", "-d", _directory.Path, "-o", Path.GetFileName(Loaded), .. arguments]);

    private void Publish(byte[] content, DateTime time)
    {
        var path = Path.Combine(_directory.MakeDirectory("site"), "large.bin");
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, time);
    }

    private void WritePart(byte[] content, int length) => File.WriteAllBytes(Loaded, content[..length]);

    private void AssertLoaded(byte[] content, string? path = null) =>
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(path ?? Loaded)), "What was loaded is not the file.");

    /// <summary>All answers so far, with the bytes of their bodies.</summary>
    private async Task AssertAnswersAsync(params (int Status, long Bytes)[] expected)
    {
        await _server.Log.WaitForAsync(log => log.Requests.Count >= expected.Length);
        var answers = _server.Log.Requests.Select(request => string.Create(CultureInfo.InvariantCulture, $"{request.Status} {request.Bytes}"));
        Assert.Equal(expected.Select(answer => string.Create(CultureInfo.InvariantCulture, $"{answer.Status} {answer.Bytes}")), answers);
    }
}
