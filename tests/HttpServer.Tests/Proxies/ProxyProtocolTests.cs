using System.Net;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Proxies;

public sealed class ProxyProtocolTests
{
    private const string Line = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n";
    private const string Request = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    private static readonly HttpServerOptions Options = new() { ProxyProtocol = true, TrustedProxies = [TrustedProxy.Parse("127.0.0.1"), TrustedProxy.Parse("10.0.0.0/8")] };

    private static readonly byte[] Binary = [.. Convert.FromHexString("0d0a0d0a000d0a515549540a" + "21110014" + "c0000201c6336407dc0401bb" + "0400050102030405")];

    public static TheoryData<byte[]> Headers => new(Encoding.ASCII.GetBytes(Line), Binary);

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task The_client_is_the_one_that_the_header_names_however_it_is_split(byte[] header)
    {
        await using var server = Serve(Options);
        byte[] all = [.. header, .. Encoding.ASCII.GetBytes(Request)];
        for (var at = 1; at <= header.Length + 1; at++)
        {
            using var proxy = await server.ConnectAsync();
            await proxy.SendAsync(all.AsMemory(0, at));
            await proxy.SendAsync(all.AsMemory(at));
            Assert.Equal("192.0.2.1:56324 http 127.0.0.1", (await proxy.ReadResponseAsync()).Text);
            await proxy.SendAsync(Request);
            Assert.Equal("192.0.2.1:56324 http 127.0.0.1", (await proxy.ReadResponseAsync()).Text);
        }

        Assert.All(server.Log.Requests, request => Assert.Equal("192.0.2.1", request.Client));
    }

    [Fact]
    public async Task It_may_come_byte_by_byte()
    {
        await using var server = Serve(Options);
        using var proxy = await server.ConnectAsync();
        foreach (var value in Binary)
            await proxy.SendAsync(new[] { value });
        await proxy.SendAsync(Request);
        Assert.StartsWith("192.0.2.1:56324 ", (await proxy.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\0\0\0")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0")]
    public async Task Without_a_client_in_the_header_it_is_the_proxy_and_is_not_believed_more(string header)
    {
        await using var server = Serve(Options);
        Assert.Matches("^127\\.0\\.0\\.1:[0-9]+ http 127\\.0\\.0\\.1$",
            (await server.SendAsync(header + "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n")).Text);
    }

    [Theory]
    [InlineData(Line, "192.0.2.1:56324 http")]
    [InlineData("PROXY TCP4 10.0.0.2 198.51.100.7 56324 443\r\n", "203.0.113.9:0 https")]
    public async Task Headers_of_requests_are_believed_if_the_client_in_the_header_is_a_trusted_proxy(string header, string seen)
    {
        await using var server = Serve(Options);
        Assert.StartsWith(seen, (await server.SendAsync(header + "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n\r\n")).Text);
    }

    [Theory]
    [InlineData(Request)]
    [InlineData("PROXY TCP4 nonsense\r\n" + Request)]
    [InlineData("PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001")]
    public async Task What_does_not_begin_with_a_valid_header_is_closed_with_one_line_in_the_log(string bytes)
    {
        await using var server = Serve(Options);
        using var client = await server.ConnectAsync();
        await client.SendAsync(bytes);
        Assert.True(await client.IsEndedAsync());
        await server.Log.WaitForAsync(log => !log.Messages.IsEmpty);
        var (level, proxy, text) = Assert.Single(server.Log.Messages);
        Assert.Equal((LogLevel.Information, "127.0.0.1"), (level, proxy));
        Assert.Contains("does not begin with a valid PROXY header", text);
        Assert.Empty(server.Log.Requests);
    }

    [Fact]
    public async Task Who_is_no_trusted_proxy_is_closed_even_with_a_header()
    {
        await using var server = Serve(Options with { TrustedProxies = [TrustedProxy.Parse("192.0.2.7")] });
        using var client = await server.ConnectAsync();
        await client.SendAsync(Line + Request);
        Assert.True(await client.IsEndedAsync());
        await server.Log.WaitForAsync(log => !log.Messages.IsEmpty);
        Assert.Contains("only trusted proxies", Assert.Single(server.Log.Messages).Text);
    }

    [Fact]
    public async Task A_header_that_does_not_come_in_time_is_not_waited_for()
    {
        await using var server = Serve(Options with { HeaderTimeout = TimeSpan.FromMilliseconds(1) });
        using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP4 192.0.2.1");
        Assert.True(await client.IsEndedAsync());
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.Contains("did not come in time", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_connection_that_ends_within_it_is_told_and_one_that_only_looks_is_not()
    {
        await using var server = Serve(Options);
        using (var looks = await server.ConnectAsync())
        {
            looks.FinishSending();
            Assert.True(await looks.IsEndedAsync());
        }

        using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY ");
        client.FinishSending();
        Assert.True(await client.IsEndedAsync());
        await server.Log.WaitForAsync(log => log.Messages.Count == 2);
        Assert.Equal([LogLevel.Debug, LogLevel.Information], server.Log.Messages.Select(message => message.Level));
    }

    [Fact]
    public async Task It_lies_below_TLS()
    {
        await using var server = ActionHandler.Serve(Show, Options, ServerCertificate.SelfSigned());
        using var client = await RawClient.ConnectTlsAsync(server.Port, preface: Binary);
        await client.SendAsync(Request);
        Assert.Equal("192.0.2.1:56324 https 127.0.0.1", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public void Without_trusted_proxies_it_makes_no_sense() =>
        Assert.Throws<ArgumentException>(() => new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), () => ActionHandler.Of(Show), new() { ProxyProtocol = true }));

    [Theory]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", 401)]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n", 403)]
    [InlineData("PROXY UNKNOWN\r\n", 403)]
    public async Task Passwords_of_clients_elsewhere_are_refused(string header, int status)
    {
        var users = BasicAuthentication.FromPasswords([new("anna", "secret")]);
        await using var server = new RunningServer(() =>
        {
            var handler = ActionHandler.Of(Show);
            handler.Authentication = users;
            return handler;
        }, Options);
        Assert.Equal(status, (await server.SendAsync(header + Request)).Status);
    }

    private static RunningServer Serve(HttpServerOptions options) => ActionHandler.Serve(Show, options);

    private static void Show(BaseHttpRequestHandler handler) =>
        handler.SendText($"{handler.ClientAddress} {handler.Scheme} {(handler.PeerAddress as IPEndPoint)?.Address}");
}
