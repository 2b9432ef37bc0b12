using Http.Server.Tests.Support;
using static Http.Server.Tests.Support.UploadSite;

namespace Http.Server.Tests.Uploads;

public sealed class UploadPathTests : IAsyncDisposable
{
    private readonly UploadSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("/../evil")]
    [InlineData("/%2e%2e/evil")]
    [InlineData("/sub/../../evil")]
    [InlineData("/..%2fevil")]
    [InlineData("/sub%2fevil")]
    [InlineData("/%00evil")]
    [InlineData("/ev%00il")]
    [InlineData("/evil%2")]
    [InlineData("/%c0%ae%c0%ae/evil")]
    [InlineData("/%ff")]
    [InlineData("/evil.")]
    [InlineData("/evil%20")]
    [InlineData("/...")]
    [InlineData("/new%0Aline")]
    [InlineData("/%1b%5B31m")]
    [InlineData("/.httpserver-upload-00000000000000000000000000000000.tmp")]
    [InlineData("/.httpserver-upload-x/evil")]
    public async Task A_path_that_no_file_should_have_is_refused(string target)
    {
        Assert.Equal(400, (await _site.Serve().SendAsync(Put(target, "x"))).Status);
        Assert.Equal(["sub"], _site.Entries);
        Assert.Equal(["outside", "site"], Directory.EnumerateFileSystemEntries(_site.Home).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_refused_in_words()
    {
        var server = _site.Serve();
        Assert.Equal(201, (await server.SendAsync(Put("/" + new string('x', 255), "x"))).Status);
        var response = await server.SendAsync(Put("/" + new string('x', 256), "x"));
        Assert.Equal(400, response.Status);
        Assert.Contains("longer than 255 bytes", response.Text, StringComparison.Ordinal);
        Assert.Equal(409, (await server.SendAsync(Put("/" + string.Concat(Enumerable.Repeat(new string('d', 200) + "/", 25)) + "x", "x"))).Status);
    }

    [Fact]
    public async Task Hostile_names_that_are_only_unusual_are_stored_under_themselves()
    {
        var server = _site.Serve();
        var names = HostileNames.All.Where(name => !name.Any(char.IsControl) && name[^1] is not ('.' or ' ')).ToList();
        foreach (var name in names)
            Assert.Equal((name, 201), (name, (await server.SendAsync(Put("/sub/" + Uri.EscapeDataString(name), "x"))).Status));
        Assert.Equal(names.Order(StringComparer.Ordinal), Directory.EnumerateFiles(_site.PathOf("sub")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link_whatever_the_policy()
    {
        Link("folder", "sub");
        Link("out", "../outside");
        Link("absolute", _site.PathOf("sub"));
        Link("sub/up", "..");
        Link("file", "sub/target");
        Link("dead", "nothing");
        Link("loop", "loop");
        _site.Write("sub/target", "old");
        var before = _site.Entries.ToList();
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
        {
            var server = _site.Serve(handler => (handler.Symlinks, handler.AllowOverwrite) = (policy, true));
            foreach (var target in new[] { "/folder/a", "/out/a", "/absolute/a", "/sub/up/a", "/folder/sub/a", "/loop/a", "/dead/a" })
                Assert.Equal((target, 403), (target, (await server.SendAsync(Put(target, "x"))).Status));
            foreach (var target in new[] { "/file", "/dead", "/loop", "/folder", "/out" })
                Assert.Equal((target, 409), (target, (await server.SendAsync(Put(target, "x"))).Status));
            foreach (var target in new[] { "/folder/", "/out/", "/folder" })
                Assert.Equal((target, 403), (target, (await server.SendAsync(Post(target, ("name=f; filename=a", "x")))).Status));
            Assert.Equal(409, (await server.SendAsync(Post("/", ("name=f; filename=dead", "x")))).Status);
        }

        Assert.Equal(before, _site.Entries);
        Assert.Equal("old", _site.Read("sub/target"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_site.Home, "outside")));
    }

    [Fact]
    public async Task A_root_that_is_a_link_is_where_files_go()
    {
        var link = Path.Combine(_site.Home, "link");
        Directory.CreateSymbolicLink(link, _site.Root);
        await using var server = RunningServer.OfDirectory(link, handler => handler.AllowUpload = true);
        Assert.Equal(201, (await server.SendAsync(Put("/sub/a", "a"))).Status);
        Assert.Equal("a", _site.Read("sub/a"));
    }

    [Fact]
    public async Task A_pipe_is_not_written_to_and_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in directories.");
        await Tool.RunAsync("mkfifo", _site.PathOf("pipe"));
        Assert.Equal(409, (await _site.Serve(handler => handler.AllowOverwrite = true).SendAsync(Put("/pipe", "x"))).Status);
    }

    [Fact]
    public async Task Hidden_names_are_not_written_where_they_are_hidden()
    {
        _site.Write(".secret/b", "b");
        Assert.Equal(201, (await _site.Serve().SendAsync(Put("/.a", "a"))).Status);
        var server = _site.Serve(handler => (handler.HideDotfiles, handler.AllowOverwrite) = (true, true));
        foreach (var target in new[] { "/.a", "/.new", "/.secret/b", "/sub/.c" })
            Assert.Equal((target, 403), (target, (await server.SendAsync(Put(target, "x"))).Status));
        Assert.Equal(403, (await server.SendAsync(Post("/", ("name=f; filename=.b", "x")))).Status);
        Assert.Equal(403, (await server.SendAsync(Post("/.secret/", ("name=f; filename=b", "x")))).Status);
        Assert.Equal([".a", ".secret", ".secret/b", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_file_that_is_on_its_way_is_neither_served_nor_listed_nor_there_when_the_client_has_gone()
    {
        // Not even by a server that takes no files in: one that was killed may have left it.
        await using var other = RunningServer.OfDirectory(_site.Root);
        var server = _site.Serve(handler => handler.NamesUploadsAtOnce = true);
        using var client = await server.ConnectAsync();
        await client.SendAsync("PUT /a HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 200000\r\n\r\n");
        await client.ReadResponseAsync();
        var name = Assert.Single(_site.Entries, entry => entry != "sub");
        Assert.Matches("^\\.httpserver-upload-[0-9a-f]{32}\\.tmp$", name);
        foreach (var reader in new[] { server, other })
        {
            Assert.Equal(404, (await reader.GetAsync("/" + name)).Status);
            Assert.Equal(404, (await reader.GetAsync("/a")).Status);
            Assert.DoesNotContain("httpserver-upload", (await reader.GetAsync("/")).Text, StringComparison.Ordinal);
        }

        client.Reset();
        await server.Log.WaitForAsync(log => log.Requests.Any(request => request.Line.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Equal(["sub"], _site.Entries);
    }

    [Fact]
    public async Task Nothing_gets_to_where_programs_are_run()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "These programs are shell scripts.");
        Tool.RequireCgi();
        _site.Write("programs/p", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nrun '; cat");
        foreach (var path in new[] { _site.Home, _site.Root, _site.PathOf("programs"), _site.PathOf("programs/p") })
            CgiSite.Open(path);
        Link("cgi-bin", "programs");
        Directory.CreateDirectory(_site.PathOf("empty"));
        var server = _site.Serve<CgiHttpRequestHandler>(handler => (handler.AllowOverwrite, handler.CgiDirectories) = (true, ["/cgi-bin", "/htbin", "/empty"]));
        var before = _site.Entries.ToList();
        // What lies there is a program's to answer, and where none is, nobody's.
        foreach (var request in new[] { Put("/cgi-bin/p", "in"), Post("/cgi-bin/p", ("name=f; filename=a", "in")) })
            Assert.StartsWith("run ", (await server.SendAsync(request)).Text, StringComparison.Ordinal);
        foreach (var target in new[] { "/cgi-bin/new", "/htbin/new", "/empty/new", "/htbin", "/empty/", "/%63gi-bin/new" })
            Assert.InRange((await server.SendAsync(Put(target, "x"))).Status, 403, 404);
        // The same directory by its own name.
        Assert.Equal(403, (await server.SendAsync(Put("/programs/new", "x"))).Status);
        Assert.Equal(403, (await server.SendAsync(Put("/programs/p", "x"))).Status);
        Assert.Equal(403, (await server.SendAsync(Post("/programs/", ("name=f; filename=new", "x")))).Status);
        Assert.Equal(403, (await server.SendAsync(Post("/", ("name=f; filename=htbin", "x")))).Status);
        Assert.Equal(before, _site.Entries);
        Assert.Equal(201, (await server.SendAsync(Put("/sub/new", "x"))).Status);
        Assert.Equal(201, (await server.SendAsync(Post("/sub/", ("name=f; filename=newer", "x")))).Status);
        Assert.Equal(501, (await _site.Serve<CgiHttpRequestHandler>(handler => handler.AllowUpload = false).SendAsync(Post("/sub/", ("name=f; filename=c", "x")))).Status);
    }

    private void Link(string name, string target)
    {
        if (Directory.Exists(Path.Combine(Path.GetDirectoryName(_site.PathOf(name))!, target)))
            Directory.CreateSymbolicLink(_site.PathOf(name), target);
        else
            File.CreateSymbolicLink(_site.PathOf(name), target);
    }
}
