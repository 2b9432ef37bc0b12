using System.Diagnostics;
using System.Text;
using Http.Server.Protocol;
using Http.Server.Tests.Support;
using static Http.Server.Tests.Support.UploadSite;

namespace Http.Server.Tests.Uploads;

/// <summary>What goes wrong on the way, and what goes on at the same time.</summary>
public sealed class UploadFaultTests : IAsyncDisposable
{
    private readonly UploadSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabc", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nabc", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3e8\r\n", 413)]
    public async Task A_body_that_is_cut_or_broken_leaves_nothing_behind(string rest, int status)
    {
        var server = _site.Serve(options: new() { MaxRequestBodySize = 1000 });
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\n" + rest);
        client.FinishSending();
        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
        await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        Assert.Equal(["sub"], _site.Entries);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_leaves_nothing_behind()
    {
        _site.Write("a", "old");
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        foreach (var request in new[] { "PUT /a HTTP/1.1\r\n", "PUT /new HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n" })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync($"{request}Host: test\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
            Assert.Equal(100, (await client.ReadResponseAsync()).Status);
            await client.SendAsync($"--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n{new string('x', 200_000)}");
            client.Reset();
        }

        await server.Log.WaitForAsync(log => log.Requests.Count == 3);
        Assert.Equal(["a", "sub"], _site.Entries);
        Assert.Equal("old", _site.Read("a"));
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_ends_in_the_middle_leaves_nothing_behind(bool hasName)
    {
        var server = _site.Serve(handler => handler.NamesUploadsAtOnce = hasName);
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        Assert.InRange(_site.Entries.Count(), hasName ? 2 : 1, 2);
        await server.DisposeAsync();
        Assert.Equal(["sub"], _site.Entries);
    }

    [Fact]
    public async Task What_a_killed_server_has_left_is_removed_and_what_another_receives_is_not()
    {
        var left = _site.Write($"sub/{UploadName.MakeTemporary()}", "half a file");
        _site.Write("sub/.httpserver-upload-mine.tmp", "a user's");
        var server = _site.Serve(handler => handler.NamesUploadsAtOnce = true);
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        Assert.Equal(0, await new SimpleHttpRequestHandler { Directory = _site.Root }.RemoveAbandonedUploadsAsync(cancellationToken: TestContext.Current.CancellationToken));
        await new SimpleHttpRequestHandler { Directory = _site.Root, AllowUpload = true }.RemoveAbandonedUploadsAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(File.Exists(left));
        await client.SendAsync("abc");
        Assert.Equal(201, (await client.ReadResponseAsync()).Status);
        Assert.Equal("abc", _site.Read("a"));
        Assert.Equal(["a", "sub", "sub/.httpserver-upload-mine.tmp"], _site.Entries);
    }

    [Fact]
    public async Task The_first_upload_has_removed_what_a_killed_server_has_left()
    {
        var left = _site.Write($"sub/{UploadName.MakeTemporary()}", "half a file");
        Assert.Equal(201, (await _site.Serve().SendAsync(Put("/a", "a"))).Status);
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(left), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Of_racing_uploads_of_one_name_one_is_stored_and_all_others_are_told_so()
    {
        var server = _site.Serve();
        for (var round = 0; round < 20; round++)
        {
            var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => server.SendAsync(number % 2 == 0
                ? Put($"/r{round}", $"content of {number}")
                : Post("/", ($"name=f; filename=r{round}", $"content of {number}")))));
            var winner = Assert.Single(Enumerable.Range(0, 8), number => responses[number].Status == 201);
            Assert.Equal(7, responses.Count(response => response.Status == 409));
            Assert.Equal($"content of {winner}", _site.Read($"r{round}"));
        }

        Assert.Equal(21, _site.Entries.Count());
    }

    [Fact]
    public async Task Of_racing_changes_of_one_version_one_is_made()
    {
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        _site.Write("a", "first");
        for (var round = 0; round < 20; round++)
        {
            var etag = await server.StrongTagAsync("/a");
            var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => server.SendAsync(
                Put("/a", new string('x', (round * 8) + number), $"If-Match: {etag}\r\n"))));
            var winner = Assert.Single(Enumerable.Range(0, 8), number => responses[number].Status == 204);
            Assert.Equal(7, responses.Count(response => response.Status == 412));
            Assert.Equal((round * 8) + winner, _site.Read("a").Length);
        }
    }

    [Fact]
    public async Task A_reader_sees_a_file_whole_or_not_at_all()
    {
        const int Length = 500_000;
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        var isDone = false;
        var reading = Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            var seen = 0;
            while (!Volatile.Read(ref isDone))
            {
                var response = await server.GetAsync("/a");
                if (response.Status == 404)
                    continue;
                Assert.Equal((200, Length), (response.Status, response.Body.Length));
                Assert.Equal(-1, response.Body.AsSpan().IndexOfAnyExcept(response.Body[0]));
                seen++;
            }

            return seen;
        }));
        for (var number = 0; number < 20; number++)
            Assert.Equal(number == 0 ? 201 : 204, (await server.SendAsync(Put("/a", new string((char)('a' + number), Length)))).Status);
        Volatile.Write(ref isDone, true);
        Assert.True((await reading).Sum() >= 0);
        Assert.Equal(["a", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_directory_that_goes_away_in_the_middle_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The directory is held by a handle on Linux alone.");
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /sub/a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        // Another directory takes its path: the file stays where it was begun.
        Directory.Move(_site.PathOf("sub"), _site.PathOf("moved"));
        Directory.CreateDirectory(_site.PathOf("sub"));
        await client.SendAsync("abc");
        Assert.Equal(201, (await client.ReadResponseAsync()).Status);
        Assert.Equal(["moved", "moved/a", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_directory_that_may_not_be_written_is_403_before_the_body()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        var sub = _site.PathOf("sub");
        var isMounted = false;
        if (!Environment.IsPrivilegedProcess)
            CgiSite.SetMode(sub, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        else
            // Modes do not keep root from anything.
            isMounted = await MountAsync("ro", sub);
        try
        {
            using var client = await _site.Serve().ConnectAsync();
            await client.SendAsync("PUT /sub/a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
            Assert.Equal(403, (await client.ReadResponseAsync()).Status);
        }
        finally
        {
            if (isMounted)
                await UnmountAsync(sub);
        }
    }

    [Fact]
    public async Task A_full_disk_is_507_and_has_room_again_afterwards()
    {
        var disk = _site.PathOf("sub");
        await MountAsync("size=256k", disk);
        try
        {
            var server = _site.Serve(handler => handler.AllowOverwrite = true);
            Assert.Equal(201, (await server.SendAsync(Put("/sub/kept", "kept"))).Status);
            var large = new string('x', 1_000_000);
            foreach (var request in new[] { Put("/sub/large", large), Put("/sub/kept", large), Post("/sub/", ("name=f; filename=small", "s"), ("name=f; filename=large", large)) })
            {
                var response = await server.SendAsync(request);
                Assert.Equal(507, response.Status);
                Assert.Contains("The disk is full.", response.Text, StringComparison.Ordinal);
            }

            await server.Log.WaitForAsync(log => log.Requests.Count == 4);
            Assert.Equal(["sub", "sub/kept"], _site.Entries);
            Assert.Equal("kept", _site.Read("sub/kept"));
            Assert.Equal(201, (await server.SendAsync(Put("/sub/again", new string('x', 150_000)))).Status);
            Assert.Empty(server.Log.Errors);
        }
        finally
        {
            await UnmountAsync(disk);
        }
    }

    [Fact]
    public async Task A_long_upload_takes_no_more_memory_than_a_short_one()
    {
        const int Block = 1024 * 1024;
        const int Blocks = 192;
        var server = _site.Serve();
        using var client = await server.ConnectAsync();
        var before = Process.GetCurrentProcess().WorkingSet64;
        await client.SendAsync($"PUT /large HTTP/1.1\r\nHost: test\r\nContent-Length: {(long)Block * Blocks}\r\n\r\n");
        var block = Encoding.ASCII.GetBytes(new string('x', Block));
        for (var number = 0; number < Blocks; number++)
            await client.SendAsync(block);
        Assert.Equal(201, (await client.ReadResponseAsync()).Status);
        Assert.Equal((long)Block * Blocks, new FileInfo(_site.PathOf("large")).Length);
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - before, long.MinValue, Block * Blocks / 2);
    }

    /// <summary>Puts a file system into a directory; the test is skipped where that is not possible.</summary>
    private static async Task<bool> MountAsync(string options, string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root may mount a small file system: run the tests as root.");
        var (exitCode, _, errors) = await Tool.RunAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs", path);
        Assert.SkipUnless(exitCode == 0, $"No file system can be mounted here: {errors}");
        return true;
    }

    private static async Task UnmountAsync(string path) => await Tool.RunAsync("umount", "-l", path);
}
