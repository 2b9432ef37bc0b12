using Http.Server.State;

namespace Http.Server.Hosting;

/// <summary>
/// What a server is to be: the values of <see cref="SettingsTable"/>. Those about files are kept as they are, and applied to each
/// handler.
/// </summary>
public sealed class ServerSettings
{
    private readonly List<SettingValue> _site = [];

    /// <summary>Settings that are as the table has them by default, but for the values that are given.</summary>
    /// <param name="values">
    /// Values that <see cref="SettingValue.FindProblem"/> found right; one that is off changes nothing.
    /// </param>
    public ServerSettings(IEnumerable<SettingValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values.Where(static value => value.IsOn))
        {
            if (value.Setting.IsAboutSite)
                _site.Add(value);
            else
                value.Setting.Apply!(this, value);
        }
    }

    /// <summary>The port; 0 for a free one. Default 8000.</summary>
    public int Port { get; set; } = 8000;

    /// <summary>Addresses as <see cref="BindAddress.Resolve"/> takes them. Default none: all interfaces.</summary>
    public IReadOnlyList<string> Bind { get; set; } = [];

    /// <summary>Whether the next free port is taken if the port is in use. Default false.</summary>
    public bool PortAuto { get; set; }

    /// <summary>Whether the page is opened in the browser. Default false.</summary>
    public bool Open { get; set; }

    /// <summary>Whether a QR code of the address is shown. Default false.</summary>
    public bool Qr { get; set; }

    /// <summary>The directory that is served. Default the current one.</summary>
    public string Directory { get; set; } = ".";

    /// <summary>Whether requests are left out of a log on standard error. Default false.</summary>
    public bool Quiet { get; set; }

    /// <summary>The file of the log; null, the default, for standard error.</summary>
    public string? LogFile { get; set; }

    /// <summary>
    /// Bytes from which on the log goes into a new file; 0, the default, for one that is not renamed. See <see cref="TextLog"/>.
    /// </summary>
    public long LogMaxSize { get; set; }

    /// <summary>How many old files of the log stay. Default 5.</summary>
    public int LogKeep { get; set; } = 5;

    /// <summary>
    /// Where metrics are served, and nothing else: ADDRESS:PORT as <see cref="AddressAndPort.Resolve"/> takes it. Null, the
    /// default, for the server's own addresses.
    /// </summary>
    public string? MetricsBind { get; set; }

    /// <summary>The form of the log's lines. Default <see cref="LogFormat.Python"/>.</summary>
    public LogFormat LogFormat { get; set; }

    /// <summary>The file of the certificate, PEM or PFX; null, the default, for none: plain HTTP or self-signed.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>The PEM file of the private key; null, the default, if it is in the certificate's file.</summary>
    public string? TlsKey { get; set; }

    /// <summary>The file whose first line is the password of the key; null, the default, for none.</summary>
    public string? TlsPasswordFile { get; set; }

    /// <summary>Whether a certificate is made for this run. Default false.</summary>
    public bool TlsSelfSigned { get; set; }

    /// <summary>The file of users and hashes of their passwords; null, the default, for no passwords.</summary>
    public string? AuthFile { get; set; }

    /// <summary>Whether passwords are taken over plain HTTP from other machines. Default false.</summary>
    public bool AuthPlain { get; set; }

    /// <summary>Whether CGI programs are run. Default false.</summary>
    public bool Cgi { get; set; }

    /// <summary>Paths below which programs are run. Default none: those of <see cref="CgiHttpRequestHandler"/>.</summary>
    public IReadOnlyList<string> CgiDirectories { get; set; } = [];

    /// <summary>Variables for programs: NAME=VALUE, or NAME. Default none.</summary>
    public IReadOnlyList<string> CgiEnvironment { get; set; } = [];

    /// <summary>The user of programs; null, the default, is that of <see cref="CgiHttpRequestHandler.CgiUser"/>.</summary>
    public string? CgiUser { get; set; }

    /// <summary>Longest silence of a program. Default 60 seconds.</summary>
    public TimeSpan CgiTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often a client may ask, as <see cref="Server.RateLimit.Parse"/> takes it; null, the default, for any number.
    /// </summary>
    public string? RateLimit { get; set; }

    /// <summary>What clients are told apart by for that: Address, the default, User, or Header:NAME.</summary>
    public string RateKey { get; set; } = "Address";

    /// <summary>The store that the server shares with others; null, the default, for none.</summary>
    public StateStoreAddress? StateStore { get; set; }

    /// <summary>Limits, proxies and other options of the server; its log is set when the server is made.</summary>
    public HttpServerOptions Options { get; set; } = new();

    /// <summary>Applies the settings about files to a handler.</summary>
    /// <param name="handler">Any handler of files.</param>
    public void ApplyToSite(SimpleHttpRequestHandler handler)
    {
        foreach (var value in _site)
            value.Setting.ApplyToSite!(handler, value);
    }
}
