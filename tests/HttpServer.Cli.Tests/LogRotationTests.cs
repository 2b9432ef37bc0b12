using System.Globalization;
using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Logs that are kept small, by the server itself or by logrotate.</summary>
public sealed class LogRotationTests : IDisposable
{
    private const int Clients = 4;
    private const int RequestsEach = 500;

    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _logs = new();

    public LogRotationTests() => _folder.Write("a.txt", "content");

    private string Log => Path.Combine(_logs.Path, "access.log");

    public void Dispose()
    {
        _folder.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task Under_load_no_line_is_lost_when_files_reach_their_size()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log, "--log-max-size", "8K", "--log-keep", "1000");
        await LoadAsync(program);
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        AssertAllLines();
        Assert.All(Directory.GetFiles(_logs.Path), static path => Assert.InRange(new FileInfo(path).Length, 1, 8 * 1024));
        Assert.True(Directory.GetFiles(_logs.Path).Length > 10);
    }

    [Fact]
    public async Task Old_files_beyond_those_that_are_kept_go()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log, "--log-max-size", "1K", "--log-keep", "2");
        await LoadAsync(program);
        await program.StopAsync();
        Assert.Equal(["access.log", "access.log.1", "access.log.2"], Directory.GetFiles(_logs.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_create_logrotate_loses_no_line_under_load()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        // Ignored signals are inherited: the test cannot be made then.
        program.Signal(PosixSignal.SIGHUP);
        var load = LoadAsync(program);
        var rotating = RotateWhileAsync(load, $"create 0640\npostrotate\nkill -HUP {program.Id}\nendscript");
        await load;
        var rotations = await rotating;
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        AssertAllLines();
        Assert.True(rotations > 0);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Log));
    }

    [Fact]
    public async Task With_copytruncate_the_log_goes_on_at_the_beginning_of_the_file()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--log", Log);
        // Between the copy and the cut logrotate itself loses what comes: nothing does here.
        for (var n = 0; n < 3; n++)
        {
            await program.GetAsync($"/a.txt?0-{n}");
            await WaitForTextAsync(Log, $"?0-{n} ");
            Assert.Equal("", await RotateAsync("copytruncate"));
            Assert.Equal(0, new FileInfo(Log).Length);
        }

        await program.GetAsync("/a.txt?0-3");
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.Equal(["access.log ?0-3", "access.log.1 ?0-2", "access.log.2 ?0-1", "access.log.3 ?0-0"], Directory.GetFiles(_logs.Path, "access.log*").Order(StringComparer.Ordinal)
            .Select(static path => $"{Path.GetFileName(path)} {string.Join(',', File.ReadAllLines(path).Select(static line => line.Split("a.txt")[1].Split(' ')[0]))}"));
        Assert.DoesNotContain((byte)0, File.ReadAllBytes(Log));
    }

    [Theory]
    [InlineData("--log-max-size is about the log's file, but there is none: add --log FILE.", "--log-max-size", "1M")]
    [InlineData("--log-keep says how many old files stay, but no file gets old: add --log-max-size SIZE.", "--log", "x", "--log-keep", "3")]
    [InlineData("--log-max-size takes a number of bytes from 1 on, or one with K, M or G behind it such as 10M, not '0'.", "--log", "x", "--log-max-size", "0")]
    [InlineData("--log-max-size takes a number of bytes, or one with K, M or G behind it such as 500M, not 'many'.", "--log", "x", "--log-max-size", "many")]
    [InlineData("--log-keep takes a number from 1 to 1000000, not '0'.", "--log", "x", "--log-max-size", "1M", "--log-keep", "0")]
    public async Task What_makes_no_sense_is_said_in_one_line(string problem, params string[] arguments)
    {
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"httpserver: {problem} Try 'httpserver --help'.", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_pipe_has_no_size()
    {
        Assert.SkipUnless(File.Exists("/dev/stderr"), "This system has no /dev/stderr.");
        var result = await ServerProgram.RunAsync("0", "-d", _folder.Path, "--log", "/dev/stderr", "--log-max-size", "1M");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("httpserver: Cannot write the log /dev/stderr: It is no file whose size could be limited. Give another file with --log.", Assert.Single(result.ErrorLines));
    }

    /// <summary>Several clients ask at once, each for targets of their own.</summary>
    private static Task LoadAsync(ServerProgram program) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
    {
        using var client = await program.ConnectAsync();
        for (var n = 0; n < RequestsEach; n++)
        {
            await client.SendAsync(string.Create(CultureInfo.InvariantCulture, $"GET /a.txt?{number}-{n} HTTP/1.1\r\nHost: test\r\n\r\n"));
            await client.ReadResponseAsync();
        }
    }));

    private void AssertAllLines()
    {
        var targets = Directory.GetFiles(_logs.Path, "access.log*").SelectMany(File.ReadAllLines)
            .Where(static line => line.Contains("a.txt?", StringComparison.Ordinal)).Select(static line => line.Split('"')[1]).ToList();
        Assert.Distinct(targets);
        Assert.Equal(Clients * RequestsEach, targets.Count);
    }

    private async Task<int> RotateWhileAsync(Task load, string how)
    {
        var rotations = 0;
        do
        {
            Assert.Equal("", await RotateAsync(how));
            rotations++;
        }
        while (!load.IsCompleted);
        return rotations;
    }

    /// <summary>Has the real logrotate rotate the log now.</summary>
    /// <returns>What it complains about.</returns>
    private async Task<string> RotateAsync(string how)
    {
        var tool = Tool.Find("logrotate", "/usr/sbin/logrotate");
        Assert.SkipWhen(tool is null, "logrotate is not installed: install the package logrotate.");
        // It takes neither a folder nor a configuration that others may write to.
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException();
        File.SetUnixFileMode(_logs.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var configuration = _folder.Write("logrotate.conf", $"\"{Log}\" {{\nrotate 10000\nmissingok\nifempty\n{how}\n}}\n");
        File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (_, _, errors) = await Tool.RunAsync(tool!, "--force", "--state", Path.Combine(_folder.Path, "state"), configuration);
        return errors;
    }

    private static async Task WaitForTextAsync(string path, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            if ((await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Contains(text, StringComparison.Ordinal))
                return;
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
