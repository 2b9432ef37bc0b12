namespace Http.Server.Host.CommandLine;

/// <summary>What the command line asks for.</summary>
internal enum HostAction
{
    /// <summary>A server with the options of <c>Start-HttpServer</c>; at a terminal with a prompt.</summary>
    Serve,

    /// <summary>A script file.</summary>
    Script,

    /// <summary>A line of PowerShell.</summary>
    Command,

    /// <summary>The help page.</summary>
    Help,

    /// <summary>The version.</summary>
    Version,
}
