using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>What the options change in the answers.</summary>
public sealed class ServingTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public ServingTests()
    {
        _folder.Write("a.txt", "content");
        _folder.Write("a.unknown-extension", "content");
        _folder.Write(".hidden", "content");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_options_the_current_directory_is_served_with_HTTP_1_1()
    {
        await using var program = await ServerProgram.ServeAsync(_folder.Path, ["0"]);
        var response = await program.GetAsync("/a.txt");
        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal("content", response.Text);
        Assert.Equal("text/plain; charset=utf-8", response["Content-Type"]);
        Assert.Equal("application/octet-stream", (await program.GetAsync("/a.unknown-extension"))["Content-Type"]);
        Assert.Equal(200, (await program.GetAsync("/.hidden")).Status);
        Assert.Contains("\".hidden\"", (await program.GetAsync("/")).Text);
    }

    [Theory]
    [InlineData("-d")]
    [InlineData("--directory")]
    public async Task The_directory_may_be_relative_and_end_in_a_separator_and_its_full_path_is_told(string option)
    {
        _folder.Write("sub/b.txt", "below");
        await using var program = await ServerProgram.ServeAsync(_folder.Path, ["0", option, "sub/"]);
        Assert.StartsWith($"Serving {Path.Combine(_folder.Path, "sub")} on ", program.Announcement);
        Assert.Equal("below", (await program.GetAsync("/b.txt")).Text);
    }

    [Theory]
    [InlineData("-p")]
    [InlineData("--protocol")]
    public async Task With_protocol_HTTP_1_0_each_answer_ends_its_connection(string option)
    {
        await using var program = await ServerProgram.ServeAsync("0", option, "HTTP/1.0", "-d", _folder.Path);
        using var client = await program.ConnectAsync();
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("HTTP/1.0 200 OK", (await client.ReadResponseAsync()).StatusLine);
        Assert.True(await client.IsEndedAsync());
    }

    [Fact]
    public async Task With_protocol_HTTP_1_1_the_connection_stays()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-p", "HTTP/1.1", "-d", _folder.Path);
        using var client = await program.ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal("HTTP/1.1 200 OK", (await client.ReadResponseAsync()).StatusLine);
        }
    }

    [Fact]
    public async Task Headers_are_added_to_every_answer_in_their_order()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-H", "X-A", "1", "--header", "X-B", "two words", "-H", "X-A", "-3", "-H", "Cache-Control", "no-store", "-H", "X-Empty", "", "-d", _folder.Path);
        foreach (var target in new[] { "/a.txt", "/", "/missing" })
        {
            var response = await program.GetAsync(target);
            Assert.Equal(
                ["X-A=1", "X-B=two words", "X-A=-3", "X-Empty="],
                response.Headers.Where(header => header.Key is "X-A" or "X-B" or "X-Empty").Select(header => $"{header.Key}={header.Value}"));
            Assert.Equal("no-store", response["Cache-Control"]);
        }
    }

    [Fact]
    public async Task Content_type_is_that_of_unknown_extensions_alone()
    {
        await using var program = await ServerProgram.ServeAsync("0", "--content-type", "text/x-test; charset=utf-8", "-d", _folder.Path);
        Assert.Equal("text/x-test; charset=utf-8", (await program.GetAsync("/a.unknown-extension"))["Content-Type"]);
        Assert.Equal("text/plain; charset=utf-8", (await program.GetAsync("/a.txt"))["Content-Type"]);
    }

    [Fact]
    public async Task Hide_dotfiles_hides_them_from_requests_and_listings()
    {
        await using var program = await ServerProgram.ServeAsync("0", "--hide-dotfiles", "-d", _folder.Path);
        Assert.Equal(404, (await program.GetAsync("/.hidden")).Status);
        var listing = (await program.GetAsync("/")).Text;
        Assert.DoesNotContain("\".hidden\"", listing);
        Assert.Contains("a.txt", listing);
    }

    [Theory]
    [InlineData(null, 200, 404)]
    [InlineData("inside", 200, 404)]
    [InlineData("follow", 200, 200)]
    [InlineData("refuse", 404, 404)]
    public async Task Symlinks_are_treated_as_told(string? policy, int inside, int outside)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few users make links.");
        using var elsewhere = new TempDirectory();
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "in"), Path.Combine(_folder.Path, "a.txt"));
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "out"), elsewhere.Write("b.txt", "outside"));
        string[] option = policy is null ? [] : ["--symlinks", policy];
        await using var program = await ServerProgram.ServeAsync(["0", .. option, "-d", _folder.Path]);
        Assert.Equal(inside, (await program.GetAsync("/in")).Status);
        Assert.Equal(outside, (await program.GetAsync("/out")).Status);
    }
}
