using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class CachingTests : ChangingSite
{
    [Fact]
    public async Task A_file_that_is_written_in_place_is_seen()
    {
        Write("a.txt", "one");
        await ReadTwiceAsync("/a.txt", "one");
        foreach (var content in new[] { "longer than before", "", "back" })
        {
            Write("a.txt", content);
            await ReadTwiceAsync("/a.txt", content);
        }
    }

    [Fact]
    public async Task A_file_of_the_same_length_with_another_date_is_seen()
    {
        Write("a.txt", "one", Old);
        await ReadTwiceAsync("/a.txt", "one");
        Write("a.txt", "two", Old.AddTicks(1));
        await ReadTwiceAsync("/a.txt", "two");
    }

    [Fact]
    public async Task A_file_with_the_same_length_and_date_that_is_renamed_over_another_is_seen()
    {
        Write("a.txt", "one", Old);
        await ReadTwiceAsync("/a.txt", "one");
        foreach (var content in new[] { "two", "six", "ten" })
        {
            Write("new", content, Old);
            File.Move(Full("new"), Full("a.txt"), overwrite: true);
            await ReadTwiceAsync("/a.txt", content);
        }
    }

    [Fact]
    public async Task A_file_that_is_deleted_and_written_again_is_seen()
    {
        for (var round = 0; round < 3; round++)
        {
            Write("a.txt", "round " + new string('x', round));
            await ReadTwiceAsync("/a.txt", "round " + new string('x', round));
            File.Delete(Full("a.txt"));
            Assert.Equal(404, (await Server.GetAsync("/a.txt")).Status);
        }
    }

    [Fact]
    public async Task A_change_is_seen_on_a_connection_that_stays_open_and_between_two_of_them()
    {
        Write("a.txt", "1");
        using var one = await Server.ConnectAsync();
        using var other = await Server.ConnectAsync();
        for (var round = 1; round <= 5; round++)
        {
            Write("a.txt", new string('x', round));
            foreach (var client in new[] { one, other, one })
            {
                await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
                Assert.Equal(new string('x', round), (await client.ReadResponseAsync()).Text);
            }
        }
    }

    [Fact]
    public async Task A_file_that_grows_beyond_what_is_kept_is_seen_and_so_is_one_that_shrinks()
    {
        foreach (var length in new[] { 10, 300 * 1024, 20, 256 * 1024, 256 * 1024 + 1, 0 })
        {
            Write("a.bin", new string('x', length));
            Assert.Equal(length, (await Server.GetAsync("/a.bin")).Body.Length);
            Assert.Equal(length, (await Server.GetAsync("/a.bin")).Body.Length);
        }
    }

    [Fact]
    public async Task Validators_and_ranges_are_those_of_the_new_content()
    {
        Write("a.txt", "one");
        var etag = (await ReadTwiceAsync("/a.txt", "one"))["ETag"];
        Write("a.txt", "three");
        Assert.Equal(200, (await Server.GetAsync("/a.txt", $"If-None-Match: {etag}\r\n")).Status);
        Assert.Equal(412, (await Server.GetAsync("/a.txt", $"If-Match: {etag}\r\n")).Status);
        Assert.Equal("bytes 3-4/5", (await Server.GetAsync("/a.txt", "Range: bytes=3-9\r\n"))["Content-Range"]);
    }

    [Fact]
    public async Task A_link_to_another_file_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Write("one", "one", Old);
        Write("two", "two", Old);
        foreach (var name in new[] { "one", "two", "one" })
        {
            File.CreateSymbolicLink(Full("new"), name);
            File.Move(Full("new"), Full("link"), overwrite: true);
            await ReadTwiceAsync("/link", name);
        }
    }

    [Fact]
    public async Task A_file_that_becomes_a_directory_and_a_directory_that_becomes_a_file_are_seen()
    {
        Write("x", "file");
        await ReadTwiceAsync("/x", "file");
        File.Delete(Full("x"));
        Write("x/a", "");
        Assert.Equal(301, (await Server.GetAsync("/x")).Status);
        await ListTwiceAsync("/x/", "a");
        Directory.Delete(Full("x"), recursive: true);
        Write("x", "file again");
        await ReadTwiceAsync("/x", "file again");
        Assert.Equal(404, (await Server.GetAsync("/x/")).Status);
    }

    [Fact]
    public async Task A_file_that_may_no_longer_be_read_is_not_served_from_memory()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("root, and Windows in this way, can read every file.");
            return;
        }

        Write("a.txt", "secret");
        await ReadTwiceAsync("/a.txt", "secret");
        File.SetUnixFileMode(Full("a.txt"), UnixFileMode.None);
        Assert.Equal(404, (await Server.GetAsync("/a.txt")).Status);
    }

    [Fact]
    public async Task Files_changed_moments_ago_are_read_each_time()
    {
        await using var server = RunningServer.OfDirectory(Root);
        // Same length, and within the coarsest clock's step: no stamp need tell these apart.
        for (var round = 0; round < 50; round++)
        {
            File.WriteAllText(Full("a.txt"), "round " + (char)('A' + round));
            Assert.Equal("round " + (char)('A' + round), (await server.GetAsync("/a.txt")).Text);
        }
    }
}
