using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The image of <c>docs/deploy/Containerfile</c>: its files are made by its own commands, of the native program.</summary>
public sealed partial class ContainerTests : IDisposable
{
    private const int MaxImageSize = 25_000_000;

    private readonly TempDirectory _folder = new();

    private static string Containerfile => Path.Combine(ServerProgram.Repository, "docs", "deploy", "Containerfile");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_files_serve_as_another_user_from_a_root_that_is_read_only()
    {
        var tree = await MakeTreeAsync();
        Assert.InRange(Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length), 1, MaxImageSize);
        File.WriteAllText(Path.Combine(tree, "srv", "index.html"), "from the image");
        var user = Instruction("USER").Split(':');
        // As a container has it: its own processes and mounts, a root that nothing can be written to, the image's user and no rights beyond it.
        await using var program = ServerProgram.StartInShell($"""
            exec unshare --mount --pid --fork --kill-child sh -c '
              mount --bind "{tree}" "{tree}" && mkdir -p "{tree}/proc" && mount -t proc proc "{tree}/proc" &&
              mount -o remount,bind,ro "{tree}" &&
              exec prlimit --nofile=1024 --nproc=4096 setpriv --no-new-privs \
                unshare --root="{tree}" --wd={Instruction("WORKDIR")} --setgid={user[1]} --setuid={user[0]} \
                {string.Join(' ', Arguments("ENTRYPOINT"))} 0 -b 127.0.0.1 --tls-self-signed'
            """);
        await program.WaitForAnnouncementAsync();
        var result = await Tool.RunAsync(Path.Combine(tree, "httpserver"), "health", "--insecure", $"https://127.0.0.1:{program.Port}/livez");
        Assert.Equal((0, "", ""), result);
        var status = await File.ReadAllTextAsync($"/proc/{FindServer(program.Id)}/status", TestContext.Current.CancellationToken);
        Assert.Contains($"Uid:\t{user[0]}\t", status, StringComparison.Ordinal);
        Assert.Matches(@"CapPrm:\s+0+\s", status);
        Assert.Matches(@"NoNewPrivs:\s+1\s", status);
        Assert.Matches(@"NSpid:\s+\d+\s+1\s", status);
        ProcessSignal.Send(FindServer(program.Id), PosixSignal.SIGTERM);
        Assert.Equal(0, await program.WaitForEndAsync());
    }

    [Fact]
    public async Task Buildah_builds_it_in_25_MB()
    {
        var buildah = Tool.Require("buildah", "buildah");
        _ = await MakeTreeAsync();
        string[] storage = ["--storage-driver", "vfs", "--root", _folder.MakeDirectory("store"), "--runroot", _folder.MakeDirectory("run")];
        // The first stage is what has been made already.
        var built = await Tool.RunAsync(buildah, [.. storage, "build", "--format", "docker", "--isolation", "chroot", "--build-context", $"build={_folder.Path}/made",
            "-t", "httpserver", "-f", Containerfile, _folder.MakeDirectory("context")]);
        Assert.True(built.ExitCode == 0, built.Errors);
        var (_, images, _) = await Tool.RunAsync(buildah, [.. storage, "images", "--json"]);
        using var list = JsonDocument.Parse(images);
        Assert.Contains("localhost/httpserver:latest", images, StringComparison.Ordinal);
        Assert.Matches(@"^(1?\d|2[0-4])(\.\d+)? MB$", list.RootElement[0].GetProperty("size").GetString());
        var (_, inspected, _) = await Tool.RunAsync(buildah, [.. storage, "inspect", "--type", "image", "httpserver"]);
        using var image = JsonDocument.Parse(inspected);
        var config = image.RootElement.GetProperty("Docker").GetProperty("config");
        Assert.Equal(Instruction("USER"), config.GetProperty("User").GetString());
        Assert.Equal(["/httpserver", "--health", "/healthz", "--liveness", "/livez"], config.GetProperty("Entrypoint").EnumerateArray().Select(static text => text.GetString()));
        Assert.Equal("health", config.GetProperty("Healthcheck").GetProperty("Test")[2].GetString());
    }

    [Theory]
    [InlineData("Containerfile", "/httpserver")]
    [InlineData("Containerfile.host", "/opt/httpserver/httpserver-host")]
    public void Each_runs_without_root_and_asks_for_its_health(string name, string program)
    {
        var text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Containerfile)!, name));
        Assert.Matches(@"(?m)^USER [1-9]\d*:[1-9]\d*$", text);
        Assert.Contains($"ENTRYPOINT [\"{program}\"", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^HEALTHCHECK .*httpserver"", ""health"", ""http://127\.0\.0\.1:8000/livez""\]$", text);
        Assert.Contains("STOPSIGNAL SIGTERM", text, StringComparison.Ordinal);
    }

    /// <summary>Runs the commands that make the image's files, with the program under test in the place of one that is compiled there.</summary>
    private async Task<string> MakeTreeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !ServerProgram.IsLibrary,
            "The image has the native program: publish src/HttpServer.Cli for linux-x64, and name it by HTTPSERVER_TEST_PROGRAM.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root takes another root: run the tests as root.");
        Tool.Require("unshare", "util-linux");
        _folder.MakeDirectory("program");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "program", "httpserver"), ServerProgram.File);
        var image = Path.Combine(_folder.MakeDirectory("made"), "image");
        var commands = TreePattern().Match(await File.ReadAllTextAsync(Containerfile, TestContext.Current.CancellationToken)).Groups[1].Value
            .Replace("/program/", $"{_folder.Path}/program/", StringComparison.Ordinal).Replace("/image", image, StringComparison.Ordinal);
        Assert.NotEqual("", commands);
        var (exitCode, _, errors) = await Tool.RunAsync("sh", "-ec", commands);
        Assert.True(exitCode == 0, errors);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        return image;
    }

    private static string Instruction(string name) =>
        File.ReadLines(Containerfile).Last(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..];

    private static string[] Arguments(string name) => JsonSerializer.Deserialize<string[]>(Instruction(name))!;

    /// <summary>The last of the children's children: what the container runs.</summary>
    private static int FindServer(int process)
    {
        while (File.ReadAllText($"/proc/{process}/task/{process}/children").Trim() is { Length: > 0 } children)
            process = int.Parse(children.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        return process;
    }

    [GeneratedRegex(@"(?m)^RUN (install -D /program(?:.*\\\n)+.*)$")]
    private static partial Regex TreePattern();
}
