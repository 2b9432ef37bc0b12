using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Soak;

/// <summary>The host with two servers, by HTTP and by HTTPS, of everything that there is, and the store that they share.</summary>
internal sealed class SoakServer : IDisposable
{
    /// <summary>Bytes of the disk that uploads go to, where one can be mounted.</summary>
    private const string DiskSize = "16m";

    private readonly Process _process;
    private readonly Process? _store;
    private readonly string? _mounted;

    private SoakServer(Process process, Process? store, string? mounted, int port, int securePort) =>
        (_process, _store, _mounted, Port, SecurePort) = (process, store, mounted, port, securePort);

    public int Port { get; }

    public int SecurePort { get; }

    /// <summary>The directory for uploads, if it is a disk of its own that can be filled; else null.</summary>
    public string? Disk => _mounted;

    /// <summary>Whether the server keeps state in a store of its own, which can be gone.</summary>
    public bool HasStore => _store is not null;

    public long ResidentBytes => ResidentMemory.OfTree(_process);

    public int Descriptors => Directory.Exists($"/proc/{_process.Id}/fd") ? Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length : 0;

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="settings">What is measured.</param>
    /// <param name="tree">What it serves.</param>
    /// <param name="descriptors">What it may have open.</param>
    /// <exception cref="LoadException">It did not start.</exception>
    public static async Task<SoakServer> StartAsync(SoakSettings settings, SampleTree tree, int descriptors)
    {
        var (port, securePort, storePort) = (FreePort(), FreePort(), FreePort());
        var uploads = Directory.CreateDirectory(Path.Combine(tree.Root, "uploads")).FullName;
        var mounted = await TryMountAsync(uploads) ? uploads : null;
        var store = Programs.Find("redis-server") is { } redis
            ? Process.Start(new ProcessStartInfo(redis, ["--port", $"{storePort}", "--bind", "127.0.0.1", "--save", "", "--dir", tree.Scratch])
            { RedirectStandardOutput = true })
            : null;
        var script = Path.Combine(tree.Scratch, "soak.ps1");
        var shared = store is null ? "" : $" -StateStore redis://127.0.0.1:{storePort}";
        await File.WriteAllTextAsync(script, $$"""
            Register-HttpHandler GET /script { 'hello' }
            Register-HttpHandler GET '/typed/{Id}' { param([int] $Id) @{ id = $Id; list = 1..5 } }
            Register-HttpHandler GET /count { $Shared.Store.Increment('soak') }
            $common = @{ Bind = '127.0.0.1'; Directory = '{{tree.Root}}'; Upload = $true; Overwrite = $true; Cgi = $true; Compression = 'On'; Quiet = $true }
            $null = Start-HttpServer -Port {{securePort}} -CertificatePath '{{tree.Certificate}}' -KeyPath '{{tree.Key}}' @common
            Start-HttpServer -Port {{port}} @common{{shared}} -Wait
            """);
        var process = Process.Start(new ProcessStartInfo(
            "sh", ["-c", $"ulimit -n {descriptors}; exec {Programs.Quote(settings.Host)} {Programs.Quote(script)} >{Programs.Quote(Path.Combine(tree.Scratch, "soak.log"))} 2>&1"]))!;
        var server = new SoakServer(process, store, mounted, port, securePort);
        var watch = Stopwatch.StartNew();
        while (!CanConnect(port))
        {
            if (process.HasExited || watch.Elapsed > TimeSpan.FromSeconds(60))
            {
                server.Dispose();
                throw new LoadException($"soak: the host did not start: {await File.ReadAllTextAsync(Path.Combine(tree.Scratch, "soak.log"))}");
            }

            await Task.Delay(50);
        }

        return server;
    }

    /// <summary>Has the server itself stand still, or go on.</summary>
    public void Stall(bool isStalled) => Signal(_process, isStalled);

    /// <summary>Has the store stand still, or go on.</summary>
    public void StallStore(bool isStalled) => Signal(_store!, isStalled);

    public void Dispose()
    {
        foreach (var process in new[] { _process, _store }.OfType<Process>())
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        if (_mounted is not null)
            Process.Start("umount", [_mounted]).WaitForExit();
    }

    private static void Signal(Process process, bool isStalled) =>
        Process.Start("kill", [isStalled ? "-STOP" : "-CONT", $"{process.Id}"]).WaitForExit();

    /// <summary>Only root may mount a disk.</summary>
    private static async Task<bool> TryMountAsync(string folder)
    {
        try
        {
            await Programs.RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskSize}", "none", folder);
            return true;
        }
        catch (LoadException)
        {
            return false;
        }
    }

    private static bool CanConnect(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
