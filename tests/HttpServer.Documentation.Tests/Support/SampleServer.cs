using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Documentation.Tests.Support;

/// <summary>A server that a sample starts: a program that says at which port it serves, and is ended with the object.</summary>
internal sealed partial class SampleServer : IDisposable
{
    /// <summary>Only there so that a hanging program fails a test instead of halting the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;

    private SampleServer(Process process) => _process = process;

    public int Port { get; private set; }

    /// <summary>Starts it with <c>dotnet</c>, and waits until it serves.</summary>
    public static async Task<SampleServer> StartAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["NO_COLOR"], start.Environment["POWERSHELL_TELEMETRY_OPTOUT"], start.Environment["POWERSHELL_UPDATECHECK"]) = ("1", "1", "Off");
        var server = new SampleServer(Process.Start(start)!);
        try
        {
            await server.WaitForPortAsync().WaitAsync(Patience);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private async Task WaitForPortAsync()
    {
        var errors = _process.StandardError.ReadToEndAsync();
        var said = "";
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (PortPattern().Match(line) is { Success: true } match)
            {
                Port = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                // What it says later is of no interest, and is not to fill the pipe.
                _ = _process.StandardOutput.ReadToEndAsync();
                return;
            }

            said += line + "\n";
        }

        Assert.Fail($"The sample ended before it served. It said: {said}{await errors}");
    }

    [GeneratedRegex(@"(?:^port |https?://[^/ ]+:)(\d+)")]
    private static partial Regex PortPattern();
}
