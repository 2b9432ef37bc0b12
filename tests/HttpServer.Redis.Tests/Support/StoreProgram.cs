using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Http.Server.Redis.Tests.Support;

/// <summary>A real store, Redis or Garnet, at a free port of the loopback address, that keeps nothing on the disk.</summary>
internal sealed class StoreProgram : IAsyncDisposable
{
    /// <summary>The real programs that tests run against.</summary>
    public static readonly TheoryData<string> All = ["redis", "garnet"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();
    private readonly string _program;
    private readonly string _kind;
    private readonly string? _password;
    private readonly int _port;
    private Process? _process;

    private StoreProgram(string kind, string? password)
    {
        (_kind, _password) = (kind, password);
        _program = kind == "redis"
            ? Tool.Require("redis-server", "redis-server")
            : Tool.Require("garnet-server", "garnet-server of NuGet: dotnet tool install -g garnet-server --version 2.2.8");
        // Neither takes port 0.
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _port = ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    public string Url => $"redis://{(_password is null ? "" : $":{Uri.EscapeDataString(_password)}@")}127.0.0.1:{_port}";

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<StoreProgram> StartAsync(string kind, string? password = null)
    {
        var store = new StoreProgram(kind, password);
        await store.StartAsync();
        return store;
    }

    public async Task StartAsync()
    {
        string[] arguments = _kind == "redis"
            ? ["--port", Text(_port), "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path, .. _password is null ? [] : new[] { "--requirepass", _password }]
            : ["--port", Text(_port), "--bind", "127.0.0.1", "--lua", "--lua-transaction-mode", "--memory", "64m", "--index", "8m", "--logger-level", "Warning",
                "--checkpointdir", _folder.Path, .. _password is null ? [] : new[] { "--auth", "Password", "--password", _password }];
        _process = Process.Start(new ProcessStartInfo(_program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path })!;
        var said = Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        var since = Stopwatch.GetTimestamp();
        while (!await ListensAsync())
        {
            if (_process.HasExited)
                Assert.Fail($"{_program} does not run: {string.Join('\n', await said)}");
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"{_program} does not listen.");
            await Task.Delay(10);
        }
    }

    /// <summary>It answers no more, and its connections stay open.</summary>
    public void Halt() => ProcessSignal.Halt(_process!.Id);

    /// <summary>It goes on.</summary>
    public void Resume() => ProcessSignal.Resume(_process!.Id);

    /// <summary>It dies, and its connections break.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
