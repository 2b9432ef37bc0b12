using System.Text.Json;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Pages;

/// <summary>Clients that prefer JSON get their errors as RFC 9457 has them, whoever says the error.</summary>
public sealed class ProblemDetailsTests : IDisposable
{
    private const string Json = "application/problem+json";
    private const string Html = "text/html;charset=utf-8";
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", Html)]
    [InlineData("Accept: */*\r\n", Html)]
    [InlineData("Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n", Html)]
    [InlineData("Accept: application/json\r\n", Json)]
    [InlineData("ACCEPT: APPLICATION/JSON\r\n", Json)]
    [InlineData("Accept: application/problem+json\r\n", Json)]
    [InlineData("Accept: application/json, text/plain, */*\r\n", Json)]
    [InlineData("Accept: application/*\r\n", Json)]
    [InlineData("Accept: application/json;q=0.9, text/html;q=0.8\r\n", Json)]
    [InlineData("Accept: application/json;q=0.8, text/html;q=0.9\r\n", Html)]
    [InlineData("Accept: application/json;q=0.8, application/problem+json;q=0.95, text/html;q=0.9\r\n", Json)]
    [InlineData("Accept: application/json, text/html\r\n", Html)]
    [InlineData("Accept: application/json;q=0, */*\r\n", Html)]
    [InlineData("Accept: application/json;q=0\r\n", Html)]
    [InlineData("Accept: text/html;q=0.5\r\nAccept: application/json\r\n", Json)]
    [InlineData("Accept: image/png\r\n", Html)]
    [InlineData("Accept: ;;,=q\r\n", Html)]
    public async Task The_client_chooses_by_its_weights(string headers, string type)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var answer = await server.GetAsync("/nothing", headers);
        Assert.Equal((404, type, "Accept"), (answer.Status, answer["Content-Type"], answer["Vary"]));
        if (type == Json)
            Check(answer, "Not Found");
    }

    [Theory]
    [InlineData("GET /nothing HTTP/1.1", 404, "Not Found")]
    [InlineData("GET /.. HTTP/1.1", 400, "Bad Request")]
    [InlineData("SPAM / HTTP/1.1", 501, "Not Implemented")]
    [InlineData("PUT / HTTP/1.1", 501, "Not Implemented")]
    [InlineData("GET /a.txt HTTP/1.1\r\nIf-Match: \"x\"", 412, "Precondition Failed")]
    [InlineData("GET /a.txt HTTP/1.1\r\nAccept-Encoding: *;q=0", 406, "Not Acceptable")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 99999999999", 413, "Content Too Large")]
    [InlineData("GET /a.txt HTTP/1.1\r\nExpect: eggs\r\nContent-Length: 1", 417, "Expectation Failed")]
    public async Task Whatever_the_error_is_it_is_told_so(string request, int status, string title)
    {
        _directory.Write("a.txt", new string('a', 2000));
        _directory.Write("404.html", "<p>own page");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var answer = await server.SendAsync($"{request}\r\nHost: test\r\nAccept: application/json\r\n\r\n");
        Assert.Equal(status, answer.Status);
        Check(answer, title);
        Assert.Equal("nosniff", answer["X-Content-Type-Options"]);
    }

    [Fact]
    public async Task A_page_of_ones_own_for_what_is_missing_is_for_browsers()
    {
        _directory.Write("404.html", "<p>own page");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("<p>own page", (await server.GetAsync("/nothing")).Text);
        Check(await server.GetAsync("/nothing", "Accept: application/json\r\n"), "Not Found");
    }

    [Fact]
    public async Task HEAD_has_the_same_head_and_nothing_more()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var get = await server.GetAsync("/nothing", "Accept: application/json\r\n");
        var head = await server.SendAsync("HEAD /nothing HTTP/1.1\r\nHost: test\r\nAccept: application/json\r\n\r\n");
        Assert.Equal((404, Json, get["Content-Length"]), (head.Status, head["Content-Type"], head["Content-Length"]));
        Assert.Empty(head.Body);
    }

    [Fact]
    public async Task Handlers_say_what_happened_and_nothing_of_their_insides()
    {
        await using var server = ActionHandler.Serve(handler =>
        {
            switch (handler.Path)
            {
                case "/own": handler.SendError(409, "Taken", "\"x\" is taken <twice> \u00e9\u20ac"); break;
                case "/message": handler.SendError(404, "No \"such\" thing"); break;
                case "/unknown": handler.SendError(499); break;
                case "/fault": throw new RequestFaultException(422, "That makes no sense");
                default: throw new InvalidOperationException("secret");
            }
        });
        Assert.Equal("\"x\" is taken <twice> \u00e9\u20ac", await AskAsync("/own", "Conflict"));
        Assert.Equal("No \"such\" thing", await AskAsync("/message", "Not Found"));
        Assert.Equal("That makes no sense.", await AskAsync("/fault", "Unprocessable Content"));
        Assert.Equal("???", await AskAsync("/unknown", "???"));
        Assert.DoesNotContain("secret", await AskAsync("/", "Internal Server Error"), StringComparison.Ordinal);

        async Task<string> AskAsync(string target, string title) =>
            Check(await server.GetAsync(target, "Accept: application/json\r\n"), title);
    }

    [Fact]
    public async Task Pages_that_a_class_has_chosen_for_all_stay()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, handler =>
            (handler.ErrorContentType, handler.ErrorMessageFormat) = ("application/json", "{\"code\":%(code)d}"));
        var answer = await server.GetAsync("/nothing", "Accept: application/json\r\n");
        Assert.Equal(("application/json", "{\"code\":404}", (string?)null), (answer["Content-Type"], answer.Text, answer["Vary"]));
    }

    /// <returns>The detail.</returns>
    private static string Check(RawResponse answer, string title)
    {
        Assert.Equal(Json, answer["Content-Type"]);
        var problem = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Equal(
            ("about:blank", title, answer.Status),
            (problem.GetProperty("type").GetString(), problem.GetProperty("title").GetString(), problem.GetProperty("status").GetInt32()));
        return problem.GetProperty("detail").GetString()!;
    }
}
