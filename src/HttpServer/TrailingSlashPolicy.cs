namespace Http.Server;

/// <summary>How the addresses of pages and directories end. The other spelling is redirected, with its query.</summary>
public enum TrailingSlashPolicy
{
    /// <summary>Directories end in a slash, pages that are found without their <c>.html</c> do not. The default.</summary>
    Auto,

    /// <summary>Directories and pages that are found without their <c>.html</c> end in a slash.</summary>
    Always,

    /// <summary>
    /// Neither ends in one, but for the root, and for listings: the links in these are relative to the
    /// directory.
    /// </summary>
    Never,
}
