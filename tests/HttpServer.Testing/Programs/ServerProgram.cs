using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Http.Server.Tests.Support;

namespace Http.Server.Cli.Tests.Support;

/// <summary>The built program, started as a user starts it, and ended with the object.</summary>
internal sealed partial class ServerProgram : IAsyncDisposable
{
    /// <summary>What .NET itself sends to a terminal before the first text: the cursor keys' application mode.</summary>
    private const string TerminalSetup = "\u001b[?1h\u001b=";

    /// <summary>Only there so that a hanging program fails a test instead of halting the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _firstError = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;

    private ServerProgram(Process process)
    {
        _process = process;
        _errors = ReadErrorsAsync(process.StandardError);
    }

    /// <summary>
    /// The program's file: what the variable <c>HTTPSERVER_TEST_PROGRAM</c> names, a published native program say, or else the built
    /// <c>HttpServer.Cli.dll</c> of the configuration that the tests were built in.
    /// </summary>
    public static string File { get; } = FindFile();

    /// <summary>How the program is started: <see cref="File"/>, with <c>dotnet</c> before it if it is a library.</summary>
    public static string[] Command => IsLibrary ? ["dotnet", File] : [File];

    /// <summary>What a shell's command has before <see cref="File"/>, a space included.</summary>
    public static string Launcher => IsLibrary ? "dotnet " : "";

    /// <summary>The same, to be found without PATH.</summary>
    public static string FullLauncher => IsLibrary ? $"'{Tool.Require("dotnet", "dotnet-sdk-10.0")}' " : "";

    /// <summary>The repository's top.</summary>
    public static string Repository => Path.GetFullPath("../../../../..", AppContext.BaseDirectory);

    /// <summary>Debug or Release.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The line that says what is served where.</summary>
    public string Announcement { get; private set; } = "";

    /// <summary>The ports in <see cref="Announcement"/>, in its order.</summary>
    public IReadOnlyList<int> Ports => [.. PortPattern().Matches(Announcement).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    public int Port => Ports[0];

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether the process has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a server and waits until it says that it serves.</summary>
    public static Task<ServerProgram> ServeAsync(params string[] arguments) => ServeAsync(null, arguments);

    /// <inheritdoc cref="ServeAsync(string[])"/>
    public static async Task<ServerProgram> ServeAsync(
        string? workingDirectory, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var program = new ServerProgram(Start(Command[0], [.. Command[1..], .. arguments], workingDirectory, environment));
        await program.WaitForAnnouncementAsync();
        return program;
    }

    /// <summary>Starts a shell's command, in which <c>$0</c> is <see cref="File"/>, and does not wait for the server.</summary>
    public static ServerProgram StartInShell(string command) => new(Start("/bin/sh", ["-c", command, File]));

    /// <summary>Runs the program to its end, which comes by itself where it has nothing to serve.</summary>
    public static Task<ProgramResult> RunAsync(params string[] arguments) => RunToolAsync(Command[0], [.. Command[1..], .. arguments], Patience);

    /// <summary>Runs any program to its end, with no standard input.</summary>
    public static async Task<ProgramResult> RunToolAsync(
        string program, string[] arguments, TimeSpan? patience = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, null, environment);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience ?? TimeSpan.FromMinutes(5));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} does not end. It said: {await output}{await errors}");
        }

        return new ProgramResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Waits until the server says that it serves.</summary>
    public async Task WaitForAnnouncementAsync()
    {
        var line = await ReadOutputLineAsync();
        Announcement = line.StartsWith(TerminalSetup, StringComparison.Ordinal) ? line[TerminalSetup.Length..] : line;
        if (!Announcement.StartsWith("Serving ", StringComparison.Ordinal))
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            Assert.Fail($"The server did not start: {Announcement} {await _errors.WaitAsync(Patience)}");
        }
    }

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Port);

    /// <summary>Sends one GET to 127.0.0.1 on a connection of its own.</summary>
    public async Task<RawResponse> GetAsync(string target, string headers = "", string version = "HTTP/1.1")
    {
        using var client = await ConnectAsync();
        await client.SendAsync($"GET {target} {version}\r\nHost: test\r\n{headers}\r\n");
        return await client.ReadResponseAsync();
    }

    /// <summary>The next line of standard output.</summary>
    public async Task<string> ReadOutputLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? "";

    /// <summary>The first line of standard error, as soon as it is there.</summary>
    public Task<string> ReadErrorLineAsync() => _firstError.Task.WaitAsync(Patience);

    /// <summary>Waits until the program ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForEndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Waits for a question, types the answer, and returns what was said up to the question's end.</summary>
    public async Task<string> AnswerAsync(string question, string answer)
    {
        var said = new System.Text.StringBuilder();
        var buffer = new char[1];
        while (!said.ToString().EndsWith(question, StringComparison.Ordinal))
        {
            Assert.True(await _process.StandardOutput.ReadAsync(buffer).AsTask().WaitAsync(Patience) > 0, $"It never asked '{question}': {said}");
            said.Append(buffer);
        }

        await _process.StandardInput.WriteAsync(answer);
        await _process.StandardInput.FlushAsync();
        return said.ToString();
    }

    /// <summary>The rest of standard output.</summary>
    public Task<string> ReadToEndAsync() => _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);

    /// <summary>Types one key, which must end the program, and returns its exit code.</summary>
    public async Task<int> TypeAndWaitForEndAsync(char key)
    {
        await _process.StandardInput.WriteAsync(key);
        await _process.StandardInput.FlushAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(PosixSignal signal) => ProcessSignal.Send(_process.Id, signal);

    /// <summary>All that it has said at standard error, when it has ended.</summary>
    public Task<string> ReadErrorsAsync() => _errors.WaitAsync(Patience);

    /// <summary>Ends the program by a signal, which must be enough, and returns the rest of what it said.</summary>
    public async Task<ProgramResult> StopAsync(PosixSignal signal = PosixSignal.SIGTERM)
    {
        Signal(signal);
        var output = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        var errors = await _errors.WaitAsync(Patience);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return new ProgramResult(_process.ExitCode, output, errors);
    }

    /// <summary>Ends the program as nothing can that it could answer.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadErrorsAsync(StreamReader errors)
    {
        var text = new System.Text.StringBuilder();
        while (await errors.ReadLineAsync() is { } line)
        {
            _firstError.TrySetResult(line);
            text.Append(line).Append('\n');
        }

        _firstError.TrySetResult("");
        return text.ToString();
    }

    private static Process Start(string program, string[] arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>The program is compiled as it runs, by <c>dotnet</c>, and no native one.</summary>
    public static bool IsLibrary => File.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    private static string FindFile()
    {
        if (Environment.GetEnvironmentVariable("HTTPSERVER_TEST_PROGRAM") is { Length: > 0 } named)
        {
            return System.IO.File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new FileNotFoundException($"HTTPSERVER_TEST_PROGRAM names '{named}', which is not there: publish src/HttpServer.Cli first.");
        }

        var framework = new DirectoryInfo(AppContext.BaseDirectory).Name;
        return Path.Combine(Repository, "src", "HttpServer.Cli", "bin", Configuration, framework, "HttpServer.Cli.dll");
    }

    [GeneratedRegex(@"https?://[^/]*:(\d+)/")]
    private static partial Regex PortPattern();
}
