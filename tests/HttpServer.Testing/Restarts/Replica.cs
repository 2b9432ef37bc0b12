using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>One server of several, started again and again at the same port.</summary>
internal sealed class Replica : IAsyncDisposable
{
    /// <summary>Only there so that what hangs fails instead of halting the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string[] _command;
    private readonly string _name;
    private readonly Func<string[], Process> _start;
    private Process? _process;
    private int _generation;

    /// <param name="program">How the server is started: a program, or <c>dotnet</c> and a library.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="name">Told in the header X-Replica, with the number of the start behind it.</param>
    /// <param name="start">Begins a process of a command, with <see cref="Begin"/>; null for that alone.</param>
    public Replica(string[] program, string[] arguments, string name, Func<string[], Process>? start = null) =>
        (_command, _name, _start) = ([.. program, .. arguments, "-q"], name, start ?? Begin);

    /// <summary>What X-Replica says now.</summary>
    public string Name => $"{_name}-{_generation}";

    /// <summary>Begins a process whose standard output can be read.</summary>
    public static Process Begin(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;

    /// <summary>Starts it, and waits until it says that it serves.</summary>
    /// <exception cref="InvalidOperationException">It does not; the message has what it said.</exception>
    public async Task StartAsync()
    {
        _generation++;
        _process = _start([.. _command, "-H", "X-Replica", Name]);
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? "nothing";
        if (!line.StartsWith("Serving ", StringComparison.Ordinal))
            throw new InvalidOperationException($"{string.Join(' ', _command)} said {line}.");
    }

    /// <summary>Tells it to end, and waits until it has.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public async Task StopAsync()
    {
        var process = _process ?? throw new InvalidOperationException("It has not been started.");
        _process = null;
        ProcessSignal.Send(process.Id, PosixSignal.SIGTERM);
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', _command)} ended with {process.ExitCode}.");
        process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
