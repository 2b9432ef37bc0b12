using System.Collections.ObjectModel;
using Http.Server.Cgi;
using Http.Server.Requests;
using Http.Server.StaticFiles.Sites;

namespace Http.Server;

/// <summary>
/// Serves files, and runs the programs in certain directories (RFC 3875); Python's <c>http.server.CGIHTTPRequestHandler</c>,
/// which Python 3.15 no longer has. Any verb reaches a program. Nothing below a CGI directory is ever served as a file.
/// </summary>
public class CgiHttpRequestHandler : SimpleHttpRequestHandler
{
    private static readonly ReadOnlyDictionary<string, IReadOnlyList<string>> DefaultInterpreters = new(
        new Dictionary<string, IReadOnlyList<string>>
        {
            [".py"] = ["python3|python"],
            [".pl"] = ["perl"],
            [".rb"] = ["ruby"],
            [".php"] = ["php-cgi"],
            [".ps1"] = ["pwsh", "-NoProfile", "-NonInteractive", "-File"],
            [".cmd"] = ["cmd", "/d", "/c"],
        });

    /// <summary>More local redirects in a row are a circle. Apache's figure.</summary>
    private const int MaxRedirects = 10;

    private static readonly SiteOptions DefaultSite = new() { ProgramDirectories = ["/cgi-bin", "/htbin"] };

    private CgiGate? _ownGate;

    static CgiHttpRequestHandler() =>
        VerbTable<BaseHttpRequestHandler>.Register(typeof(CgiHttpRequestHandler), new()
        {
            ["GET"] = static handler => ((CgiHttpRequestHandler)handler).DoGet(),
            ["HEAD"] = static handler => ((CgiHttpRequestHandler)handler).DoHead(),
            ["OPTIONS"] = static handler =>
            {
                ((CgiHttpRequestHandler)handler).DoOptions();
                return default;
            },
            ["POST"] = static handler => ((CgiHttpRequestHandler)handler).DoPost(),
        });

    /// <summary>Makes a handler that speaks HTTP/1.1 and serves the current directory and the programs in it.</summary>
    public CgiHttpRequestHandler()
        : base(DefaultSite)
    {
    }

    /// <summary>The paths below which programs are run; default <c>/cgi-bin</c> and <c>/htbin</c>.</summary>
    public IReadOnlyList<string> CgiDirectories
    {
        get => Options.ProgramDirectories;
        set => Change().ProgramDirectories = value;
    }

    /// <summary>
    /// Longest silence of a program: without a byte from it, or taken by it, for this long it is ended, and the client gets 504
    /// if nothing has been sent. Default 60 seconds, nginx's and Apache's figure.
    /// </summary>
    public TimeSpan CgiTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most programs of a server at once; the first handler of a server decides. Default 4 for each processor.</summary>
    public int CgiMaxProcesses { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>How long a request waits for its turn when that many run, before it gets 503. Default 10 seconds.</summary>
    public TimeSpan CgiQueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Environment variables for programs beyond those of CGI: <c>NAME=VALUE</c>, or <c>NAME</c> to pass the server's own on.
    /// Without any, programs see PATH, the language, the time zone and the place for temporary files.
    /// </summary>
    public IReadOnlyList<string> CgiEnvironmentVariables { get; set; } = [];

    /// <summary>
    /// The user that programs run as. Null, the default: <c>nobody</c> if the server runs as root, else the server's own user. A
    /// server that runs as root runs programs as root only if this says <c>root</c>.
    /// </summary>
    public string? CgiUser { get; set; }

    /// <summary>
    /// Why no program can be run as <see cref="CgiUser"/>, in words that begin in lower case: there is no such user,
    /// say.
    /// </summary>
    /// <returns>Null if all is well.</returns>
    public string? FindCgiUserProblem() => CgiUser is null ? null : CgiIdentity.Of(CgiUser).Problem;

    /// <summary>
    /// What runs files that the system cannot run by themselves, by extension: a program in PATH (<c>a|b</c> for the first there
    /// is) and the arguments before the file. On Unix a file must be executable as well.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CgiInterpreters { get; set; } = DefaultInterpreters;

    /// <summary>
    /// Whether a program may have a file below <see cref="SimpleHttpRequestHandler.Directory"/> sent by naming it in
    /// <c>X-Sendfile</c>. Default false.
    /// </summary>
    public bool CgiSendFile { get; set; }

    /// <inheritdoc/>
    public override ValueTask DoGet() => IsCgi() ? Cycle.Pending.Add(RunCgiAsync()) : base.DoGet();

    /// <summary>
    /// Runs the program that is posted to; elsewhere takes files in if <see cref="SimpleHttpRequestHandler.AllowUpload"/> says
    /// so, and is 501 if not, in Python's words where there are <see cref="CgiDirectories"/>.
    /// </summary>
    public virtual ValueTask DoPost()
    {
        if (IsCgi())
            return Cycle.Pending.Add(RunCgiAsync());
        if (AllowUpload)
            return Cycle.Pending.Add(TakeFormAsync());
        SendError(501, CgiDirectories.Count > 0 ? "Can only POST to CGI scripts" : "Unsupported method ('POST')");
        return default;
    }

    /// <summary>Any verb reaches a program; these are the ones that pages use.</summary>
    protected override IEnumerable<string> GetKnownMethods() =>
        base.GetKnownMethods().Union(["DELETE", "PATCH", "POST", "PUT"]).Order(StringComparer.Ordinal);

    /// <summary>
    /// Whether the request's path lies in a CGI directory. Decided on the canonical path, so no way to write it changes
    /// the answer.
    /// </summary>
    protected virtual bool IsCgi() => Exchange.FindTarget().Path is { } url && FindSite().FindProgramDirectory(url) is not null;

    /// <inheritdoc/>
    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) =>
        command is not ("GET" or "HEAD" or "POST") && IsCgi()
            ? static handler => ((CgiHttpRequestHandler)handler).RunCgiAsync()
            : base.FindMethod(command);

    /// <inheritdoc/>
    private protected override int BrokenAnswerStatus => IsCgi() ? 502 : base.BrokenAnswerStatus;

    /// <inheritdoc/>
    private protected override IEnumerable<string> Verbs =>
        CgiDirectories.Count > 0 || AllowUpload
            || Methods.Overrides(nameof(DoPost)) ? base.Verbs : base.Verbs.Where(static verb => verb != "POST");

    /// <summary>Runs the program that the request names and streams its answer (Python: <c>run_cgi</c>).</summary>
    protected virtual async ValueTask RunCgiAsync()
    {
        // A program sees who the user is, and not whose page has sent the request. Where the server has asked for no password,
        // cookies are the program's own, and so is what it makes of them.
        if (AuthType is not null && IsForgedCrossSite())
        {
            SendError(403, null, "Pages of other origins may not send this with the user's credentials.");
            return;
        }

        // Finding and starting a program waits for the disk.
        await Task.Yield();
        var options = new CgiOptions
        {
            Timeout = CgiTimeout,
            MaxProcesses = CgiMaxProcesses,
            QueueTimeout = CgiQueueTimeout,
            EnvironmentVariables = CgiEnvironmentVariables,
            User = CgiUser,
            Interpreters = CgiInterpreters,
            SendFile = CgiSendFile,
        };
        var runner = new CgiRunner(this, options, FindGate(), content => CopyFileAsync(content, Wfile));
        for (var redirects = 0; await runner.RunOnceAsync().ConfigureAwait(false) is { } location; redirects++)
        {
            if (redirects == MaxRedirects)
            {
                LogError("CGI {0}: more than {1} local redirects", Path, MaxRedirects);
                SendError(500);
                return;
            }

            RedirectTo(location);
            // A program may send the request to what its user may not read.
            if (Cycle.Request.View?.MayRead(FindUrl()) == false)
            {
                SendError(403);
                return;
            }

            if (!IsCgi())
            {
                await base.DoGet().ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>The gate of the server, or one of the handler's own.</summary>
    private CgiGate FindGate() =>
        Server is IProgramHost host ? host.FindGate(CgiMaxProcesses) : _ownGate ??= new CgiGate(CgiMaxProcesses);
}
