using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Http.Server.Redis.Tests.Support;

/// <summary>A real store, Redis or Garnet, at a free port of the loopback address, that keeps nothing on the disk.</summary>
internal sealed class StoreProgram : IAsyncDisposable
{
    /// <summary>The real programs that tests run against.</summary>
    public static readonly TheoryData<string> All = ["redis", "garnet"];

    private readonly TempDirectory _folder = new();
    private readonly string _program;
    private readonly string _kind;
    private readonly string? _password;
    private readonly int _port;
    private ListeningProgram? _running;

    private StoreProgram(string kind, string? password)
    {
        (_kind, _password) = (kind, password);
        _program = kind == "redis"
            ? Tool.Require("redis-server", "redis-server")
            : Tool.Require("garnet-server", "garnet-server of NuGet: dotnet tool install -g garnet-server --version 2.2.8");
        _port = ListeningProgram.FindFreePort();
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
        _running = await ListeningProgram.StartAsync(
            new ProcessStartInfo(_program, arguments) { WorkingDirectory = _folder.Path }, new IPEndPoint(IPAddress.Loopback, _port));
    }

    /// <summary>It answers no more, and its connections stay open.</summary>
    public void Halt() => ProcessSignal.Halt(_running!.Id);

    /// <summary>It goes on.</summary>
    public void Resume() => ProcessSignal.Resume(_running!.Id);

    /// <summary>It dies, and its connections break.</summary>
    public async Task KillAsync()
    {
        if (_running is null)
            return;
        await _running.DisposeAsync();
        _running = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
