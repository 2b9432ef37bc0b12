using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Documentation.Tests.Support;

/// <summary>
/// Runs the blocks of a section that are marked, from top to bottom, in one empty directory. Servers get a free port of the loopback in place of the
/// one in the sample; requests to <c>localhost</c> at the port of the sample go there.
/// </summary>
internal sealed partial class SampleRun(string document, CSharpSamples samples) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("httpserver-sample-").FullName;
    private readonly Dictionary<int, SampleServer> _servers = [];
    private readonly Dictionary<string, int> _portsOfFiles = [];

    public async Task RunAsync(Fence fence)
    {
        if (fence.File is { } file)
        {
            _portsOfFiles[file] = PortIn(fence.Text, ScriptPortPattern());
            await File.WriteAllTextAsync(Path.Combine(_directory, file), HostSample.AtFreePort(fence.Text));
            return;
        }

        switch (fence.Language)
        {
            case "csharp":
                await StartAsync(PortIn(fence.Text, CSharpPortPattern()), await samples.PrepareAsync(document, fence));
                break;
            case "powershell":
                await RunPowerShellAsync(fence.Text);
                break;
            case "console":
                await RunConsoleAsync(fence);
                break;
            default:
                Assert.Fail($"{document}:{fence.Line}: blocks that run are csharp, powershell or console, and this one is '{fence.Language}'.");
                break;
        }
    }

    /// <summary>The port at which what a sample says to serve at another one really serves.</summary>
    public int PortOf(int port) => _servers[port].Port;

    public void Dispose()
    {
        foreach (var server in _servers.Values)
            server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task RunPowerShellAsync(string text)
    {
        var script = Path.Combine(_directory, "sample.ps1");
        // The sample's own port and addresses are replaced; where it names none, the defaults are.
        var sample = AddressPattern().Replace(BindPattern().Replace(PowerShellPortPattern().Replace(text, "-Port 0"), ""), "http://127.0.0.1:$((Get-HttpServer).Port)");
        await File.WriteAllTextAsync(script, $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Build.Module}}'
            $PSDefaultParameterValues = @{ 'Start-HttpServer:Bind' = '127.0.0.1'; 'Start-HttpServer:Port' = 0 }
            . {
            {{sample}}
            } | Out-String | Write-Verbose
            "port $(@(Get-HttpServer)[0].Port)"
            $null = [Console]::In.ReadLine()
            """);
        await StartAsync(PortIn(text, PowerShellPortPattern()), Build.PowerShell, "-NoProfile", "-NonInteractive", "-File", script);
    }

    private async Task RunConsoleAsync(Fence fence)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands of the console samples are those of a Unix shell.");
        var lines = fence.Text.Split('\n');
        for (var at = 0; at < lines.Length;)
        {
            Assert.True(lines[at].StartsWith("$ ", StringComparison.Ordinal), $"{document}:{fence.Line + 1 + at}: a command begins with '$ '.");
            var (command, line) = (lines[at][2..], fence.Line + 1 + at);
            var expected = lines.Skip(++at).TakeWhile(static next => !next.StartsWith("$ ", StringComparison.Ordinal)).ToList();
            at += expected.Count;
            if (ServerPattern().Match(command) is { Success: true } server)
            {
                var port = server.Groups["port"].Success ? int.Parse(server.Groups["port"].Value, CultureInfo.InvariantCulture) : 8000;
                var options = BindPattern().Replace(server.Groups["options"].Value, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
                await StartAsync(port, [Build.CommandLine, "0", "--bind", "127.0.0.1", .. options]);
                continue;
            }

            if (HostSample.IsCommand(command))
            {
                var arguments = HostSample.ArgumentsOf(command);
                var named = arguments.Select(argument => _portsOfFiles.GetValueOrDefault(argument)).FirstOrDefault(static known => known > 0);
                await StartAsync(named > 0 ? named : PortIn(command, PowerShellPortPattern()), [Build.Host, .. arguments]);
                continue;
            }

            if (command.Contains("curl ", StringComparison.Ordinal))
                Tool.Require("curl", "curl");
            var (code, output, errors) = await Tool.RunAsync("sh", "-c", $"cd '{_directory}'; httpserver() {{ dotnet '{Build.CommandLine}' \"$@\"; }}; {Redirect(command)}");
            Assert.True(code == 0, $"{document}:{line}: '{command}' ends with {code}: {output}{errors}");
            Assert.Equal(string.Join('\n', expected), output.TrimEnd().ReplaceLineEndings("\n"));
        }
    }

    private string Redirect(string command) => AddressPattern().Replace(command, match =>
    {
        var port = int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture);
        Assert.True(_servers.ContainsKey(port), $"{document}: '{command}' asks port {port}, at which no sample before it serves.");
        return string.Create(CultureInfo.InvariantCulture, $"{match.Groups["scheme"].Value}127.0.0.1:{_servers[port].Port}");
    }).Replace("curl ", "curl -sS --noproxy '*' ", StringComparison.Ordinal);

    private async Task StartAsync(int port, params string[] arguments)
    {
        if (_servers.Remove(port, out var before))
            before.Dispose();
        _servers[port] = await SampleServer.StartAsync(_directory, arguments);
    }

    private static int PortIn(string text, Regex pattern) =>
        pattern.Match(text) is { Success: true } match ? int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture) : 8000;

    [GeneratedRegex(@"Create<\w+>\((?<port>\d+)")]
    private static partial Regex CSharpPortPattern();

    [GeneratedRegex(@"-Port (?<port>\d+)")]
    private static partial Regex PowerShellPortPattern();

    /// <summary>The port of a script, which may be a parameter of its own.</summary>
    [GeneratedRegex(@"(?:-Port |\$Port = )(?<port>\d+)")]
    private static partial Regex ScriptPortPattern();

    [GeneratedRegex(@"(?<scheme>https?://)localhost:(?<port>\d+)")]
    private static partial Regex AddressPattern();

    [GeneratedRegex(@"-?-[Bb]ind localhost ?")]
    private static partial Regex BindPattern();

    /// <summary>A command of the command line that serves until it is ended.</summary>
    [GeneratedRegex(@"^httpserver(?: (?<port>\d+))?(?<options>(?: -.*)?)$")]
    private static partial Regex ServerPattern();
}
