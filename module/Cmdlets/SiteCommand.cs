using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Http.Server.Hosting;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Cmdlets.Starting;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>
/// The parameters of a cmdlet that say what is served and how: mostly the rows of <see cref="SettingsTable"/> that are applied to
/// a handler of files.
/// </summary>
public abstract class SiteCommand : ServerOptionsCommand
{
    private readonly CgiParameters _cgi = new();

    /// <summary>The directory that is served; default the current one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, ParameterSetName = StartParameterSets.Files)]
    [Alias("Path", "FullName")]
    [ValidateNotNullOrEmpty]
    public string? Directory { get; set; }

    /// <summary>HTTP/1.1, the default, or HTTP/1.0.</summary>
    [Parameter]
    [ValidateSet("HTTP/1.1", "HTTP/1.0")]
    public string Protocol { get; set; } = "HTTP/1.1";

    /// <summary>Headers for every answer.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable Header { get; set; } = [];

    /// <summary>Types for extensions that differ from the built-in table.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ArgumentCompleter(typeof(MediaTypeTableCompleter))]
    [ValidateNotNull]
    public Hashtable ContentType { get; set; } = [];

    /// <summary>Files that stand for their directory; default index.html, index.htm.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateNotNull]
    public string[]? IndexPage { get; set; }

    /// <summary>What is done with symbolic links; default Inside.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SymlinkPolicy Symlinks { get; set; }

    /// <summary>Names that begin with a dot are not served.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter HideDotfiles { get; set; }

    /// <summary>Whether files go out compressed to clients that take it; default On.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public CompressionPolicy Compression { get; set; } = CompressionPolicy.On;

    /// <summary>Seconds for which clients may keep files without asking; by default they ask each time.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateRange(0, 31_536_000)]
    public int? CacheSeconds { get; set; }

    /// <summary>Names of files that clients may keep for a year without asking; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Immutable { get; set; } = [];

    /// <summary>Origins whose pages may read answers; * for all.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CorsOrigin { get; set; } = [];

    /// <summary>The file of a single-page application for paths where nothing lies.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateNotNullOrEmpty]
    public string? FallbackPage { get; set; }

    /// <summary>/about finds about.html.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter CleanUrls { get; set; }

    /// <summary>Whether addresses of directories and clean URLs end in a slash; default Auto.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public TrailingSlashPolicy TrailingSlash { get; set; }

    /// <summary>Clients may put files into the directory.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter Upload { get; set; }

    /// <summary>Files that are uploaded take the place of others of their name.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter Overwrite { get; set; }

    /// <summary>Pages in browsers are loaded anew when files change.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter LiveReload { get; set; }

    /// <summary>Browsers are told to come by HTTPS alone for the next year.</summary>
    [Parameter]
    public SwitchParameter Hsts { get; set; }

    /// <summary>Directories can be downloaded as ZIP and tar archives.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter Archive { get; set; }

    /// <summary>Runs CGI programs.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    public SwitchParameter Cgi { get => _cgi.Cgi; set => _cgi.Cgi = value; }

    /// <summary>The paths below which CGI programs lie; default /cgi-bin and /htbin.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateNotNullOrEmpty]
    public string[]? CgiDirectory { get => _cgi.CgiDirectory; set => _cgi.CgiDirectory = value; }

    /// <summary>Longest silence of a CGI program in seconds; default 60.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [Seconds]
    [ValidateRange(1, 86_400)]
    public double? CgiTimeout { get => _cgi.CgiTimeout; set => _cgi.CgiTimeout = value; }

    /// <summary>Environment variables for CGI programs: NAME=VALUE, or NAME to pass one on.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateNotNullOrEmpty]
    public string[] CgiEnvironment { get => _cgi.CgiEnvironment; set => _cgi.CgiEnvironment = value; }

    /// <summary>The user that CGI programs run as, where the server runs as root.</summary>
    [Parameter(ParameterSetName = StartParameterSets.Files)]
    [ValidateNotNullOrEmpty]
    public string? CgiUser { get => _cgi.CgiUser; set => _cgi.CgiUser = value; }

    private protected CgiSettings ReadCgi() => _cgi.Read();

    /// <summary>The parameters as settings. Headers and content types are tables, and are read by themselves.</summary>
    /// <param name="directory">The directory as a full path.</param>
    private protected ServerSettings ReadSite(string directory)
    {
        CheckOrigins();
        if (Hsts && !MayBeSecure)
            Fail("-Hsts is about HTTPS: add -CertificatePath, -Certificate or -SelfSigned, or -TrustedProxy if a proxy speaks "
                + "it.", "CertificateMissing", ErrorCategory.InvalidArgument, null);
        if (Overwrite && !Upload)
            Fail("-Overwrite is about files that are uploaded, but none may be: add -Upload.", "UploadMissing",
                ErrorCategory.InvalidArgument, null);
        var probe = new SimpleHttpRequestHandler { Directory = directory, FallbackPage = FallbackPage, Symlinks = Symlinks };
        if (probe.FindFallbackProblem() is { } problem)
            Fail($"{problem}: give one that exists with -FallbackPage.", "FallbackPageNotFound", ErrorCategory.ObjectNotFound,
                FallbackPage);
        var values = new List<SettingValue>();
        foreach (var setting in SettingsTable.All.Where(static setting => setting.IsAboutSite))
        {
            if (TextsOf(GetType().GetProperty(ConfigParameters.NameOf(setting.Name))!.GetValue(this)) is { } texts)
                values.Add(new SettingValue(setting, texts));
        }

        return new ServerSettings(values);
    }

    /// <summary>A parameter's value as texts; null for one that is not set, and for a table.</summary>
    private static string[]? TextsOf(object? value) => value switch
    {
        SwitchParameter { IsPresent: true } => [],
        string[] { Length: > 0 } several => several,
        string or Enum or int => [Convert.ToString(value, CultureInfo.InvariantCulture)!],
        _ => null,
    };

    private void CheckOrigins()
    {
        foreach (var origin in CorsOrigin.Where(static origin => origin != "*"))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || uri.PathAndQuery != "/" || origin.EndsWith('/'))
                Fail($"-CorsOrigin takes an origin such as https://example.com, or *, not '{origin}'.", "OriginInvalid",
                    ErrorCategory.InvalidArgument, origin);
        }
    }
}
