using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Compressed answers, in the program where small ones are sent by the threads that poll the sockets.</summary>
public sealed class CompressionTests : IDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 300).Select(number => $"line {number}\n"));
    private readonly TempDirectory _folder = new();

    public CompressionTests()
    {
        _folder.Write("page.txt", Text);
        _folder.Write("pre.js", "plain");
        _folder.Write("pre.js.gz", "gzip of pre");
        _folder.Write("big.txt", string.Concat(Enumerable.Repeat(Text, 200)));
        // Old enough to be kept in memory.
        var yesterday = DateTime.UtcNow.AddDays(-1);
        foreach (var file in Directory.GetFiles(_folder.Path))
            File.SetLastWriteTimeUtc(file, yesterday);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "gzip", "gzip")]
    [InlineData("on", "gzip", "gzip")]
    [InlineData("ON", "gzip", "gzip")]
    [InlineData("precompressed", null, "gzip")]
    [InlineData("off", null, null)]
    public async Task It_is_done_as_told(string? policy, string? made, string? beside)
    {
        string[] option = policy is null ? [] : ["--compression", policy];
        await using var program = await ServerProgram.ServeAsync(["0", .. option, "-d", _folder.Path]);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(made, (await program.GetAsync("/page.txt", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
            Assert.Equal(made, (await program.GetAsync("/big.txt", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
            var neighbour = await program.GetAsync("/pre.js", "Accept-Encoding: gzip\r\n");
            Assert.Equal((beside, beside is null ? "plain" : "gzip of pre"), (neighbour["Content-Encoding"], neighbour.Text));
            Assert.Equal(Text, (await program.GetAsync("/page.txt")).Text);
        }
    }

    [Fact]
    public async Task Pipelined_requests_for_every_representation_are_answered_in_order()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        using var client = await program.ConnectAsync();
        string?[] codings = ["gzip", null, "br", "gzip", null, "br"];
        foreach (var target in new[] { "/page.txt", "/big.txt", "/", "/page.txt" })
        {
            await client.SendAsync(string.Concat(codings.Select(coding => $"GET {target} HTTP/1.1\r\nHost: test\r\n{(coding is null ? "" : $"Accept-Encoding: {coding}\r\n")}\r\n")));
            foreach (var coding in codings)
            {
                var answer = await client.ReadResponseAsync();
                Assert.Equal((200, target == "/" ? answer["Content-Encoding"] : coding), (answer.Status, answer["Content-Encoding"]));
            }
        }
    }

    [Fact]
    public async Task The_libraries_for_it_are_loaded_when_the_first_client_asks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has loaded is read from /proc.");
        Assert.SkipUnless(ServerProgram.IsLibrary, "A native program has them in itself.");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        foreach (var target in new[] { "/page.txt", "/pre.js", "/big.txt", "/", "/nothing" })
            await program.GetAsync(target);
        await program.GetAsync("/pre.js", "Accept-Encoding: gzip\r\n");
        Assert.DoesNotContain("System.IO.Compression", await File.ReadAllTextAsync($"/proc/{program.Id}/maps", TestContext.Current.CancellationToken));
        await program.GetAsync("/page.txt", "Accept-Encoding: gzip\r\n");
        Assert.Contains("System.IO.Compression", await File.ReadAllTextAsync($"/proc/{program.Id}/maps", TestContext.Current.CancellationToken));
    }
}
