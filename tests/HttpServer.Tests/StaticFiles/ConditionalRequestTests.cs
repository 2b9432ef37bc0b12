using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class ConditionalRequestTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public ConditionalRequestTests()
    {
        File.SetLastWriteTimeUtc(_directory.Write("a.txt", "hello"), new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc).AddTicks(5));
        _server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 304)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 304)]
    [InlineData("Sun Nov  6 08:49:37 1994", 304)]
    [InlineData("Sun, 06 Nov 1994 08:49:38 GMT", 304)]
    [InlineData("Monday, 07-Nov-94 08:49:37 GMT", 304)]
    [InlineData("Mon Nov  7 08:49:37 1994", 304)]
    [InlineData("Sun, 06 Nov 1994 08:49:36 GMT", 200)]
    [InlineData("Sunday, 06-Nov-94 08:49:36 GMT", 200)]
    [InlineData("Sun Nov  6 08:49:36 1994", 200)]
    [InlineData("Thu, 01 Jan 2099 00:00:00 GMT", 304)]
    [InlineData("", 200)]
    [InlineData("yesterday", 200)]
    [InlineData("784111777", 200)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 +0000", 200)]
    [InlineData("Sun, 32 Nov 1994 08:49:37 GMT", 200)]
    [InlineData("Sun, 06 Nov 99999999999999999999 08:49:37 GMT", 200)]
    public Task If_Modified_Since_takes_all_three_forms_of_a_date(string date, int status) => CheckAsync($"If-Modified-Since: {date}\r\n", status);

    [Theory]
    [InlineData("{etag}", 304)]
    [InlineData("W/{etag}", 304)]
    [InlineData("\"x\", {etag}", 304)]
    [InlineData("\"a,b\" ,, W/{etag},", 304)]
    [InlineData("*", 304)]
    [InlineData("\"x\"", 200)]
    [InlineData("", 200)]
    [InlineData("{bare}", 200)]
    [InlineData("w/{etag}", 200)]
    [InlineData("\"", 200)]
    [InlineData("\"unclosed, {etag}", 200)]
    [InlineData("%s%n\"\"\"", 200)]
    public Task If_None_Match_gives_304_for_the_current_tag(string tags, int status) => CheckAsync($"If-None-Match: {tags}\r\n", status);

    [Theory]
    [InlineData("If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200)]
    [InlineData("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-None-Match: \"x\"\r\n", 200)]
    [InlineData("If-None-Match: {etag}\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 304)]
    [InlineData("If-None-Match: nonsense\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200)]
    [InlineData("If-None-Match: \"x\"\r\nIf-None-Match: {etag}\r\n", 304)]
    [InlineData("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200)]
    public Task If_Modified_Since_is_ignored_beside_If_None_Match_and_when_repeated(string headers, int status) => CheckAsync(headers, status);

    [Theory]
    [InlineData("If-Match: {etag}\r\n", 200)]
    [InlineData("If-Match: *\r\n", 200)]
    [InlineData("If-Match: \"x\", {etag}\r\n", 200)]
    [InlineData("If-Match: \"x\"\r\nIf-Match: {etag}\r\n", 200)]
    [InlineData("If-Match: \"x\"\r\n", 412)]
    [InlineData("If-Match: W/{etag}\r\n", 412)]
    [InlineData("If-Match: nonsense\r\n", 200)]
    [InlineData("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412)]
    [InlineData("If-Unmodified-Since: Sunday, 06-Nov-94 08:49:36 GMT\r\n", 412)]
    [InlineData("If-Unmodified-Since: Sun Nov  6 08:49:36 1994\r\n", 412)]
    [InlineData("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200)]
    [InlineData("If-Unmodified-Since: nonsense\r\n", 200)]
    [InlineData("If-Match: {etag}\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200)]
    [InlineData("If-Match: \"x\"\r\nIf-None-Match: {etag}\r\n", 412)]
    [InlineData("If-Match: {etag}\r\nIf-None-Match: {etag}\r\n", 304)]
    [InlineData("If-Match: \"x\"\r\nRange: bytes=0-0\r\n", 412)]
    [InlineData("If-None-Match: {etag}\r\nRange: bytes=0-0\r\n", 304)]
    [InlineData("If-None-Match: {etag}\r\nRange: bytes=99-\r\n", 304)]
    public Task If_Match_and_If_Unmodified_Since_give_412_before_anything_else(string headers, int status) => CheckAsync(headers, status);

    [Theory]
    [InlineData("{etag}", 206)]
    // Another file may have had the date that somebody has set.
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 200)]
    [InlineData("Sun Nov  6 08:49:37 1994", 200)]
    [InlineData("W/{etag}", 200)]
    [InlineData("\"x\"", 200)]
    [InlineData("{etag}, {etag}", 200)]
    [InlineData("*", 200)]
    [InlineData("", 200)]
    [InlineData("Sun, 06 Nov 1994 08:49:38 GMT", 200)]
    [InlineData("Sun, 06 Nov 1994 08:49:36 GMT", 200)]
    public Task If_Range_honours_a_range_for_exactly_this_version(string validator, int status) =>
        CheckAsync($"Range: bytes=1-2\r\nIf-Range: {validator}\r\n", status);

    [Fact]
    public Task If_Range_without_a_range_means_nothing() => CheckAsync("If-Range: {etag}\r\n", 200);

    [Fact]
    public async Task A_304_has_the_validators_no_body_and_keeps_the_connection()
    {
        using var client = await _server.ConnectAsync();
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\nIf-None-Match: *\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        var unchanged = await client.ReadResponseAsync();
        var whole = await client.ReadResponseAsync();
        Assert.Equal("HTTP/1.1 304 Not Modified", unchanged.StatusLine);
        foreach (var name in new[] { "ETag", "Last-Modified", "Cache-Control" })
            Assert.Equal(whole[name], unchanged[name]);
        Assert.Null(unchanged["Content-Type"]);
        Assert.Equal("hello", whole.Text);
    }

    [Fact]
    public async Task A_listing_has_no_validators_and_ignores_conditions_and_ranges()
    {
        var listing = await _server.GetAsync("/", "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\nIf-None-Match: *\r\nIf-Match: \"x\"\r\nRange: bytes=0-0\r\n");
        Assert.Equal((200, null, null), (listing.Status, listing["ETag"], listing["Last-Modified"]));
    }

    [Fact]
    public async Task Conditions_do_not_hide_that_a_file_is_missing() =>
        Assert.Equal(404, (await _server.GetAsync("/nothing", "If-None-Match: *\r\nIf-Match: *\r\n")).Status);

    /// <summary>Asks twice, as the second answer comes from memory, and both with HEAD.</summary>
    private async Task CheckAsync(string headers, int status)
    {
        var etag = (await _server.SendAsync("HEAD /a.txt HTTP/1.1\r\nHost: test\r\n\r\n"))["ETag"]!;
        headers = headers.Replace("{etag}", etag, StringComparison.Ordinal).Replace("{bare}", etag.Trim('"'), StringComparison.Ordinal);
        for (var round = 0; round < 2; round++)
        {
            var response = await _server.GetAsync("/a.txt", headers);
            Assert.Equal(status, response.Status);
            Assert.Equal(status switch { 200 => "hello", 206 => "el", 304 => "", _ => response.Text }, response.Text);
            var head = await _server.SendAsync($"HEAD /a.txt HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
            Assert.Equal(status == 206 ? 200 : status, head.Status);
        }

        Assert.Empty(_server.Log.Errors);
    }
}
