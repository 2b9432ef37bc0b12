using System.Diagnostics;
using System.Globalization;

namespace Http.Server.Tests.Support;

/// <summary>
/// A real systemd in namespaces of its own: it manages the services of a test and nothing of the machine. Its units, <c>/run</c>,
/// <c>/tmp</c> and <c>/var/log</c> are not the machine's. It is ended with the object.
/// </summary>
internal sealed class OwnSystemd : IAsyncDisposable
{
    /// <summary>Where the folders that the test names are seen in it, in their order: <c>/mnt/0</c> and on.</summary>
    public const string Mounts = "/mnt";

    private const string Program = "/lib/systemd/systemd";

    /// <summary>
    /// What the system's own units would do to the machine (its settings, modules, devices, old files) is left out; the journal is not.
    /// </summary>
    private const string Boot = """
        set -e
        mount --make-rprivate /
        mount -t tmpfs -o mode=755 tmpfs /mnt
        number=0
        for folder in "$@"; do
            mkdir "/mnt/$number"
            mount --bind "$folder" "/mnt/$number"
            number=$((number + 1))
        done
        mount -t tmpfs -o mode=755 tmpfs /run
        mount -t tmpfs -o mode=755 tmpfs /var/log
        mount -t tmpfs -o mode=755 tmpfs /etc/systemd/system
        mount -t tmpfs -o mode=1777 tmpfs /tmp
        mount --bind /dev/null /etc/fstab 2> /dev/null || :
        for unit in /lib/systemd/system/sysinit.target.wants/* /lib/systemd/system/local-fs.target.wants/*; do
            case "$unit" in
                *journald*) ;;
                *) ln -s /dev/null "/etc/systemd/system/${unit##*/}" ;;
            esac
        done
        exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=basic.target --show-status=0
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _enter;
    private int _first;

    private OwnSystemd(Process process, string enter) => (_process, _enter) = (process, enter);

    /// <summary>Starts it; the test is skipped where that cannot be, with the reason.</summary>
    /// <param name="folders">What it sees below <see cref="Mounts"/>.</param>
    public static async Task<OwnSystemd> StartAsync(params string[] folders)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Program) && Tool.AreSought, "systemd is not installed: install the package systemd.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes the namespaces that a systemd of the test's own needs: run the tests as root.");
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "systemd manages this machine, and the test touches no service of it: test in a container.");
        var unshare = Tool.Require("unshare", "util-linux");
        var systemd = new OwnSystemd(
            Process.Start(new ProcessStartInfo(unshare, ["--fork", "--kill-child", "--pid", "--mount", "--uts", "--ipc", "--mount-proc", "sh", "-c", Boot, "boot", .. folders])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!,
            Tool.Require("nsenter", "util-linux"));
        try
        {
            var state = await systemd.WaitAsync();
            Assert.SkipWhen(state is not null, $"systemd does not run here: {state}");
            return systemd;
        }
        catch
        {
            await systemd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program in its namespaces, to its end.</summary>
    public Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] command) =>
        Tool.RunAsync(_enter, ["-t", _first.ToString(CultureInfo.InvariantCulture), "-p", "-m", "-u", "-i", .. command]);

    /// <summary>Runs a program that has to succeed.</summary>
    /// <returns>What it put out.</returns>
    public async Task<string> DoAsync(params string[] command)
    {
        var (exitCode, output, errors) = await RunAsync(command);
        if (exitCode == 0)
            return output.Trim();
        var (_, journal, _) = await RunAsync("journalctl", "--no-pager", "-o", "cat", "-n", "30", "_TRANSPORT=stdout");
        throw new InvalidOperationException($"{string.Join(' ', command)} ended with {exitCode}: {output}{errors}\nThe journal: {journal}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Waits until it has started all that it is to start.</summary>
    /// <returns>Null, or what is wrong.</returns>
    private async Task<string?> WaitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var said = "it did not begin";
        while (!limit.IsCancellationRequested)
        {
            if (_process.HasExited)
                return await _process.StandardError.ReadToEndAsync(CancellationToken.None);
            if (TryFindFirst())
            {
                var (_, output, errors) = await RunAsync("systemctl", "is-system-running");
                if (output.Trim() is "running" or "degraded")
                    return null;
                said = output + errors;
            }

            await Task.Yield();
        }

        return said;
    }

    /// <summary>The number outside, of what is number 1 inside.</summary>
    private bool TryFindFirst() => int.TryParse(
        File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ')[0], CultureInfo.InvariantCulture, out _first);
}
