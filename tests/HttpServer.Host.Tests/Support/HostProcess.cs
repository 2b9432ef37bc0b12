using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Http.Server.Host.Tests.Support;

/// <summary>The built host, started as a program. Waits are bounded, and say what was seen instead.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Client = new() { Timeout = Patience };

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _reading;

    private HostProcess(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput, _output), ReadAsync(_process.StandardError, _errors));
    }

    /// <summary>The folder of the built program.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/HttpServer.Host/bin", Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))!), "net10.0"));

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>What it has written to standard output.</summary>
    public string Output => TextOf(_output);

    /// <summary>What it has written to standard error.</summary>
    public string Errors => TextOf(_errors);

    /// <summary>Starts it in a directory.</summary>
    public static HostProcess Start(string directory, params string[] arguments) => new(
        new ProcessStartInfo("dotnet", [Path.Combine(Folder, "httpserver-host.dll"), .. arguments]) { WorkingDirectory = directory });

    /// <summary>Starts a program as it was installed or published, with these environment variables and no others.</summary>
    public static HostProcess StartProgram(string program, string directory, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory };
        // Without this one no program has sockets on Windows.
        var windows = Environment.GetEnvironmentVariable("SystemRoot");
        start.Environment.Clear();
        if (windows is not null)
            start.Environment["SystemRoot"] = windows;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new HostProcess(start);
    }

    /// <summary>Starts it at a terminal, which util-linux's script plays.</summary>
    public static HostProcess StartAtTerminal(string directory, string arguments) => StartAtTerminal(directory, $"dotnet '{Path.Combine(Folder, "httpserver-host.dll")}'", arguments);

    /// <summary>The same for a program that a shell's command starts. What the prompt remembers of lines goes to the directory, not to the user's own.</summary>
    public static HostProcess StartAtTerminal(string directory, string command, string arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script of other systems takes other options.");
        Tool.Require("script", "util-linux");
        var start = new ProcessStartInfo("script", ["-qefc", $"stty cols 200 rows 50; exec {command} {arguments}", "/dev/null"]) { WorkingDirectory = directory };
        (start.Environment["TERM"], start.Environment["HOME"], start.Environment["XDG_DATA_HOME"]) = ("xterm", directory, directory);
        return new HostProcess(start);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string directory, string input, params string[] arguments)
    {
        await using var host = Start(directory, arguments);
        await host.TypeAsync(input);
        host._process.StandardInput.Close();
        return (await host.WaitForEndAsync(), host.Output, host.Errors);
    }

    /// <summary>Waits for a line of either stream.</summary>
    public async Task<Match> WaitForAsync(string pattern)
    {
        Match? match = null;
        await UntilAsync(() => (match = Regex.Match(Output + "\n" + Errors, pattern)).Success, $"it says {pattern}");
        return match!;
    }

    /// <summary>The address of the announcement.</summary>
    public async Task<Uri> WaitForAddressAsync() => new((await WaitForAsync("https?://[^/ ]+:[0-9]+/")).Value);

    /// <summary>Asks until the answer is this text: a server that is started anew is away for a moment.</summary>
    public Task WaitForAnswerAsync(Uri address, string expected) => UntilAsync(() => TryGet(address) == expected, $"{address} answers {expected}");

    public static async Task<string> GetAsync(Uri address) => await Client.GetStringAsync(address);

    /// <summary>Waits for something outside of the program.</summary>
    public static async Task UntilAsync(Func<bool> isReached)
    {
        for (var clock = Stopwatch.StartNew(); !isReached(); await Task.Delay(20))
            Assert.True(clock.Elapsed < Patience, "It has not come.");
    }

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Sends SIGTERM or SIGINT; other systems have neither.</summary>
    public void Signal(string name) =>
        ProcessSignal.Send(_process.Id, name == "INT" ? PosixSignal.SIGINT : PosixSignal.SIGTERM);

    public async Task<int> WaitForEndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _reading.WaitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string? TryGet(Uri address)
    {
        try
        {
            return Client.GetStringAsync(address).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            return null;
        }
    }

    private async Task UntilAsync(Func<bool> isReached, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!isReached())
        {
            Assert.True(clock.Elapsed < Patience && (!_process.HasExited || !_reading.IsCompleted || isReached()), $"Not seen that {what}: {Output}\n{Errors}");
            await Task.Delay(20);
        }
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    private async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            lock (text)
                text.Append(buffer, 0, count);
            // A terminal tells where its cursor is when it is asked.
            for (var at = 0; (at = buffer.AsSpan(0, count)[at..].IndexOf("\u001b[6n") is >= 0 and var found ? at + found + 1 : -1) > 0;)
                await TypeAsync("\u001b[1;1R");
        }
    }
}
