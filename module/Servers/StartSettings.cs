using System.Net;
using Http.Server.Hosting;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.State;

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

    public string Protocol { get; init; } = "HTTP/1.1";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyDictionary<string, string> ContentTypes { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string>? IndexPages { get; init; }

    /// <summary>What the table of settings applies to handlers of files.</summary>
    public ServerSettings Site { get; init; } = new([]);

    public bool Upload { get; init; }

    public CgiSettings Cgi { get; init; } = new();

    /// <summary>Null for plain HTTP.</summary>
    public ServerCertificate? Certificate { get; init; }

    /// <summary>Who may ask, with hashes of the passwords; null for everybody.</summary>
    public BasicAuthentication? Authentication { get; init; }

    /// <summary>The names of the schemes by which users log in, beside <see cref="Authentication"/>.</summary>
    public IReadOnlyList<string> Schemes { get; init; } = [];

    /// <summary>What who may do at which path, as <see cref="AccessPolicy.Rules"/> has it; null for no rules.</summary>
    public AccessPolicy? Rules { get; init; }

    /// <summary>Credentials may come over plain HTTP from other machines.</summary>
    public bool AllowsPlainHttp { get; init; }

    /// <summary>Forms need a token of their session, where a handler does not say otherwise.</summary>
    public bool ChecksForms { get; init; }

    /// <summary>The handlers are described at /openapi.json and /openapi.</summary>
    public bool HasOpenApi { get; init; }

    /// <summary>Where the page is that shows what the server does; null for none.</summary>
    public string? DashboardPath { get; init; }

    /// <summary>A class that answers every request; null for scripts, files and CGI programs.</summary>
    public Type? HandlerType { get; init; }

    public required WorkerSettings Workers { get; init; }

    /// <summary>How many tasks there may be, and where they are.</summary>
    public TaskSettings Tasks { get; init; } = new();

    /// <summary>The file that the log is written to; null for none.</summary>
    public string? LogPath { get; init; }

    public LogFormat LogFormat { get; init; }

    /// <summary>Bytes from which on the log goes into a new file; 0 for one that grows.</summary>
    public long LogMaxSize { get; init; }

    /// <summary>Old files of the log that stay.</summary>
    public int LogKeep { get; init; } = 5;

    public bool IsQuiet { get; init; }

    /// <summary>
    /// Where the server keeps what outlasts a request. One in memory outlasts a restart, as the shared table does.
    /// </summary>
    public IHttpStateStore StateStore { get; init; } = new MemoryStateStore();

    /// <summary>Limits and timeouts; the log is set at the start.</summary>
    public HttpServerOptions Options { get; init; } = new();

    /// <summary>Addresses as the user wrote them as end points, each once.</summary>
    /// <param name="bind">The addresses; none for all interfaces.</param>
    /// <param name="port">The port for those that have none of their own.</param>
    /// <exception cref="ServerStartException">A text is no address, or a name is not known.</exception>
    public static IReadOnlyList<EndPoint> Resolve(IReadOnlyList<string> bind, int port) => bind.Count == 0
        ? BindAddress.Resolve(null, port)
        : [.. bind.SelectMany(text => BindAddress.Resolve(text, port)).Distinct()];

    /// <summary>Opens the file of the log.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="WorkerStartException">The file cannot be written.</exception>
    public TextLog? OpenLog()
    {
        if (LogPath is not { } path)
            return null;
        try
        {
            return new TextLog(path, LogFormat, LogMaxSize, LogKeep) { WriteRequests = !IsQuiet };
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new WorkerStartException(
                $"Cannot write the log {path}: {exception.Message} Give another file with -LogPath.", "LogNotWritable", path,
                    exception);
        }
    }
}
