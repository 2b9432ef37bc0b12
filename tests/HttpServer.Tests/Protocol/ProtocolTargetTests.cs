using Http.Server.Tests.Support;

namespace Http.Server.Tests.Protocol;

/// <summary>What clients send raw in a target, for which RFC 3986 has escapes, reaches whoever asks for it as it came.</summary>
public sealed class ProtocolTargetTests
{
    [Theory]
    [InlineData("/a?filter={\"a\":1}")]
    [InlineData("/a?q=<b>")]
    [InlineData("/a?q=\u00c3\u00a9")]
    [InlineData("/a?\u0080\u00ff")]
    [InlineData("/a?!\"$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~")]
    [InlineData("/a!\"$&'()*+,-./09:;<=>@AZ[\\]^_`az{|}~")]
    [InlineData("/?%zz&%")]
    public async Task A_handler_sees_the_target_as_it_came(string target)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(handler.RequestLine + "\n" + handler.Path, "text/plain; charset=latin1"));
        var response = await server.GetAsync(target);
        Assert.Equal((200, $"GET {target} HTTP/1.1\n{target}"), (response.Status, response.Text));
    }

    [Fact]
    public async Task Every_byte_is_taken_or_refused_by_the_part_it_stands_in()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(""));
        foreach (var place in new[] { "/", "/?" })
        {
            for (var value = 0; value < 256; value++)
            {
                using var client = await server.ConnectAsync();
                await client.SendAsync($"GET {place}a{(char)value}b HTTP/1.1\r\nHost: test\r\n\r\n");
                var isRefused = value is <= ' ' or '#' or '\x7f' || (value > '\x7f' && place == "/");
                Assert.Equal((place, value, isRefused ? 400 : 200), (place, value, (await client.ReadResponseAsync()).Status));
            }
        }
    }

    [Theory]
    [InlineData("/caf\u00c3\u00a9")]
    [InlineData("/\u00ff?a")]
    [InlineData("http://test/\u00e9")]
    public async Task A_raw_path_beyond_ASCII_is_refused_and_told_what_to_do(string target)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(""));
        var response = await server.GetAsync(target);
        Assert.Equal(400, response.Status);
        Assert.Contains("percent-encode", response.Text, StringComparison.Ordinal);
    }
}
