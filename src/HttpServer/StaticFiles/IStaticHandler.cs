using Http.Server.Authentication.Rules;
using Http.Server.StaticFiles.Sites;
using Http.Server.Transport;

namespace Http.Server.StaticFiles;

/// <summary>
/// What an exchange sees of its handler: the request, the ways to answer it, and the members that a class may
/// override.
/// </summary>
internal interface IStaticHandler : IHandlerContext
{
    /// <summary>The request's path.</summary>
    string Path { get; }

    /// <summary>The request's target from its path on, or what a local redirect has put in its place.</summary>
    ReadOnlySpan<byte> TargetBytes { get; }

    /// <summary>What the user may see and change, where rules say it; null for everything.</summary>
    AccessView? View { get; }

    string RequestVersion { get; }

    string ProtocolVersion { get; }

    string? Host { get; }

    bool IsSecure { get; }

    /// <summary>A host has requests answered on threads of its own, and what overrides the methods may run there alone.</summary>
    bool HasInvoker { get; }

    /// <summary>The class has a <c>TranslatePath</c> of its own.</summary>
    bool TranslatesPaths { get; }

    /// <summary>The class has a <c>ListDirectory</c> of its own.</summary>
    bool ListsDirectories { get; }

    /// <summary>The class has a <c>GuessType</c> of its own.</summary>
    bool GuessesTypes { get; }

    string? TranslatePath(string path);

    string GuessType(string path);

    FileContent? SendHead();

    FileContent? ListDirectory(string path);

    /// <summary>Sends a file's content to the client.</summary>
    ValueTask CopyFileAsync(FileContent content);

    /// <summary>Forgets the answer so far, after the way to the client has been rolled back.</summary>
    void RestartAnswer();

    /// <summary>The site for the handler's options, which is made if there is none.</summary>
    StaticSite FindSite();

    /// <summary>Whether the client prefers JSON for its errors.</summary>
    bool PrefersProblemDetails();
}
