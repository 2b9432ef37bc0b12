namespace Http.Server.StaticFiles;

/// <summary>What a request's path turned out to mean.</summary>
internal enum ResolutionKind
{
    /// <summary>The path breaks the rules of paths: 400.</summary>
    Malformed,

    /// <summary>Nothing lies there: 404.</summary>
    Missing,

    /// <summary>Nothing lies there, and a page of the site says so: 404 with that page.</summary>
    MissingWithPage,

    /// <summary>The content is in memory.</summary>
    Stored,

    /// <summary>A file, or a directory's index page.</summary>
    File,

    /// <summary>
    /// A file that stands for the path without lying there: a page of a clean URL, or the page of a single-page
    /// application.
    /// </summary>
    Substitute,

    /// <summary>A directory that is listed or archived.</summary>
    Directory,

    /// <summary>The same path with a slash at its end, or without.</summary>
    Redirect,
}
