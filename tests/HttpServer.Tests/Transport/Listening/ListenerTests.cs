using System.Net.Sockets;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Transport.Listening;

/// <summary>Unix domain sockets and the files that stand for them; ports are tested with the server.</summary>
public sealed class ListenerTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public ListenerTests() => Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");

    private string SocketPath => Path.Combine(_directory.Path, "s");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_unix_domain_socket_is_served_and_its_file_removed_at_the_end()
    {
        await using (var server = NewServer(SocketPath))
        {
            var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
            Assert.Equal((0, "localhost"), (server.ServerPort, server.ServerName));
            using var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal("- hello", (await client.ReadResponseAsync()).Text);
            await server.ShutdownAsync(TimeSpan.Zero);
            await serving;
        }

        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_stale_socket_file_is_replaced()
    {
        // Disposal would remove the file where it was bound. It does not listen: a program that another test starts at this moment
        // has all sockets of this process until it is itself, and would be one that listens.
        var elsewhere = Path.Combine(_directory.Path, "elsewhere");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(elsewhere));
            File.Move(elsewhere, SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
        await using var server = NewServer(SocketPath);
        using var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Fact]
    public async Task A_socket_that_another_server_listens_at_is_left_alone_and_named()
    {
        await using var server = NewServer(SocketPath);
        var failure = Assert.Throws<ServerStartException>(() => NewServer(SocketPath));
        Assert.Contains(SocketPath, failure.Message);
        Assert.Contains("another program", failure.Message);
        using var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public void A_file_that_is_no_socket_is_never_removed(string content)
    {
        var path = _directory.Write("s", content);
        Assert.Contains(path, Assert.Throws<ServerStartException>(() => NewServer(path)).Message);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_missing_directory_is_named_as_such()
    {
        var path = Path.Combine(_directory.Path, "no", "s");
        var failure = Assert.Throws<ServerStartException>(() => NewServer(path));
        Assert.Contains(path, failure.Message);
        Assert.Contains("directory", failure.Message);
    }

    private static HttpServer NewServer(string path) => new(
        [new UnixDomainSocketEndPoint(path)],
        () => ActionHandler.Of(handler => handler.SendText($"{handler.AddressString()} hello")),
        new HttpServerOptions { Log = NullLog.Instance });
}
