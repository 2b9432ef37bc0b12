using System.Globalization;

namespace Http.Server.Tests.Support;

/// <summary>
/// Signals that this process ignores, and with it the programs that it starts: shells begin jobs in the background so (SIGINT), and
/// <c>nohup</c> does (SIGHUP). A test that sends one to its program would wait in vain.
/// </summary>
public static class IgnoredSignals
{
    /// <summary>Skips the test if the signal is ignored.</summary>
    /// <param name="number">The signal's number, such as 2 for SIGINT.</param>
    /// <param name="name">Its name, such as SIGINT.</param>
    public static void SkipIfIgnored(int number, string name)
    {
        if (!OperatingSystem.IsLinux())
            return;
        const string Field = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal));
        var mask = ulong.Parse(line?[Field.Length..].Trim() ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen((mask & (1UL << (number - 1))) != 0,
            $"{name} is ignored here, as in a job in the background or under nohup: run the tests in the foreground.");
    }
}
