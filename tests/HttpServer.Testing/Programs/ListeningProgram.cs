using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Http.Server.Tests.Support;

/// <summary>A program that listens and does not say when it begins to: a proxy, a store, an authority. It ends with the object.</summary>
internal sealed class ListeningProgram : IAsyncDisposable
{
    /// <summary>Only there so that what hangs fails instead of halting the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string[]> _said;

    private ListeningProgram(Process process)
    {
        _process = process;
        _said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>The process's number.</summary>
    public int Id => _process.Id;

    /// <summary>Starts it, and waits until it takes connections.</summary>
    /// <param name="start">The program, and what it is given; its output is taken.</param>
    /// <param name="at">Where it will listen.</param>
    /// <exception cref="InvalidOperationException">It does not; the message has what it said.</exception>
    public static async Task<ListeningProgram> StartAsync(ProcessStartInfo start, EndPoint at)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        var program = new ListeningProgram(Process.Start(start)!);
        try
        {
            await program.WaitAsync(start.FileName, at);
            return program;
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="StartAsync(ProcessStartInfo, EndPoint)"/>
    public static Task<ListeningProgram> StartAsync(string program, IEnumerable<string> arguments, EndPoint at) =>
        StartAsync(new ProcessStartInfo(program, arguments), at);

    /// <summary>A port of the loopback address that was free a moment ago, for programs that take no port 0.</summary>
    public static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task WaitAsync(string name, EndPoint at)
    {
        for (var since = Stopwatch.GetTimestamp(); !await ListensAsync(at); await Task.Delay(10))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{name} does not run: {string.Join('\n', await _said).Trim()}");
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new InvalidOperationException($"{name} does not listen at {at}.");
        }
    }

    private static async Task<bool> ListensAsync(EndPoint at)
    {
        try
        {
            (await RawClient.ConnectAsync(at)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
