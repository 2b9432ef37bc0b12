using System.Diagnostics;
using System.Globalization;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A PowerShell of its own with a server, started with few resources: by what stands before it in a command of the shell.</summary>
internal sealed class ServingSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ServingSession(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The port; 0 if no server was started.</summary>
    public int Port { get; private set; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Runs the script of a server, which puts out the port and then answers each line of its input with a line.</summary>
    /// <param name="before">What is put before the program in a command of sh: <c>ulimit -n 256; exec</c>.</param>
    /// <param name="script">The script's path.</param>
    public static async Task<ServingSession> StartAsync(string before, string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", before + " \"$0\" -NoProfile -NonInteractive -File \"$1\"", PowerShellProgram.Program, script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        // Where the user is another one, the home is not his.
        start.Environment["HOME"] = Path.GetDirectoryName(script);
        var session = new ServingSession(Process.Start(start)!);
        _ = int.TryParse(await session.ReadLineAsync(), CultureInfo.InvariantCulture, out var port);
        session.Port = port;
        return session;
    }

    /// <summary>What the session says of its server.</summary>
    public async Task<string?> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        return await ReadLineAsync();
    }

    /// <summary>Waits for the end, which the session's input has come to.</summary>
    /// <returns>Its exit code, and what it wrote to standard error.</returns>
    public async Task<(int ExitCode, string Errors)> EndAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
}
