using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary><c>httpserver install-service</c>: units that systemd takes, and that start the server.</summary>
public sealed partial class InstallServiceTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _units = new();

    public void Dispose()
    {
        _folder.Dispose();
        _units.Dispose();
    }

    [Theory]
    [InlineData("80")]
    [InlineData("8443", "--tls-self-signed", "--health", "/healthz", "--drain", "30")]
    [InlineData("80", "-b", "127.0.0.1", "-b", "::1", "--metrics", "/metrics", "--metrics-bind", "127.0.0.1:9100")]
    [InlineData("80", "--upload", "--user", "www-data", "--log", "/var/log/site/access.log")]
    [InlineData("80", "--cgi", "--name", "site")]
    [InlineData("8000", "--instances", "2")]
    [InlineData("-b", "unix:/run/site.sock", "--instances", "2")]
    public async Task Systemd_finds_nothing_wrong_and_the_service_safe(params string[] arguments)
    {
        var tool = Tool.Require("systemd-analyze", "systemd");
        var files = await WriteUnitsAsync([.. arguments, "-d", _folder.Path]);
        // A template is looked at by one of its instances.
        var named = files.Select(static file => file.Replace("@.", "@1.", StringComparison.Ordinal)).ToArray();
        foreach (var (file, name) in files.Zip(named).Where(static pair => pair.First != pair.Second))
            File.Copy(file, name);
        var (exitCode, output, errors) = await Tool.RunAsync(tool, ["verify", .. named]);
        Assert.Equal((0, "", ""), (exitCode, output, string.Concat(errors.Split('\n').Where(line => line.Contains(_units.Path, StringComparison.Ordinal)))));
        (exitCode, output, errors) = await Tool.RunAsync(tool, "security", "--offline=true", "--threshold=20", "--no-pager", named.First(static name => name.EndsWith(".service", StringComparison.Ordinal)));
        Assert.True(exitCode == 0, output + errors);
    }

    [Fact]
    public async Task The_command_of_the_unit_serves_the_socket_of_the_unit_and_tells_that_it_is_ready()
    {
        var activate = Tool.Require("systemd-socket-activate", "systemd");
        var folder = _folder.MakeDirectory("a \"b\" %h $HOME 'c' \\ d");
        File.WriteAllText(Path.Combine(folder, "a.txt"), "content");
        var path = Path.Combine(_folder.Path, "s");
        var files = await WriteUnitsAsync(["-b", $"unix:{path}", "-d", folder, "-H", "X-A", "%n $x ${y} ;"]);
        Assert.Contains($"\nListenStream={path}\n", File.ReadAllText(files.Single(static file => file.EndsWith(".socket", StringComparison.Ordinal))));
        var command = Split(Field().Match(File.ReadAllText(files.Single(static file => file.EndsWith(".service", StringComparison.Ordinal)))).Groups[1].Value);
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.Path, "n")));
        await using var program = ServerProgram.StartInShell(
            $"exec {activate} -E NOTIFY_SOCKET='{manager.LocalEndPoint}' -l '{path}' {string.Join(' ', command.Select(static word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"))}");
        using var client = await ConnectAsync(path);
        await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await client.ReadResponseAsync();
        Assert.Equal(("content", "%n $x ${y} ;"), (answer.Text, answer["X-A"]));
        var buffer = new byte[1000];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.StartsWith("READY=1\n", Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, limit.Token)));
    }

    [Fact]
    public async Task Addresses_are_sockets_of_systemd_and_instances_have_one_each()
    {
        var result = await DryRunAsync("80", "-b", "127.0.0.1", "-b", "::1", "-b", "unix:/run/a%b.sock", "-d", _folder.Path);
        Assert.Contains("\nListenStream=127.0.0.1:80\nListenStream=[::1]:80\nListenStream=/run/a%%b.sock\n", result);
        Assert.Contains(" --bind fd:3 --bind fd:4 --bind fd:5 --directory ", result);
        result = await DryRunAsync("8080", "--instances", "2", "--name", "site", "-d", _folder.Path);
        Assert.Matches(@"(?s)# site@\.service\n.*Requires=site@%i\.socket\n.*# site@1\.socket\n.*ListenStream=8080\n.*# site@2\.socket\n.*ListenStream=8081\n", result);
        result = await DryRunAsync("-b", "unix:/run/site.sock", "--instances", "2", "-d", _folder.Path);
        Assert.Matches(@"(?s)# httpserver@\.service\n.*# httpserver@\.socket\n.*ListenStream=/run/site-%i\.sock\n", result);
    }

    [Fact]
    public async Task The_service_sees_and_writes_what_it_needs_and_nothing_else()
    {
        // Its place is a temporary directory, which the service does not see unless it is shown to it.
        var plain = await DryRunAsync("80", "-d", _folder.Path);
        Assert.Contains($"\nBindReadOnlyPaths={_folder.Path}\n", plain);
        Assert.Contains("\nPrivateNetwork=yes\n", plain);
        Assert.Contains("\nDynamicUser=yes\nProtectSystem=strict\n", plain);
        Assert.DoesNotContain("ReadWritePaths", plain);
        var uploads = await DryRunAsync("80", "-d", _folder.Path, "--upload", "--user", "www-data", "--log", "/var/log/site/a.log", "--drain", "30");
        Assert.Contains($"\nBindPaths={_folder.Path}\nLogsDirectory=site\n", uploads);
        Assert.Contains("\nUser=www-data\n", uploads);
        Assert.DoesNotContain("DynamicUser", uploads);
        Assert.Contains("\nTimeoutStopSec=46\n", uploads);
        Assert.DoesNotContain("PrivateNetwork", await DryRunAsync("80", "-d", _folder.Path, "--cgi"));
        Assert.Contains("\nReadWritePaths=/srv\n", await DryRunAsync("80", "-d", _folder.Path, "--log", "/srv/a.log"));
    }

    [Fact]
    public async Task What_only_root_reads_is_a_credential()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such rights.");
        var (secret, open) = (_folder.Write("key.pem", ""), _folder.Write("cert.pem", ""));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead);
            File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        var unit = await DryRunAsync("443", "-d", _folder.Path, "--tls-cert", open, "--tls-key", secret);
        Assert.Contains($" --tls-cert {open} --tls-key %d/tls-key\n", unit);
        Assert.Contains($"\nLoadCredential=tls-key:{secret}\n", unit);
    }

    [Fact]
    public async Task Settings_of_a_file_and_the_current_directory_are_taken_as_they_are()
    {
        var config = _folder.Write("conf/site.json", """{ "port": 81, "directory": "site", "cache": 60, "spa": true }""");
        _folder.MakeDirectory("conf/site");
        var unit = await DryRunAsync("--config", config);
        Assert.Contains("\nListenStream=81\n", unit);
        Assert.Contains($" --directory {Path.Combine(_folder.Path, "conf", "site")} --cache 60 --spa index.html\n", unit);
    }

    [Theory]
    [InlineData(1, "A service has a port of its own: give one other than 0.", "0")]
    [InlineData(1, "--open makes no sense for a service: leave it out.", "--open")]
    [InlineData(1, "fd:3 is a socket of a service already: give an address and a port.", "-b", "fd:3")]
    [InlineData(1, "There is no directory /missing: give one that exists with --directory.", "-d", "/missing")]
    [InlineData(2, "--name takes letters, digits, '-', '_' and '.', not 'a/b'. Try 'httpserver --help'.", "--name", "a/b")]
    [InlineData(2, "--instances takes a number from 1 to 100, not '0'. Try 'httpserver --help'.", "--instances", "0")]
    [InlineData(2, "There is no option --drectory; did you mean --directory? Try 'httpserver --help'.", "--drectory", "x")]
    public async Task What_can_be_no_service_is_said_in_one_line(int exitCode, string problem, params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Paths look otherwise there.");
        var result = await ServerProgram.RunAsync(["install-service", "--dry-run", .. arguments]);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.Equal($"httpserver: {problem}", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("install-service", "8000")]
    [InlineData("uninstall-service", "--name", "no-such-service")]
    public async Task Without_systemd_or_rights_it_says_so(params string[] arguments)
    {
        Assert.SkipWhen(Directory.Exists("/run/systemd/system") && Environment.IsPrivilegedProcess, "Here it would be done.");
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("systemd|sudo", Assert.Single(result.ErrorLines));
    }

    [Theory]
    [InlineData("install-service")]
    [InlineData("uninstall-service")]
    public async Task They_have_help(string command) => Assert.Contains($"httpserver {command} [--dry-run] [--name NAME]", (await ServerProgram.RunAsync(command, "--help")).Output);

    [GeneratedRegex(@"\nExecStart=(.*)\n")]
    private static partial Regex Field();

    [GeneratedRegex(@"""((?:\\.|[^""\\])*)""|(\S+)")]
    private static partial Regex Word();

    /// <summary>The words of a command as systemd reads them.</summary>
    private static IEnumerable<string> Split(string command) => Word().Matches(command)
        .Select(static match => Regex.Replace(match.Groups[1].Success ? match.Groups[1].Value : match.Value, @"\\(.)", "$1"))
        .Select(static word => word.Replace("%%", "%", StringComparison.Ordinal).Replace("$$", "$", StringComparison.Ordinal));

    private static async Task<string> DryRunAsync(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is for Linux.");
        var result = await ServerProgram.RunAsync(["install-service", "--dry-run", .. arguments]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        return result.Output;
    }

    private static async Task<RawClient> ConnectAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                return await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    private async Task<string[]> WriteUnitsAsync(string[] arguments)
    {
        var names = new List<string>();
        foreach (var part in Regex.Split(await DryRunAsync(arguments), "(?m)^(?=# [a-z@0-9]+\\.(?:service|socket)$)").Where(static part => part.Length > 0))
        {
            var name = Path.Combine(_units.Path, part[2..part.IndexOf('\n', StringComparison.Ordinal)]);
            File.WriteAllText(name, part);
            names.Add(name);
        }

        return [.. names];
    }
}
