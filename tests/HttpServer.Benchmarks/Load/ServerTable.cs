using System.Reflection;

namespace Http.Server.Benchmarks.Load;

/// <summary>The servers that there are.</summary>
internal static class ServerTable
{
    public const string OursName = "ours";

    public const string HostName = "host";

    /// <summary>What the host, our module and its peers run: handlers that give a text and an object, and files.</summary>
    private const string HostScript = """
        Register-HttpHandler GET /script { 'hello' }
        Register-HttpHandler GET /scriptjson { @{ a = 1 } }
        Register-HttpHandler GET /scriptglobal { $global:text = 'hello'; $global:text }
        Register-HttpAuthentication -Name Load -Bearer { param($Token) if ($Token -eq 'key') { 'load' } }
        Register-HttpHandler GET '/scriptguarded/{Id}' -Authentication Load -RateLimit 1000000/s {
            param([int] $Id, [ValidateSet('a', 'b')] [string] $Kind = 'a')
            'hello'
        }
        Start-HttpServer -Port {port} -Bind 127.0.0.1 -Directory {root} -Quiet
        """;

    private const string ModuleScript = $"Import-Module '{{module}}'\n{HostScript} -Wait";

    private const string PodeScript = """
        Import-Module '{module}'
        Start-PodeServer -Daemon -Threads 2 -ScriptBlock {
            Add-PodeEndpoint -Address 127.0.0.1 -Port {port} -Protocol Http
            Add-PodeRoute -Method Get -Path /script -ScriptBlock { Write-PodeTextResponse -Value 'hello' }
            Add-PodeRoute -Method Get -Path /scriptjson -ScriptBlock { Write-PodeJsonResponse -Value @{ a = 1 } }
            Add-PodeRoute -Method Get -Path /scriptglobal -ScriptBlock { $global:text = 'hello'; Write-PodeTextResponse -Value $global:text }
            Add-PodeStaticRoute -Path / -Source {root}
        }
        """;

    /// <summary>The program that was built with this one.</summary>
    public static string BuiltProgram => Metadata("ServerProgram");

    public static IReadOnlyList<string> PeerNames { get; } = ["jit", "nginx", "caddy", "lighttpd", "h2o", "kestrel", "python", "pythoncgi", "pode"];

    /// <summary>Our server as users start it.</summary>
    /// <exception cref="LoadException">The program is not there.</exception>
    public static ServerRecipe Ours(LoadSettings settings)
    {
        if (settings.Ours is { } command)
        {
            return new(OursName, (port, tree) => Fill(command, port, tree))
            {
                RunsPrograms = command.Contains("--cgi", StringComparison.Ordinal),
                SecureCommand = WithCertificate((port, tree) => Fill(command, port, tree)),
            };
        }

        return Serving(OursName, Program(settings.Published));
    }

    /// <summary>Bytes of the published program that is measured, with all that lies in its folder; null if none is.</summary>
    public static long? SizeOnDisk(LoadSettings settings)
    {
        if (settings.Published is not { } published)
            return null;
        return File.Exists(published)
            ? new FileInfo(published).Length
            : new DirectoryInfo(published).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);
    }

    /// <summary>The program that was built with this one, which is compiled as it runs: what a native one is compared with.</summary>
    private static ServerRecipe Built(string name) => Serving(name, Program(null));

    private static ServerRecipe Serving(string name, string program)
    {
        return new(name, Command) { RunsPrograms = true, SecureCommand = WithCertificate(Command) };

        string Command(int port, SampleTree tree) =>
            Fill($"exec {program} {{port}} --bind 127.0.0.1 --directory {{root}} --quiet --cgi", port, tree);
    }

    private static Func<int, SampleTree, string> WithCertificate(Func<int, SampleTree, string> command) => (port, tree) =>
        $"{command(port, tree)} --tls-cert {Programs.Quote(tree.Certificate)} --tls-key {Programs.Quote(tree.Key)}";

    private static ServerRecipe Peer(string name, Func<int, SampleTree, bool, string> command) =>
        new(name, (port, tree) => command(port, tree, false)) { SecureCommand = (port, tree) => command(port, tree, true) };

    /// <summary>The same with a log of requests in a file.</summary>
    public static ServerRecipe Logging(ServerRecipe quiet, string file) => new(
        quiet.Name + " --log",
        (port, tree) => quiet.Command(port, tree).Replace(" --quiet", "", StringComparison.Ordinal) + " --log " + Programs.Quote(file));

    /// <summary>The same, serving files alone, as Python's does that it is started beside.</summary>
    public static ServerRecipe WithoutPrograms(ServerRecipe ours) =>
        new(ours.Name, (port, tree) => ours.Command(port, tree).Replace(" --cgi", "", StringComparison.Ordinal));

    /// <summary>The same, with archives of directories.</summary>
    public static ServerRecipe WithArchives(ServerRecipe ours) => new(ours.Name, (port, tree) => ours.Command(port, tree) + " --archive");

    /// <summary>The same, speaking HTTPS.</summary>
    /// <returns>Null for a server that is not compared in that.</returns>
    public static ServerRecipe? Secure(ServerRecipe plain) =>
        plain.SecureCommand is { } command ? new(plain.Name, command) { IsSecure = true } : null;

    /// <summary>The published host with the same handlers; null if none is named.</summary>
    public static ServerRecipe? Host(LoadSettings settings) => settings.Host is { } host
        ? new(HostName, (port, tree) => $"exec {Programs.Quote(Path.GetFullPath(host))} -Command {Programs.Quote(Fill(HostScript, port, tree))}")
        {
            ServesFiles = false,
            RunsScripts = true,
        }
        : null;

    /// <summary>Our module in a PowerShell; null if there is none, which is told.</summary>
    public static ServerRecipe? Module() => PowerShell("ours", ModuleScript, Metadata("ModuleManifest"));

    /// <summary>A peer; null if it is not installed, which is told.</summary>
    public static async Task<ServerRecipe?> FindPeerAsync(string name)
    {
        switch (name)
        {
            case "nginx" when Programs.Find("nginx") is { } nginx:
                return Peer(name, (port, tree, isSecure) => NginxPeer.Command(nginx, port, tree, isSecure));
            case "caddy" when Programs.Find("caddy") is { } caddy:
                return Peer(name, (port, tree, isSecure) => CaddyPeer.Command(caddy, port, tree, isSecure));
            case "lighttpd" when Programs.Find("lighttpd") is { } lighttpd:
                return Peer(name, (port, tree, isSecure) => LighttpdPeer.Command(lighttpd, port, tree, isSecure));
            case "h2o" when Programs.Find("h2o") is { } h2o:
                return Peer(name, (port, tree, isSecure) => H2oPeer.Command(h2o, port, tree, isSecure));
            case "jit":
                return Built(name);
            case "pode" when Environment.GetEnvironmentVariable("PODE") is { Length: > 0 } module:
                return PowerShell(name, PodeScript, module);
            case "pode":
                await Console.Error.WriteLineAsync("pode is left out: give the path of its Pode.psd1 in the variable PODE.");
                return null;
            case "kestrel":
                return Peer(name, static (port, tree, isSecure) => KestrelPeer.Command(port, tree)
                    + (isSecure ? $" {Programs.Quote(tree.Certificate)} {Programs.Quote(tree.Key)}" : ""));
            case "python" or "pythoncgi" when Programs.Find("python3") is { } python:
                // What PATH finds may be a launcher that takes longer to start than Python itself.
                var real = (await Programs.RunAsync(python, "-c", "import sys; print(sys.executable)")).Trim();
                if (name == "python")
                    return new(name, (port, tree) => PythonCommand(real, port, tree));
                if ((await Programs.RunAsync(real, "-m", "http.server", "--help")).Contains("--cgi", StringComparison.Ordinal))
                    return new(name, (port, tree) => PythonCommand(real, port, tree) + " --cgi") { ServesFiles = false, RunsPrograms = true };
                await Console.Error.WriteLineAsync($"{name} is left out: {real} has no --cgi any more; Python 3.14 is the last that has it.");
                return null;
            default:
                var package = name.StartsWith("python", StringComparison.Ordinal) ? "python3" : name;
                await Console.Error.WriteLineAsync($"{name} is not installed and left out: install the package {package} to compare with it.");
                return null;
        }
    }

    private static string PythonCommand(string python, int port, SampleTree tree) =>
        $"exec {Programs.Quote(python)} -m http.server {port} --bind 127.0.0.1 --directory {Programs.Quote(tree.Root)}";

    private static string Metadata(string key) =>
        typeof(ServerTable).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == key).Value!;

    private static ServerRecipe? PowerShell(string name, string script, string module)
    {
        if (Programs.Find("pwsh") is { } pwsh)
        {
            return new(name, (port, tree) => $"exec {pwsh} -NoProfile -NonInteractive -Command {Programs.Quote(Fill(script.Replace("{module}", module, StringComparison.Ordinal), port, tree))}")
            {
                ServesFiles = false,
                RunsScripts = true,
            };
        }

        Console.Error.WriteLine($"The scripts of {name} are left out: they need pwsh, PowerShell 7.6 or newer.");
        return null;
    }

    private static string Program(string? published)
    {
        var built = BuiltProgram;
        if (File.Exists(published))
            return Programs.Quote(Path.GetFullPath(published));
        // A folder with the native program, which needs no library.
        if (published is not null && !File.Exists(Path.Combine(published, "HttpServer.Cli.dll")))
        {
            var native = Path.Combine(Path.GetFullPath(published), OperatingSystem.IsWindows() ? "httpserver.exe" : "httpserver");
            return File.Exists(native) ? Programs.Quote(native) : throw new LoadException($"There is no {native}: publish src/HttpServer.Cli first.");
        }

        var library = published is null ? built : Path.Combine(Path.GetFullPath(published), "HttpServer.Cli.dll");
        if (!File.Exists(library))
            throw new LoadException($"There is no {library}: build or publish src/HttpServer.Cli first.");
        var executable = Path.ChangeExtension(library, null);
        return File.Exists(executable) ? Programs.Quote(executable) : $"dotnet {Programs.Quote(library)}";
    }

    /// <summary>A command with the port and the directory in the places for them.</summary>
    public static string Fill(string command, int port, SampleTree tree) => command
        .Replace("{port}", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{root}", Programs.Quote(tree.Root), StringComparison.Ordinal);
}
