using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Http.Server.Benchmarks.Load;

/// <summary>A server that runs; killed with the object.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] FirstRequest = "GET /small.txt HTTP/1.0\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly Process _process;

    private ServerProcess(ServerRecipe recipe, int port, Process process, TimeSpan startTime) =>
        (Recipe, Port, _process, StartTime) = (recipe, port, process, startTime);

    public ServerRecipe Recipe { get; }

    public string Name => Recipe.Name;

    public int Port { get; }

    public string Url => $"{(Recipe.IsSecure ? "https" : "http")}://127.0.0.1:{Port}";

    /// <summary>From the start of the process to the first byte of its first answer.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Memory of its processes that is in RAM, in bytes.</summary>
    public long ResidentBytes => ResidentMemory.OfTree(_process);

    /// <summary>What it and its processes have taken of the processors so far.</summary>
    public ProcessorTime ProcessorTime => ProcessorTime.OfTree(_process);

    /// <summary>Starts a server and waits until it has answered a request.</summary>
    /// <exception cref="LoadException">It did not start.</exception>
    public static ServerProcess Start(ServerRecipe recipe, SampleTree tree)
    {
        var port = FindFreePort();
        var command = recipe.Command(port, tree);
        var watch = Stopwatch.StartNew();
        // Nobody reads what it prints: a pipe would fill, and draining one would cost the processors that are measured.
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", command + " >/dev/null 2>&1"]))!;
        try
        {
            while (!TryRequest(port, recipe.IsSecure))
            {
                if (process.HasExited)
                    throw new LoadException($"{recipe.Name} ended with code {process.ExitCode} before it answered. Its command: {command}");
                if (watch.Elapsed > Patience)
                    throw new LoadException($"{recipe.Name} did not answer within {Patience.TotalSeconds} seconds. Its command: {command}");
                Thread.Sleep(1);
            }

            return new ServerProcess(recipe, port, process, watch.Elapsed);
        }
        catch
        {
            Kill(process);
            throw;
        }
    }

    /// <summary>Has the server end by itself, as SIGTERM does.</summary>
    /// <exception cref="LoadException">It did not end well.</exception>
    public async Task StopAsync()
    {
        await Programs.RunAsync("kill", "-TERM", _process.Id.ToString(CultureInfo.InvariantCulture));
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        if (_process.ExitCode != 0)
            throw new LoadException($"{Name} ended with code {_process.ExitCode}.");
    }

    public void Dispose() => Kill(_process);

    private static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private static bool TryRequest(int port, bool isSecure)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        try
        {
            if (!TryConnect(socket, port))
                return false;
            if (isSecure)
                return TryHandshake(socket);
            socket.Send(FirstRequest);
            return socket.Receive(stackalloc byte[16]) > 0;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>Without an exception for each refusal: hundreds of them would take the processors from the server that starts.</summary>
    private static bool TryConnect(Socket socket, int port)
    {
        using var done = new ManualResetEventSlim();
        using var connecting = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        connecting.Completed += (_, _) => done.Set();
        if (socket.ConnectAsync(connecting))
            done.Wait();
        return connecting.SocketError == SocketError.Success;
    }

    private static bool TryHandshake(Socket socket)
    {
        using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        stream.AuthenticateAsClient("localhost");
        return true;
    }

    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
