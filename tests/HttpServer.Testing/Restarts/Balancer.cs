using System.Diagnostics;
using System.Net;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>A balancer with the configuration that <c>docs/deploy</c> has for it, at other ports.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly ListeningProgram _program;

    private Balancer(ListeningProgram program, int port) => (_program, Port) = (program, port);

    /// <summary>Where clients come, at the loopback address.</summary>
    public int Port { get; }

    /// <summary>The process's number.</summary>
    public int ProcessId => _program.Id;

    /// <summary>The options that a replica has behind it, as the configuration's first lines say.</summary>
    public static string[] OptionsOfReplica(string configuration) => File.ReadLines(configuration).First(static line => line.Contains("--bind 127.0.0.1", StringComparison.Ordinal))
        .TrimStart('#', ' ').Split(' ');

    /// <summary>Starts it, and waits until it takes connections.</summary>
    /// <param name="program">The path of haproxy, nginx or caddy.</param>
    /// <param name="configuration">The file of <c>docs/deploy</c>.</param>
    /// <param name="replicas">
    /// What takes the places of 127.0.0.1:8001 and 127.0.0.1:8002: addresses with ports, or paths of Unix domain sockets.
    /// </param>
    /// <param name="folder">For its files.</param>
    public static async Task<Balancer> StartAsync(
        string program, string configuration, IReadOnlyList<string> replicas, string folder)
    {
        var port = ListeningProgram.FindFreePort();
        var text = await File.ReadAllTextAsync(configuration);
        text = text.Replace("bind :80", $"bind 127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("listen 80;", $"listen 127.0.0.1:{port}; access_log off;", StringComparison.Ordinal)
            .Replace("http://:80 {", $"http://:{port} {{\n\tbind 127.0.0.1", StringComparison.Ordinal);
        for (var at = 0; at < replicas.Count; at++)
        {
            var address = replicas[at].StartsWith('/') ? SocketPrefix(program) + replicas[at] : replicas[at];
            text = text.Replace($"127.0.0.1:800{at + 1}", address, StringComparison.Ordinal);
        }

        var file = Path.Combine(folder, Path.GetFileName(configuration));
        await File.WriteAllTextAsync(file, text);
        var start = new ProcessStartInfo(program, Path.GetFileName(program) switch
        {
            "haproxy" => ["-db", "-f", file],
            // Started by root, it would work as a user who cannot get at sockets in this folder.
            "nginx" => ["-e", "stderr", "-p", folder, "-c", file,
                "-g", $"daemon off; pid {folder}/nginx.pid;{(Environment.IsPrivilegedProcess ? " user root;" : "")}"],
            _ => ["run", "--config", file, "--adapter", "caddyfile"],
        });
        start.Environment["XDG_CONFIG_HOME"] = start.Environment["XDG_DATA_HOME"] = folder;
        return new Balancer(await ListeningProgram.StartAsync(start, new IPEndPoint(IPAddress.Loopback, port)), port);
    }

    /// <summary>What stands before the path of a socket, in each one's configuration.</summary>
    private static string SocketPrefix(string program) => Path.GetFileName(program) switch
    {
        "haproxy" => "unix@",
        "nginx" => "unix:",
        _ => "unix/",
    };

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}
