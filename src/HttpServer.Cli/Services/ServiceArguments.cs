using System.Runtime.CompilerServices;
using Http.Server.Hosting;
using Http.Server.Hosting.Services;

namespace Http.Server.Cli.Services;

/// <summary>From the settings of a server to the plan of a service that has them.</summary>
internal static class ServiceArguments
{
    /// <summary>For closing files, and for requests that run when the drain is over.</summary>
    private static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(15);

    /// <summary>What a user at a terminal wants, and a service has no use for.</summary>
    private static readonly string[] ForTerminals = ["open", "qr", "port-auto"];

    /// <summary>Files that only root may be able to read, which the service is given then.</summary>
    private static readonly string[] Secrets = ["tls-cert", "tls-key", "tls-password-file", "auth-file"];

    /// <summary>Makes the plan.</summary>
    /// <param name="options">The name and the kind of the service.</param>
    /// <param name="values">The server's settings.</param>
    /// <exception cref="CannotStartException">The server cannot be a service.</exception>
    /// <exception cref="ServerStartException">An address is unknown.</exception>
    public static ServicePlan Plan(ServiceOptions options, IReadOnlyList<SettingValue> values)
    {
        var here = Directory.GetCurrentDirectory();
        List<SettingValue> on = [.. values.Where(static value => value.IsOn).Select(value => value.InFolder(here))];
        if (on.Find(static value => ForTerminals.Contains(value.Setting.Name)) is { } senseless)
            throw new CannotStartException($"{senseless.Setting.OptionName} makes no sense for a service: leave it out.");
        var settings = new ServerSettings(on);
        var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(settings.Directory));
        if (!Directory.Exists(directory))
            throw new CannotStartException($"There is no directory {directory}: give one that exists with --directory.");
        var sockets = ServiceSockets.Find(settings.Bind, settings.Port);
        var program = ServiceProgram.Find();
        var isCompiled = RuntimeFeature.IsDynamicCodeCompiled;
        var secrets = new Dictionary<string, string>();
        var command = new List<string>(program);
        for (var at = 0; at < sockets.Count; at++)
            command.AddRange(["--bind", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"fd:{3 + at}")]);
        command.AddRange(["--directory", directory]);
        foreach (var value in on.Where(static value =>
            value.Setting != SettingsTable.Port && value.Setting.Name is not ("bind" or "directory")))
            command.AddRange(Words(value, secrets));
        return new ServicePlan
        {
            Name = options.Name,
            Description = $"HTTP server of {directory}",
            Command = command,
            Sockets = sockets,
            // A native program is one file; the folder of another has its libraries.
            Reads = [directory,
                .. isCompiled ? [AppContext.BaseDirectory.TrimEnd('/'), Path.GetDirectoryName(program[0])!] : program,
                .. on.Where(static value => Secrets.Contains(value.Setting.Name)).Select(static value => value.Text)
                    .Except(secrets.Values)],
            Writes = FindWrites(settings, on, directory),
            Secrets = secrets,
            User = options.User,
            Instances = options.Instances,
            StopTime = settings.Options.DrainTime + settings.Options.ShutdownGrace + StopReserve,
            MakesCode = isCompiled || settings.Cgi,
            NeedsNetwork = settings.Cgi
                || (settings.MetricsBind is { } place && !place.StartsWith("unix:", StringComparison.Ordinal)),
        };
    }

    private static List<string> FindWrites(ServerSettings settings, List<SettingValue> on, string directory)
    {
        var writes = new List<string>();
        if (on.Exists(static value => value.Setting.Name == "upload"))
            writes.Add(directory);
        if (settings.LogFile is { } log)
            writes.Add(Path.GetDirectoryName(Path.GetFullPath(log))!);
        if (settings.MetricsBind is { } place && place.StartsWith("unix:/", StringComparison.Ordinal))
            writes.Add(Path.GetDirectoryName(place["unix:".Length..])!);
        return [.. writes.Distinct()];
    }

    private static IEnumerable<string> Words(SettingValue value, Dictionary<string, string> secrets)
    {
        var option = "--" + value.Setting.Name;
        if (value.Setting.Kind == SettingKind.Switch)
            return [option];
        if (value.Setting.Kind == SettingKind.Pairs)
            return value.Texts.SelectMany(text => (string[])[option, .. text.Split('\0')]);
        if (Secrets.Contains(value.Setting.Name) && IsForRootAlone(value.Text))
        {
            secrets[value.Setting.Name] = value.Text;
            return [option, ServicePlan.SecretPrefix + value.Setting.Name];
        }

        return value.Texts.SelectMany(text =>
            text.StartsWith('-') ? (string[])[$"{option}={text}"] : [option, text]);
    }

    private static bool IsForRootAlone(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) == 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException($"Cannot find {path}: {exception.Message.TrimEnd('.')}.");
        }
    }
}
