using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class FileRequestTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_comes_with_its_type_length_date_and_validator()
    {
        var path = _directory.Write("a.txt", "hello");
        File.SetLastWriteTimeUtc(path, new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc).AddTicks(1234567));
        await using var server = RunningServer.OfDirectory(_directory.Path);
        await server.StrongTagAsync("/a.txt");
        var response = await server.GetAsync("/a.txt");
        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal("hello", response.Text);
        Assert.Equal("text/plain; charset=utf-8", response["Content-Type"]);
        Assert.Equal("5", response["Content-Length"]);
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", response["Last-Modified"]);
        Assert.Equal("bytes", response["Accept-Ranges"]);
        Assert.Equal("no-cache", response["Cache-Control"]);
        Assert.Matches("^\"[!#-~]+\"$", response["ETag"]);
        Assert.Null(response["Connection"]);
        Assert.Null(response["Transfer-Encoding"]);
    }

    [Fact]
    public async Task The_validator_tells_size_and_modification_time_in_full_precision()
    {
        var time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var etags = new List<string?>();
        await using var server = RunningServer.OfDirectory(_directory.Path);
        foreach (var (content, ticks) in new[] { ("aa", 0), ("aa", 1), ("aaa", 1), ("aa", 10_000) })
        {
            var path = _directory.Write("a.txt", content);
            File.SetLastWriteTimeUtc(path, time.AddTicks(ticks));
            etags.Add((await server.GetAsync("/a.txt"))["ETag"]);
        }

        Assert.Distinct(etags);
    }

    [Fact]
    public async Task HEAD_has_the_head_of_GET_and_no_body()
    {
        _directory.Write("a.html", "hello");
        _directory.Write("sub/b.txt", "x");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        foreach (var target in new[] { "/a.html", "/sub/", "/sub", "/" })
        {
            using var client = await server.ConnectAsync();
            await client.SendAsync($"HEAD {target} HTTP/1.1\r\nHost: test\r\n\r\nGET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            var head = await client.ReadResponseAsync(isHead: true);
            var whole = await client.ReadResponseAsync();
            Assert.Equal(head.StatusLine, whole.StatusLine);
            Assert.Equal(Essential(head), Essential(whole));
        }

        static IEnumerable<KeyValuePair<string, string>> Essential(RawResponse response) =>
            response.Headers.Where(header => header.Key is not ("Date" or "Connection"));
    }

    [Fact]
    public async Task A_HEAD_for_what_is_not_there_has_no_body_either()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync("HEAD /nothing HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        Assert.Equal(404, (await client.ReadResponseAsync(isHead: true)).Status);
        Assert.Empty(await client.ReadToEndAsync());
    }

    [Fact]
    public async Task An_empty_file_is_an_empty_answer()
    {
        _directory.Write("empty.txt", "");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync("/empty.txt");
        Assert.Equal((200, "0", ""), (response.Status, response["Content-Length"], response.Text));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(3 * 1024 * 1024 + 17)]
    public async Task Every_byte_of_a_file_arrives_from_the_disk_and_from_memory(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(Path.Combine(_directory.Path, "data"), content);
        await using var server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
        Assert.Equal(content, (await server.GetAsync("/data")).Body);
        Assert.Equal(content, (await server.GetAsync("/data")).Body);
    }

    [Fact]
    public async Task Index_pages_are_looked_for_in_their_order()
    {
        _directory.Write("both/index.htm", "htm");
        _directory.Write("both/index.html", "html");
        _directory.Write("one/index.htm", "htm");
        _directory.Write("mine/main.txt", "main");
        _directory.Write("mine/index.html", "html");
        _directory.MakeDirectory("folder/index.html");
        _directory.Write("folder/index.htm", "the file");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("html", (await server.GetAsync("/both/")).Text);
        var one = await server.GetAsync("/one/");
        Assert.Equal(("htm", "text/html; charset=utf-8"), (one.Text, one["Content-Type"]));
        Assert.Equal("the file", (await server.GetAsync("/folder/")).Text);

        await using var other = RunningServer.OfDirectory(_directory.Path, handler => handler.IndexPages = ["none", "main.txt", "index.html"]);
        var main = await other.GetAsync("/mine/");
        Assert.Equal(("main", "text/plain; charset=utf-8"), (main.Text, main["Content-Type"]));
        await using var none = RunningServer.OfDirectory(_directory.Path, handler => handler.IndexPages = []);
        Assert.Equal(["index.html", "main.txt"], Listing.NamesOf((await none.GetAsync("/mine/")).Text));
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/nothing/")]
    [InlineData("/a.txt/")]
    [InlineData("/a.txt/.")]
    [InlineData("/a.txt/b")]
    [InlineData("/sub/nothing.html?x=1")]
    [InlineData("/A.TXT")]
    public async Task What_cannot_be_opened_is_not_found(string target)
    {
        _directory.Write("a.txt", "a");
        _directory.MakeDirectory("sub");
        Assert.SkipWhen(target == "/A.TXT" && File.Exists(Path.Combine(_directory.Path, "A.TXT")), "The file system does not tell case apart.");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync(target);
        Assert.Equal("HTTP/1.1 404 File not found", response.StatusLine);
        Assert.Contains("File not found", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_or_path_longer_than_the_system_takes_is_not_found()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal(404, (await server.GetAsync("/" + new string('a', 256))).Status);
        Assert.Equal(404, (await server.GetAsync("/" + string.Concat(Enumerable.Repeat("aaaaaaa/", 900)))).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_directory_that_is_gone_is_not_found_and_is_served_again_when_it_is_back()
    {
        var root = _directory.MakeDirectory("root");
        await using var server = RunningServer.OfDirectory(root);
        Assert.Equal(200, (await server.GetAsync("/")).Status);
        Directory.Delete(root);
        Assert.Equal(404, (await server.GetAsync("/")).Status);
        _directory.Write("root/a.txt", "back");
        Assert.Equal("back", (await server.GetAsync("/a.txt")).Text);
    }

    [Fact]
    public async Task An_unreadable_file_is_not_found()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("root, and Windows in this way, can read every file.");
            return;
        }

        var path = _directory.Write("a.txt", "secret");
        File.SetUnixFileMode(path, UnixFileMode.None);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("HTTP/1.1 404 File not found", (await server.GetAsync("/a.txt")).StatusLine);
    }

    [Fact]
    public async Task Pipes_sockets_and_devices_are_not_found_and_never_hang()
    {
        var mkfifo = Tool.Require("mkfifo", "coreutils");
        await Tool.RunAsync(mkfifo, Path.Combine(_directory.Path, "pipe"));
        await Tool.RunAsync(mkfifo, Path.Combine(_directory.MakeDirectory("sub"), "index.html"));
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_directory.Path, "socket")));
        foreach (var device in new[] { "null", "zero", "tty" })
            File.CreateSymbolicLink(Path.Combine(_directory.Path, device), "/dev/" + device);
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.Symlinks = SymlinkPolicy.Follow);
        foreach (var target in new[] { "/pipe", "/socket", "/null", "/zero", "/tty", "/sub/index.html" })
            Assert.Equal("HTTP/1.1 404 File not found", (await server.GetAsync(target)).StatusLine);
        Assert.Empty(Listing.NamesOf((await server.GetAsync("/sub/")).Text));
        Assert.Equal(["sub/"], Listing.NamesOf((await server.GetAsync("/")).Text));
    }

    [Fact]
    public async Task A_device_node_is_not_found()
    {
        var mknod = Tool.Require("mknod", "coreutils");
        var (exitCode, _, errors) = await Tool.RunAsync(mknod, Path.Combine(_directory.Path, "null"), "c", "1", "3");
        Assert.SkipWhen(exitCode != 0, "Only root can make a device: " + errors);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal(404, (await server.GetAsync("/null")).Status);
        Assert.Empty(Listing.NamesOf((await server.GetAsync("/")).Text));
    }

    [Fact]
    public async Task Sparse_files_beyond_4_GiB_are_served_with_their_true_lengths()
    {
        const long Length = 5L << 30;
        const long At = (4L << 30) + 123;
        using (var file = File.Create(Path.Combine(_directory.Path, "huge.bin")))
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes sparse files only on demand.");
            file.SetLength(Length);
            file.Position = At;
            file.Write("beyond"u8);
        }

        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("5368709120", (await server.SendAsync("HEAD /huge.bin HTTP/1.1\r\nHost: test\r\n\r\n"))["Content-Length"]);
        var part = await server.GetAsync("/huge.bin", $"Range: bytes={At}-{At + 5}\r\n");
        Assert.Equal((206, "beyond"), (part.Status, part.Text));
        Assert.Equal($"bytes 4294967419-4294967424/5368709120", part["Content-Range"]);
        var end = await server.GetAsync("/huge.bin", $"Range: bytes=-3\r\n");
        Assert.Equal(("bytes 5368709117-5368709119/5368709120", 3), (end["Content-Range"], end.Body.Length));
        var parts = await server.GetAsync("/huge.bin", $"Range: bytes=0-0,{At}-{At + 5}\r\n");
        Assert.Contains("beyond\r\n--", parts.Text, StringComparison.Ordinal);
        Assert.Equal(416, (await server.GetAsync("/huge.bin", "Range: bytes=5368709120-\r\n")).Status);
        var most = await server.SendAsync($"HEAD /huge.bin HTTP/1.1\r\nHost: test\r\nRange: bytes=1-\r\n\r\n");
        Assert.Equal((200, "5368709120"), (most.Status, most["Content-Length"]));

        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /huge.bin HTTP/1.1\r\nHost: test\r\nRange: bytes=1-\r\n\r\n");
        Assert.Equal("5368709119", (await client.ReadResponseAsync(isHead: true))["Content-Length"]);
        client.Reset();
        await server.Log.WaitForAsync(log => log.Requests.Any(request => request.Line.StartsWith("GET", StringComparison.Ordinal) && request.Bytes > 1000)
            || log.Messages.Any(message => message.Level == LogLevel.Debug));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_sent_ends_the_connection()
    {
        // Far more than the buffers on the way to a client that does not read yet.
        const long Length = 1L << 30;
        var path = Path.Combine(_directory.Path, "log.bin");
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes sparse files only on demand.");
        file.SetLength(Length);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /log.bin HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("1073741824", (await client.ReadResponseAsync(isHead: true))["Content-Length"]);
        file.SetLength(10);
        Assert.True((await client.ReadToEndAsync()).LongLength < Length);
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.Contains("shorter", StringComparison.Ordinal)));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Other_methods_are_not_implemented_and_OPTIONS_tells_which_are()
    {
        _directory.Write("a.txt", "a");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        foreach (var method in new[] { "POST", "PUT", "DELETE", "get", "SPAM", "TRACE" })
            Assert.Equal(501, (await server.SendAsync($"{method} /a.txt HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")).Status);
        foreach (var target in new[] { "*", "/a.txt" })
        {
            var options = await server.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal((204, "GET, HEAD, OPTIONS"), (options.Status, options["Allow"]));
        }
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_files_and_the_end_of_the_connection()
    {
        _directory.Write("a.txt", "hello");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /a.txt HTTP/1.0\r\n\r\n");
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public void Defaults_are_those_of_the_documentation()
    {
        var handler = new SimpleHttpRequestHandler();
        Assert.Equal(Environment.CurrentDirectory, handler.Directory);
        Assert.Equal(["index.html", "index.htm"], handler.IndexPages);
        Assert.Empty(handler.ExtensionsMap);
        Assert.Empty(handler.ExtraHeaders);
        Assert.Equal("application/octet-stream", handler.DefaultContentType);
        Assert.Equal(SymlinkPolicy.Inside, handler.Symlinks);
        Assert.False(handler.HideDotfiles);
        Assert.Equal("HTTP/1.1", handler.ProtocolVersion);
        Assert.Throws<ArgumentException>(() => handler.Directory = "");
        Assert.Throws<ArgumentNullException>(() => handler.Directory = null!);
    }

    [Theory]
    [InlineData("/@scope%2fname", 200)]
    [InlineData("/@scope%2Fname", 200)]
    [InlineData("/@scope/name", 200)]
    [InlineData("/.git%2fconfig", 404)]
    [InlineData("/@scope%2f.env", 404)]
    [InlineData("/@scope%2f..%2f@scope%2fname", 404)]
    public async Task An_encoded_slash_names_the_file_of_the_canonical_path(string target, int status)
    {
        using var directory = new TempDirectory();
        foreach (var name in new[] { "@scope/name", "@scope/.env", ".git/config" })
            directory.Write(name, "content");
        await using var server = RunningServer.OfDirectory(directory.Path, handler => handler.HideDotfiles = true);
        Assert.Equal(status, (await server.GetAsync(target)).Status);
    }
}
