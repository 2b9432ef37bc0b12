using System.ComponentModel;
using System.Diagnostics;

namespace Http.Server.Hosting.Services;

/// <summary>Puts units where systemd finds them, and takes them away again.</summary>
public static class ServiceInstaller
{
    /// <summary>Where an administrator's units lie.</summary>
    private const string Folder = "/etc/systemd/system";

    /// <summary>There only where systemd has started the system (sd_booted(3)).</summary>
    private const string Running = "/run/systemd/system";

    private static readonly string[] Suffixes = [".service", ".socket", "@.service", "@.socket"];

    /// <summary>Writes the units and starts them, now and at each start of the system.</summary>
    /// <param name="plan">What the service is to be.</param>
    /// <exception cref="CannotStartException">There is no systemd, the rights are missing, or systemd refuses.</exception>
    public static void Install(ServicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Check("installs", "--dry-run prints the units, for another machine say.");
        try
        {
            foreach (var unit in SystemdUnits.Make(plan))
                File.WriteAllText(Path.Combine(Folder, unit.FileName), unit.Text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"The units cannot be written to {Folder}: {exception.Message}");
        }

        Control("daemon-reload");
        Control(["enable", "--now", .. SystemdUnits.FindStarted(plan)]);
    }

    /// <summary>Stops a service and takes its units away.</summary>
    /// <param name="name">The name that it was installed by.</param>
    /// <exception cref="CannotStartException">There is no such service, no systemd, or the rights are missing.</exception>
    public static void Uninstall(string name)
    {
        Check("takes away", "");
        var files = FindFiles(name);
        if (files.Count == 0)
            throw new CannotStartException($"There is no service {name} in {Folder}: give its name with --name.");
        var units = files.Select(static file => Path.GetFileName(file)!).ToList();
        // Of a template, all that runs of it is meant.
        Control(["stop", .. units.Select(static unit => unit.Replace("@.", "@*.", StringComparison.Ordinal))]);
        Control(["disable", .. units]);
        foreach (var file in files)
            File.Delete(file);
        Control("daemon-reload");
    }

    /// <summary>The files of a service.</summary>
    /// <param name="name">The name that it was installed by.</param>
    public static IReadOnlyList<string> FindFiles(string name)
    {
        if (!Directory.Exists(Folder))
            return [];
        return [.. Suffixes.Select(suffix => Path.Combine(Folder, name + suffix)).Where(File.Exists),
            .. Directory.EnumerateFiles(Folder, name + "@?*.socket")];
    }

    private static void Check(string what, string otherwise)
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Running))
            throw new CannotStartException(
                $"This system was not started by systemd, which alone {what} such a service. {otherwise}".TrimEnd());
        if (!Environment.IsPrivilegedProcess)
            throw new CannotStartException($"Only root {what} services: run this with sudo. {otherwise}".TrimEnd());
    }

    private static void Control(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new CannotStartException($"systemctl {string.Join(' ', arguments)} failed: "
                    + errors.ReplaceLineEndings(" ").Trim());
        }
        catch (Win32Exception exception)
        {
            throw new CannotStartException($"systemctl cannot be started: {exception.Message}");
        }
    }
}
