using System.ComponentModel;
using System.Diagnostics;

namespace Http.Server;

/// <summary>
/// Opens a page in the user's browser; the core of Python's <c>webbrowser</c>. Nothing of it goes through a
/// shell.
/// </summary>
public static class WebBrowser
{
    /// <summary>A program that cannot open the page says so at once; one that still runs after this has opened it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Opens a page: on Unix with what the variable BROWSER names (commands separated by colons, each with the address in the
    /// place of <c>%s</c> or at its end), else with the system's <c>xdg-open</c>; on macOS with <c>open</c>; on Windows by the
    /// shell's association.
    /// </summary>
    /// <param name="address">An http or https address.</param>
    /// <returns>Null if a browser was started; else what is in the way, as a sentence for the user.</returns>
    /// <exception cref="ArgumentException">The address is another kind of thing, which might be a program.</exception>
    public static async Task<string?> OpenAsync(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException("Only http and https addresses are opened.", nameof(address));
        if (OperatingSystem.IsWindows())
            return OpenByAssociation(address);
        var commands = FindCommands(address.AbsoluteUri, Environment.GetEnvironmentVariable);
        foreach (var command in commands)
        {
            if (await RunAsync(command).ConfigureAwait(false))
                return null;
        }

        return commands.Count == 0
            ? $"No browser can be opened without a desktop: "
                + $"open {address.AbsoluteUri} yourself, or name a program with the variable BROWSER."
            : $"No browser could be opened with {string.Join(" or ", commands.Select(static command => command[0]).Distinct())}: "
                + $"open {address.AbsoluteUri} yourself, or name a program with the variable BROWSER.";
    }

    private static string? OpenByAssociation(Uri address)
    {
        try
        {
            // A browser that runs already takes the address without a new process.
            using var process = Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true });
            return null;
        }
        catch (Win32Exception exception)
        {
            return $"No browser could be opened: {exception.Message.TrimEnd('.')}. Open {address.AbsoluteUri} yourself.";
        }
    }

    /// <summary>The commands that may open an address, the first choice first.</summary>
    /// <param name="address">The address.</param>
    /// <param name="variable">Environment variables by name.</param>
    internal static List<string[]> FindCommands(string address, Func<string, string?> variable)
    {
        var commands = (variable("BROWSER") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(command => Complete(command.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), address)).ToList();
        if (OperatingSystem.IsMacOS())
            commands.Add(["open", address]);
        else if (!string.IsNullOrEmpty(variable("DISPLAY")) || !string.IsNullOrEmpty(variable("WAYLAND_DISPLAY")))
            commands.Add(["xdg-open", address]);
        // Windows' Subsystem for Linux, where Windows has the browser.
        if (!string.IsNullOrEmpty(variable("WSL_DISTRO_NAME")))
            commands.Add(["wslview", address]);
        return commands;
    }

    private static string[] Complete(string[] words, string address) =>
        Array.Exists(words, static word => word.Contains("%s", StringComparison.Ordinal))
            ? Array.ConvertAll(words, word => word.Replace("%s", address, StringComparison.Ordinal))
            : [.. words, address];

    private static async Task<bool> RunAsync(string[] command)
    {
        if (FindProgram(command[0]) is not { } program)
            return false;
        // The browser gets a session of its own, so that Ctrl+C at the terminal ends the server and not the browser.
        var process = Start(FindProgram("setsid") is { } setsid
            ? MakeStart(setsid, [program, .. command[1..]])
            : MakeStart(program, command[1..]));
        if (process is null)
            return false;
        // The browser's messages do not belong into the server's log, and the browser must not keep the server's output open.
        process.StandardInput.Close();
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            return process.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private static ProcessStartInfo MakeStart(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static Process? Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Looks in PATH alone: .NET would look in the current directory first, which may be the one that is
    /// served.
    /// </summary>
    private static string? FindProgram(string name) => name.Contains('/')
        ? (File.Exists(name) ? Path.GetFullPath(name) : null)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.GetFullPath(Path.Join(folder, name))).FirstOrDefault(File.Exists);
}
