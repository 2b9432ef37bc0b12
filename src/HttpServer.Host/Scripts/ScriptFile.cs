using Http.Server.Host.CommandLine;

namespace Http.Server.Host.Scripts;

/// <summary>Finds the script that the command line names.</summary>
internal static class ScriptFile
{
    /// <returns>The full path.</returns>
    /// <exception cref="UsageException">There is no such script.</exception>
    public static string Find(string name)
    {
        var path = Path.GetFullPath(name);
        if (Directory.Exists(path))
            throw new UsageException($"{path} is a directory. To serve it: httpserver-host -Directory '{name}'.");
        if (!File.Exists(path))
        {
            throw new UsageException(name.All(char.IsAsciiDigit)
                ? $"There is no script {name}. For a port: httpserver-host -Port {name}."
                : $"There is no script {path}.");
        }

        return path.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            ? path
            : throw new UsageException($"{path} is no PowerShell script: its name does not end in .ps1.");
    }
}
