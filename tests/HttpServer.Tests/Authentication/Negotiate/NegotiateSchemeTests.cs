using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication.Negotiate;

/// <summary>What no ticket is in. Tickets of a realm are tested in the Pester file of the same subject.</summary>
public sealed class NegotiateSchemeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Authorization: Negotiate\r\n")]
    [InlineData("Authorization: Negotiate \r\n")]
    [InlineData("Authorization: Negotiate AAAA\r\n")]
    [InlineData("Authorization: Negotiate A\r\n")]
    [InlineData("Authorization: Negotiate ====\r\n")]
    [InlineData("Authorization: Negotiate A-_A\r\n")]
    [InlineData("Authorization: Negotiate \u00ff\r\n")]
    [InlineData("Authorization: Negotiate AAAA AAAA\r\n")]
    [InlineData("Authorization: Negotiate AAAA\r\nAuthorization: Negotiate AAAA\r\n")]
    [InlineData("Authorization: NegotiateAAAA\r\n")]
    [InlineData("Authorization: NTLM TlRMTVNTUAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n")]
    [InlineData("Authorization: Basic YTpi\r\n")]
    public async Task What_proves_nothing_is_401_with_a_challenge_and_the_connection_goes_on(string headers)
    {
        await using var server = Serve();
        using var client = await server.ConnectAsync();
        for (var n = 0; n < 3; n++)
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
            var answer = await client.ReadResponseAsync();
            Assert.Equal((401, "Negotiate"), (answer.Status, answer["WWW-Authenticate"]));
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Tokens_are_bounded_and_none_of_them_is_a_fault_of_the_server()
    {
        await using var server = Serve(new() { MaxHeaderBytes = 1 << 20 });
        var random = new Random(27);
        foreach (var length in new[] { 1, 2, 3, 40, 1000, 48 * 1024, (48 * 1024) + 1, 200_000 })
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            // What a token of SPNEGO begins with, and what one of NTLM does.
            foreach (var start in new[] { [], new byte[] { 0x60, 0x82, 0x01, 0x00, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 }, "NTLMSSP\0\u0001\0\0\0"u8.ToArray() })
            {
                start.AsSpan(0, Math.Min(start.Length, length)).CopyTo(bytes);
                var answer = await server.GetAsync("/", $"Authorization: Negotiate {Convert.ToBase64String(bytes)}\r\n");
                Assert.Equal(401, answer.Status);
                Assert.StartsWith("Negotiate", answer["WWW-Authenticate"], StringComparison.Ordinal);
            }
        }

        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Clients_elsewhere_need_TLS_as_for_all_that_could_be_stolen()
    {
        var request = $"GET / HTTP/1.1\r\nHost: test\r\nAuthorization: Negotiate {Convert.ToBase64String(Encoding.ASCII.GetBytes("token"))}\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 403 ", await Conversation.AskAsync(Guard(), request));
    }

    [Fact]
    public void A_name_is_printable()
    {
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.Negotiate(""));
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.Negotiate("a\nb"));
        Assert.Equal(("Corp", "Negotiate"), (AuthenticationScheme.Negotiate("Corp").Name, AuthenticationScheme.Negotiate("Corp").Type));
    }

    private static ActionHandler Guard()
    {
        var handler = ActionHandler.Of(static handler => handler.SendText($"{handler.User}"));
        handler.Access = new() { Schemes = [AuthenticationScheme.Negotiate("Corp")] };
        return handler;
    }

    private static RunningServer Serve(HttpServerOptions? options = null) => new(Guard, options);
}
