using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The options that let clients put files into the directory.</summary>
public sealed class UploadTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public UploadTests() => _folder.Write("old.txt", "old");

    private IEnumerable<string> Files => Directory.EnumerateFiles(_folder.Path, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_is_taken_in_without_being_told_to()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        Assert.Equal(501, await PutAsync(program, "/new.txt", "new"));
        Assert.Equal(["old.txt"], Files);
    }

    [Fact]
    public async Task Files_are_taken_in_and_none_is_overwritten()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload");
        Assert.Equal(201, await PutAsync(program, "/new.txt", "new"));
        Assert.Equal(409, await PutAsync(program, "/old.txt", "new"));
        Assert.Equal("old", File.ReadAllText(Path.Combine(_folder.Path, "old.txt")));
        Assert.Equal(["new.txt", "old.txt"], Files);
    }

    [Fact]
    public async Task Files_are_overwritten_if_told_so_also_beside_programs()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload", "--overwrite", "--cgi");
        Assert.Equal(204, await PutAsync(program, "/old.txt", "new"));
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder.Path, "old.txt")));
        // What lies there is for a program to answer.
        Assert.Equal(404, await PutAsync(program, "/cgi-bin/new", "new"));
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("1k", 1024)]
    [InlineData("1M", 1024 * 1024)]
    public async Task A_body_has_a_largest_size(string size, int bytes)
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload", "--max-body-size", size);
        Assert.Equal(201, await PutAsync(program, "/fits", new string('x', bytes)));
        Assert.Equal(413, await PutAsync(program, "/large", new string('x', bytes + 1)));
        Assert.Equal(["fits", "old.txt"], Files);
    }

    [Fact]
    public async Task A_program_that_is_told_to_stop_leaves_no_half_file()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload");
        using var client = await program.ConnectAsync();
        await client.SendAsync("PUT /new.txt HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        Assert.InRange(Files.Count(), 1, 2);
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.Equal(["old.txt"], Files);
    }

    [Theory]
    [InlineData("new.txt")]
    [InlineData("old.txt")]
    public async Task A_program_that_is_killed_leaves_no_half_file_where_files_need_no_name(string name)
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload", "--overwrite");
        using var client = await program.ConnectAsync();
        await client.SendAsync($"PUT /{name} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync(new string('x', 500_000));
        Assert.SkipUnless(Files.Count() == 1, "This file system has no files without names.");
        await program.KillAsync();
        Assert.Equal(["old.txt"], Files);
        Assert.Equal("old", File.ReadAllText(Path.Combine(_folder.Path, "old.txt")));
    }

    [Fact]
    public async Task A_start_removes_what_a_program_that_was_killed_has_left_and_says_so()
    {
        var sub = Directory.CreateDirectory(Path.Combine(_folder.Path, "sub")).FullName;
        string[] left = [.. new[] { _folder.Path, sub }.Select(folder => Path.Combine(folder, $".httpserver-upload-{Guid.NewGuid():N}.tmp"))];
        var users = Path.Combine(sub, ".httpserver-upload-mine.tmp");
        Assert.All([users, .. left], path => File.WriteAllText(path, "half a file"));
        await using (var reader = await ServerProgram.ServeAsync("0", "-d", _folder.Path))
            Assert.Equal(0, (await reader.StopAsync()).ExitCode);
        Assert.All(left, path => Assert.True(File.Exists(path)));
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--upload");
        Assert.EndsWith($"Removed 2 unfinished uploads that a server has left in {_folder.Path}.", await program.ReadErrorLineAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(left, File.Exists);
        Assert.True(File.Exists(users));
    }

    [Theory]
    [InlineData("--overwrite", "--overwrite is about files that are uploaded, but none may be: add --upload.")]
    [InlineData("--max-body-size|", "--max-body-size takes a number of bytes, or one with K, M or G behind it such as 500M, not ''.")]
    [InlineData("--max-body-size|-1", "not '-1'.")]
    [InlineData("--max-body-size|5T", "not '5T'.")]
    [InlineData("--max-body-size|M", "not 'M'.")]
    [InlineData("--max-body-size|1.5G", "not '1.5G'.")]
    [InlineData("--max-body-size|9999999999G", "not '9999999999G'.")]
    [InlineData("--max-body-size|1M|--max-body-size|2M", "--max-body-size can be given only once.")]
    public async Task A_wrong_command_line_ends_with_2_and_one_line_that_says_what_is_wrong(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(["0", .. arguments.Split('|')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_shows_the_options()
    {
        var help = (await ServerProgram.RunAsync("--help")).Output;
        Assert.All(["--upload", "--overwrite", "--max-body-size <SIZE>"], text => Assert.Contains(text, help, StringComparison.Ordinal));
    }

    private static async Task<int> PutAsync(ServerProgram program, string target, string content)
    {
        using var client = await program.ConnectAsync();
        // A body that is refused is not sent.
        await client.SendAsync($"PUT {target} HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: {content.Length}\r\n\r\n");
        var response = await client.ReadResponseAsync();
        if (response.Status != 100)
            return response.Status;
        await client.SendAsync(content);
        return (await client.ReadResponseAsync()).Status;
    }
}
