using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class RedirectTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/sub", "/sub/")]
    [InlineData("/sub?x=1", "/sub/?x=1")]
    [InlineData("/sub?a=%2F%0d%0a&b=//evil.example/?c", "/sub/?a=%2F%0d%0a&b=//evil.example/?c")]
    [InlineData("/sub?f={\"a\":<1>}", "/sub/?f=%7B%22a%22:%3C1%3E%7D")]
    [InlineData("/sub?q=\u00c3\u00a9\u00ff", "/sub/?q=%C3%A9%FF")]
    [InlineData("/sub?", "/sub/")]
    [InlineData("/s%75b", "/sub/")]
    [InlineData("/./sub/../sub", "/sub/")]
    [InlineData("/sub/inner%20one", "/sub/inner%20one/")]
    [InlineData("/sub%2Finner%20one?q", "/sub/inner%20one/?q")]
    [InlineData("/sub//inner%20one?q", "/sub/inner%20one/?q")]
    public async Task A_directory_without_its_slash_redirects_and_keeps_the_query(string target, string location)
    {
        _directory.MakeDirectory("sub/inner one");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync(target);
        Assert.Equal((301, location, "0"), (response.Status, response["Location"], response["Content-Length"]));
        Assert.Null(response["Connection"]);
        Assert.Equal(200, (await server.GetAsync(location)).Status);
    }

    [Fact]
    public async Task A_redirect_is_not_to_be_kept_for_ever()
    {
        _directory.MakeDirectory("sub");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("no-cache", (await server.GetAsync("/sub"))["Cache-Control"]);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("//evil.example?a")]
    [InlineData("/.//evil.example")]
    [InlineData("/sub/..//evil.example")]
    [InlineData("/%2e//evil.example")]
    [InlineData("//evil.example/%2e%2e/evil.example")]
    [InlineData("http://test//evil.example")]
    [InlineData("http://test/%2e/evil.example")]
    [InlineData("//%65vil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/%5Cevil.example")]
    [InlineData("/%5c%5Cevil.example")]
    [InlineData("//%5Cevil.example")]
    [InlineData("/\\/evil.example")]
    [InlineData("/%09evil.example")]
    [InlineData("/%09//evil.example")]
    [InlineData("/%0d%0aLocation:%20http:evil.example")]
    [InlineData("/http:evil.example")]
    [InlineData("/@evil.example")]
    [InlineData("/sub")]
    public async Task A_redirect_never_leaves_the_host(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        _directory.MakeDirectory("sub");
        _directory.MakeDirectory("\\/evil.example");
        _directory.MakeDirectory("\t/evil.example");
        foreach (var name in new[] { "evil.example", "\\evil.example", "\\\\evil.example", "\tevil.example", "http:evil.example", "@evil.example", "\r\nLocation: http:evil.example" })
            _directory.MakeDirectory(name);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync(target);
        Assert.Equal(301, response.Status);
        var location = response["Location"]!;
        Assert.Matches("^/[A-Za-z0-9%@.][!-~]*\\z", location);
        Assert.DoesNotContain('\\', location);
        Assert.Equal("127.0.0.1", new Uri(new Uri(server.Url), location).Host);
        Assert.Equal(200, (await server.GetAsync(location)).Status);
    }

    [Theory]
    [InlineData("/%2fevil.example")]
    [InlineData("/%2f%2fevil.example")]
    [InlineData("/sub%2f..%2fevil.example")]
    public async Task An_encoded_slash_redirects_nowhere(string target)
    {
        _directory.MakeDirectory("evil.example");
        _directory.MakeDirectory("sub");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync(target);
        Assert.Equal((404, null), (response.Status, response["Location"]));
    }

    [Theory]
    [InlineData("//")]
    [InlineData("/.")]
    [InlineData("/sub/..")]
    [InlineData("/sub/%2e")]
    [InlineData("//evil.example/..")]
    [InlineData("//evil.example/%2e%2e")]
    public async Task What_ends_in_a_dot_segment_names_a_directory_and_needs_no_redirect(string target)
    {
        _directory.MakeDirectory("sub");
        _directory.MakeDirectory("evil.example");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal(200, (await server.GetAsync(target)).Status);
    }
}
