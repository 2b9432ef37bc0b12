namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>The names of the parameter sets of <c>Start-HttpServer</c>.</summary>
internal static class StartParameterSets
{
    /// <summary>A directory is served.</summary>
    public const string Files = "Files";

    /// <summary>Handlers alone answer.</summary>
    public const string NoFiles = "NoFiles";
}
