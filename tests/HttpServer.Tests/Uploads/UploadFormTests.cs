using System.Text;
using System.Text.Json;
using Http.Server.Tests.Support;
using static Http.Server.Tests.Support.UploadSite;

namespace Http.Server.Tests.Uploads;

public sealed class UploadFormTests : IAsyncDisposable
{
    private readonly UploadSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task The_files_of_a_form_are_stored_and_its_fields_passed_over()
    {
        var response = await _site.Serve().SendAsync(Post("/sub/", ("name=field", "x"), ("name=f; filename=\"a b.txt\"", "a"), ("name=none; filename=\"\"", ""), ("name=f; filename=c", "x--b")));
        Assert.Equal((201, "/sub/a%20b.txt\n/sub/c\n", "text/plain; charset=utf-8", null), (response.Status, response.Text, response["Content-Type"], response["Location"]));
        Assert.Equal(["sub", "sub/a b.txt", "sub/c"], _site.Entries);
        Assert.Equal("x--b", _site.Read("sub/c"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sub")]
    [InlineData("/sub/")]
    [InlineData("/sub/?sort=name")]
    public async Task A_browser_is_sent_back_to_the_listing(string target)
    {
        var response = await _site.Serve().SendAsync(Post(target, "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", ("name=f; filename=a", "a")));
        Assert.Equal((303, target == "/" ? "/" : "/sub/"), (response.Status, response["Location"]));
    }

    [Theory]
    [InlineData("*/*", 201, "text/plain; charset=utf-8")]
    [InlineData("text/plain", 201, "text/plain; charset=utf-8")]
    [InlineData("application/json, */*", 201, "application/json")]
    [InlineData("text/html;q=0.5, application/json", 201, "application/json")]
    [InlineData("text/html;q=0", 201, "text/plain; charset=utf-8")]
    [InlineData("text/html", 303, null)]
    public async Task What_was_stored_is_told_as_the_client_accepts_it(string accept, int status, string? type)
    {
        var response = await _site.Serve().SendAsync(Post("/", $"Accept: {accept}\r\n", ("name=f; filename=a", "a")));
        Assert.Equal((status, type), (response.Status, response["Content-Type"]));
    }

    [Fact]
    public async Task A_program_gets_JSON_if_it_accepts_that()
    {
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        _site.Write("old", "");
        var response = await server.SendAsync(Post("/", "Accept: application/json\r\n", ("name=f; filename*=UTF-8''%C3%BC%22", "abc"), ("name=f; filename=old", "new")));
        Assert.Equal((201, "application/json"), (response.Status, response["Content-Type"]));
        var files = JsonDocument.Parse(response.Text).RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.Equal(
            [("ü\"", "/%C3%BC%22", 3, false), ("old", "/old", 3, true)],
            files.Select(file => (file.GetProperty("name").GetString(), file.GetProperty("path").GetString(), file.GetProperty("size").GetInt32(), file.GetProperty("replaced").GetBoolean())));
        Assert.Equal("/one", (await server.SendAsync(Post("/", ("name=f; filename=one", "1"))))["Location"]);
    }

    [Theory]
    [InlineData("name=f; filename=old")]
    [InlineData("name=f; filename=first")]
    [InlineData("name=f; filename=sub")]
    public async Task Of_a_form_with_a_name_that_is_taken_nothing_is_stored(string second)
    {
        _site.Write("old", "old");
        Assert.Equal(409, (await _site.Serve().SendAsync(Post("/", ("name=f; filename=first", "1"), (second, "2")))).Status);
        Assert.Equal(["old", "sub"], _site.Entries);
        Assert.Equal("old", _site.Read("old"));
    }

    [Fact]
    public async Task The_last_of_one_name_stays_where_files_are_overwritten()
    {
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        Assert.Equal(201, (await server.SendAsync(Post("/", ("name=f; filename=a", "1"), ("name=f; filename=a", "2")))).Status);
        Assert.Equal("2", _site.Read("a"));
    }

    [Theory]
    [InlineData("../../evil", "evil")]
    [InlineData("..\\\\..\\\\evil", "evil")]
    [InlineData("C:\\\\fakepath\\\\evil", "evil")]
    [InlineData("/etc/evil", "evil")]
    [InlineData("sub/evil", "evil")]
    [InlineData("sub/..", null)]
    [InlineData("..", null)]
    [InlineData(".", null)]
    [InlineData("evil.", null)]
    [InlineData("evil%0A", null)]
    [InlineData("e\u0001vil", null)]
    [InlineData(".httpserver-upload-0.tmp", null)]
    [InlineData("%2e%2e%2fevil", "%2e%2e%2fevil")]
    public async Task A_file_name_is_reduced_to_its_last_part_and_that_is_checked(string name, string? stored)
    {
        var response = await _site.Serve().SendAsync(Post("/", ($"name=f; filename=\"{name}\"", "x")));
        Assert.Equal(stored is null ? 400 : 201, response.Status);
        Assert.Equal(stored is null ? ["sub"] : [stored, "sub"], _site.Entries);
        Assert.Equal(["outside", "site"], Directory.EnumerateDirectories(_site.Home).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/", "application/x-www-form-urlencoded", "f=x", 415)]
    [InlineData("/", "multipart/mixed; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n--b--", 415)]
    [InlineData("/", "multipart/form-data", "x", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b--", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f\r\n\r\nx\r\n--b--", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=\"\"\r\n\r\nx\r\n--b--", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx", 400)]
    [InlineData("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n--b\r\n\r\n--b--", 400)]
    [InlineData("/nothing/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n--b--", 409)]
    [InlineData("/old", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n--b--", 409)]
    public async Task A_form_that_is_none_is_refused_and_nothing_of_it_stays(string target, string type, string body, int status)
    {
        _site.Write("old", "old");
        var response = await _site.Serve().SendAsync($"POST {target} HTTP/1.1\r\nHost: test\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Equal(status, response.Status);
        Assert.Equal(["old", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_form_has_ten_thousand_parts_at_most()
    {
        var parts = Enumerable.Range(0, 10_001).Select(number => ("name=f" + number, "x")).ToArray();
        var server = _site.Serve();
        var refused = await server.SendAsync(Post("/", parts));
        Assert.Equal(413, refused.Status);
        Assert.Contains("more than 10000 parts", refused.Text, StringComparison.Ordinal);
        parts[9_999] = ("name=f; filename=a", "a");
        Assert.Equal(201, (await server.SendAsync(Post("/", parts[..10_000]))).Status);
    }

    [Fact]
    public async Task MaxFormFields_is_the_number_of_parts()
    {
        var server = _site.Serve(options: new() { MaxFormFields = 2 });
        Assert.Equal(201, (await server.SendAsync(Post("/", ("name=f; filename=a", "a"), ("name=f; filename=b", "b")))).Status);
        Assert.Equal(413, (await server.SendAsync(Post("/", ("name=f; filename=c", "a"), ("name=f; filename=d", "b"), ("name=g", "c")))).Status);
        Assert.Equal(["a", "b", "sub"], _site.Entries);
    }

    [Fact]
    public async Task A_form_that_is_too_large_leaves_nothing()
    {
        var server = _site.Serve(options: new() { MaxRequestBodySize = 100_000 });
        using var client = await server.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var piece in new[] { "--b\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; name=f; filename=b\r\n\r\n", new string('x', 90_000), new string('x', 90_000) })
            await client.SendAsync(Encoding.Latin1.GetBytes($"{piece.Length:x}\r\n{piece}\r\n"));
        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
        await server.Log.WaitForAsync(log => !log.Requests.IsEmpty);
        Assert.Equal(["sub"], _site.Entries);
    }
}
