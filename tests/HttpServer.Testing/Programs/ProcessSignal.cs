using System.Runtime.InteropServices;

namespace Http.Server.Tests.Support;

/// <summary>Sends signals by the system's own function: the program <c>kill</c> is not on every machine.</summary>
public static partial class ProcessSignal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends SIGHUP, SIGINT or SIGTERM; the test is skipped where there are no signals, or this one is ignored.</summary>
    /// <param name="process">The id of the process.</param>
    /// <param name="signal">The signal.</param>
    public static void Send(int process, PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals that a test could send.");
        var number = signal switch { PosixSignal.SIGHUP => 1, PosixSignal.SIGINT => 2, _ => 15 };
        IgnoredSignals.SkipIfIgnored(number, signal.ToString());
        Assert.Equal(0, Kill(process, number));
    }

    /// <summary>Sends SIGINT to a program that takes it wherever it was started.</summary>
    public static void Interrupt(int process) => SendNumber(process, 2);

    /// <summary>Has a process stand still (SIGSTOP): its connections stay, and nothing of it answers. Skipped where there are no signals.</summary>
    public static void Halt(int process)
    {
        SendNumber(process, OperatingSystem.IsMacOS() ? 17 : 19);
        // A thread goes on until it meets the signal.
        var stands = SpinWait.SpinUntil(() => !OperatingSystem.IsLinux() || AllThreadsStand(process), Patience);
        Assert.True(stands, $"Process {process} does not stand still.");
    }

    /// <summary>Has it go on (SIGCONT).</summary>
    public static void Resume(int process) => SendNumber(process, OperatingSystem.IsMacOS() ? 19 : 18);

    /// <summary>Reads "1234 (name) T ..." of each thread (proc(5)); the name may have anything in it.</summary>
    private static bool AllThreadsStand(int process) => Directory.EnumerateDirectories($"/proc/{process}/task")
        .Select(static thread => File.ReadAllText(Path.Combine(thread, "stat")))
        .All(static stat => stat[(stat.LastIndexOf(')') + 2)..].StartsWith('T'));

    private static void SendNumber(int process, int number)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals that a test could send.");
        Assert.Equal(0, Kill(process, number));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
