using System.Management.Automation;
using Http.Server.Hosting;

namespace Http.Server.PowerShell.Servers;

/// <summary>What <c>Start-HttpServer</c> was asked for, checked; a restart goes by it again.</summary>
internal sealed record StartSettings
{
    public required string Name { get; init; }

    public required int Port { get; init; }

    /// <summary>Addresses as the user wrote them; none for all interfaces.</summary>
    public IReadOnlyList<string> Bind { get; init; } = [];

    public required string Directory { get; init; }

    /// <summary>Whether the directory is served where no handler answers; if not, handlers are alone.</summary>
    public bool ServesFiles { get; init; } = true;

    /// <summary>The location of the session in the file system, where handlers begin.</summary>
    public required string Location { get; init; }

    public string Protocol { get; init; } = "HTTP/1.1";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyDictionary<string, string> ContentTypes { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string>? IndexPages { get; init; }

    /// <summary>What the table of settings applies to handlers of files.</summary>
    public ServerSettings Site { get; init; } = new([]);

    public bool Upload { get; init; }

    /// <summary>Empty for no CGI.</summary>
    public IReadOnlyList<string> CgiDirectories { get; init; } = [];

    public TimeSpan? CgiTimeout { get; init; }

    public IReadOnlyList<string> CgiEnvironment { get; init; } = [];

    public string? CgiUser { get; init; }

    /// <summary>Null for plain HTTP.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Who may ask, with hashes of the passwords; null for everybody.</summary>
    public BasicAuthentication? Authentication { get; init; }

    /// <summary>A class that answers every request; null for scripts, files and CGI programs.</summary>
    public Type? HandlerType { get; init; }

    public required int ThrottleLimit { get; init; }

    public required int QueueLimit { get; init; }

    public required TimeSpan HandlerTimeout { get; init; }

    public IReadOnlyList<string> Modules { get; init; } = [];

    public bool IsolatesModules { get; init; }

    public ScriptBlock? InitializationScript { get; init; }

    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    public IReadOnlyDictionary<string, string> Functions { get; init; } = new Dictionary<string, string>();

    public bool GoesOnWithoutModules { get; init; }

    /// <summary>The file that the log is written to; null for none.</summary>
    public string? LogPath { get; init; }

    public LogFormat LogFormat { get; init; }

    public bool IsQuiet { get; init; }

    /// <summary>Limits and timeouts; the log is set at the start.</summary>
    public HttpServerOptions Options { get; init; } = new();
}
