using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Programs that something has open for writing: the system does not start them (ETXTBSY).</summary>
public sealed class CgiBusyTests : IAsyncDisposable
{
    private readonly CgiSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("GET", "run", "", false)]
    [InlineData("GET", "run", "", true)]
    [InlineData("HEAD", "run", "", false)]
    [InlineData("HEAD", "run", "", true)]
    [InlineData("POST", "run", "body", false)]
    [InlineData("POST", "run", "body", true)]
    [InlineData("GET", "nph-run", "", false)]
    [InlineData("GET", "nph-run", "", true)]
    public async Task A_program_that_is_being_written_is_answered_503_until_it_is_whole(
        string method, string name, string body, bool isOwnUser)
    {
        var path = _site.Script(name, name == "run"
            ? "printf 'Content-Type: text/plain\\n\\nran'\n"
            : "printf 'HTTP/1.0 200 OK\\r\\n\\r\\nran'\n");
        // Without a change of user the server starts the program by itself.
        var server = _site.Serve(handler => handler.CgiUser = isOwnUser ? Environment.UserName : null);
        var request = $"{method} /cgi-bin/{name} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
            + (body.Length > 0 ? $"Content-Length: {body.Length}\r\n" : "") + $"\r\n{body}";
        using (new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            var response = await AskAsync(server, request, method);
            Assert.Equal((503, "1"), (response.Status, response["Retry-After"]));
            Assert.Equal($"CGI /cgi-bin/{name} cannot be started: Text file busy", server.Log.Errors.First());
        }

        Assert.Equal(200, (await AskAsync(server, request, method)).Status);
    }

    /// <summary>A program that another thread starts at that moment has the file open too, until it runs.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_that_was_written_a_moment_ago_runs(bool isOwnUser)
    {
        var path = _site.Page("run", "printf ran");
        var server = _site.Serve(handler => handler.CgiUser = isOwnUser ? Environment.UserName : null);
        Task<RawResponse> asked;
        await using (new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            asked = server.GetAsync("/cgi-bin/run");
            await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.Contains("is tried again", StringComparison.Ordinal)));
        }

        Assert.Equal((200, "ran"), ((await asked).Status, (await asked).Text));
        Assert.Empty(server.Log.Errors);
    }

    private static async Task<RawResponse> AskAsync(RunningServer server, string request, string method)
    {
        using var client = await server.ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadResponseAsync(isHead: method == "HEAD");
    }
}
