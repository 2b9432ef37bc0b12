using System.Diagnostics;

namespace Http.Server.Tests.Support;

/// <summary>Programs that tests use if they are installed: the one place that tests ask for them.</summary>
public static class Tool
{
    /// <summary>Only there so that a program that hangs fails a test instead of halting the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>
    /// Whether programs are looked for at all. With the environment variable HTTPSERVER_TEST_TOOLS=none no program is found: so it can be
    /// proved that tests whose program is missing are skipped, and that none fails.
    /// </summary>
    public static bool AreSought { get; } = Environment.GetEnvironmentVariable("HTTPSERVER_TEST_TOOLS") != "none";

    /// <summary>The path of the first program of these names that is on the PATH or, by its full path, elsewhere; null if there is none.</summary>
    public static string? Find(params IEnumerable<string> names)
    {
        return AreSought ? Seek(names) : null;
    }

    private static string? Seek(IEnumerable<string> names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .SelectMany(static path => new[] { path, path + ".exe" })
            .FirstOrDefault(File.Exists);
    }

    /// <summary>The program's path; the test is skipped if it is not there, with a reason that says what to install.</summary>
    public static string Require(string name, string package)
    {
        var found = Find(name);
        Assert.SkipWhen(found is null, $"{name} is not installed: install the package {package}.");
        return found!;
    }

    /// <summary>
    /// Skips the test where no CGI program runs: those of a server of root run as another user, by setpriv. It is a part of the usual systems,
    /// like the shell, and sought whatever HTTPSERVER_TEST_TOOLS says.
    /// </summary>
    public static void RequireCgi() => Assert.SkipWhen(
        Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() && Seek(["setpriv"]) is null,
        "setpriv is not installed, by which programs of root run as another user: install the package util-linux, or test as another user than root.");

    /// <summary>Runs a program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params string[] arguments) =>
        RunAsync(new ProcessStartInfo(program, arguments));

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{start.FileName} {string.Join(' ', start.ArgumentList)} does not end. It said: {await output}{await errors}");
        }

        return (process.ExitCode, await output, await errors);
    }
}
