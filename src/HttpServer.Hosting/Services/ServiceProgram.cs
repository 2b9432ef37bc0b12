namespace Http.Server.Hosting.Services;

/// <summary>The program that runs now, as a service can start it.</summary>
public static class ServiceProgram
{
    /// <summary>Its file; or the runtime and the library that it runs.</summary>
    /// <exception cref="CannotStartException">The system does not tell it.</exception>
    public static IReadOnlyList<string> Find()
    {
        var process = Environment.ProcessPath
            ?? throw new CannotStartException("The system does not tell where this program lies.");
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? [process, Path.GetFullPath(Environment.GetCommandLineArgs()[0])]
            : [process];
    }
}
