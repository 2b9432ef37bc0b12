using System.Net;
using System.Net.Sockets;
using Http.Server.Admission;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Admission;

/// <summary>Which addresses may ask.</summary>
public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "", "::ffff:10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "", "11.1.2.3", false)]
    [InlineData("10.0.0.0/8", "", "::1", false)]
    [InlineData("10.0.0.0/8 2001:db8::/32", "", "2001:db8::5", true)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", false)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.2.2.3", true)]
    [InlineData("", "10.1.0.0/16", "10.2.2.3", true)]
    [InlineData("", "10.1.0.0/16", "::ffff:10.1.2.3", false)]
    [InlineData("", "0.0.0.0/0", "::1", true)]
    [InlineData("", "::/0", "127.0.0.1", true)]
    [InlineData("192.0.2.1", "", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "", "192.0.2.2", false)]
    public void Denied_wins_and_allowed_is_all_there_is(string allowed, string denied, string client, bool may) =>
        Assert.Equal(may, new AddressRules(Read(allowed), Read(denied)).Allow(new IPEndPoint(IPAddress.Parse(client), 1), isKnown: true));

    [Fact]
    public void A_client_that_a_proxy_does_not_tell_is_none_of_the_allowed()
    {
        var proxy = new IPEndPoint(IPAddress.Loopback, 1);
        Assert.False(new AddressRules(Read("127.0.0.1"), []).Allow(proxy, isKnown: false));
        Assert.True(new AddressRules([], Read("10.0.0.0/8")).Allow(proxy, isKnown: false));
        var socket = new UnixDomainSocketEndPoint("/run/x");
        Assert.True(new AddressRules(Read("10.0.0.0/8"), []).Allow(socket, isKnown: true));
        Assert.False(new AddressRules(Read("10.0.0.0/8"), []).Allow(socket, isKnown: false));
    }

    [Fact]
    public async Task A_client_that_may_not_ask_gets_403_and_nothing_else()
    {
        var calls = 0;
        await using var server = ActionHandler.Serve(
            handler =>
            {
                calls++;
                handler.SendText("here");
            },
            new HttpServerOptions { DeniedAddresses = [IPNetwork.Parse("127.0.0.0/8")], HealthPath = "/healthz" });
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.Equal((403, "close"), (answer.Status, answer["Connection"]));
        Assert.Equal(200, (await server.GetAsync("/healthz")).Status);
        Assert.Equal(0, calls);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", 200)]
    [InlineData("X-Forwarded-For: 203.0.113.9, 192.0.2.1\r\n", 200)]
    [InlineData("X-Forwarded-For: 192.0.2.1, 203.0.113.9\r\n", 403)]
    [InlineData("Forwarded: for=unknown\r\n", 403)]
    [InlineData("Forwarded: for=192.0.2.1\r\n", 200)]
    [InlineData("", 403)]
    public async Task Behind_a_proxy_the_client_is_the_one_that_it_tells(string headers, int status)
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("here"), new HttpServerOptions
        {
            AllowedAddresses = [IPNetwork.Parse("192.0.2.0/24")],
            TrustedProxies = [TrustedProxy.Parse("127.0.0.1")],
        });
        Assert.Equal(status, (await server.GetAsync("/", headers)).Status);
    }

    [Fact]
    public async Task What_a_client_says_of_itself_changes_nothing()
    {
        await using var server = ActionHandler.Serve(
            static handler => handler.SendText("here"), new HttpServerOptions { AllowedAddresses = [IPNetwork.Parse("192.0.2.0/24")] });
        Assert.Equal(403, (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n")).Status);
    }

    private static IPNetwork[] Read(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static one => TrustedProxy.Parse(one).Network!.Value)];
}
