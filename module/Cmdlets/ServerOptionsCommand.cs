using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography.X509Certificates;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Cmdlets.Starting;
using Http.Server.PowerShell.Servers;
using Http.Server.State;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>
/// The parameters of a cmdlet that say where a server listens, who may ask, by HTTP or HTTPS, and within which limits. Most are
/// members of <see cref="HttpServerOptions"/>.
/// </summary>
public abstract class ServerOptionsCommand : HttpServerCommand
{
    /// <summary>Ports that are tried with -PortAuto.</summary>
    private const int PortAttempts = 100;

    private static readonly HttpServerOptions Defaults = new();

    private readonly CertificateParameters _certificate = new();
    private readonly AdmissionParameters _admission = new();
    private readonly CredentialParameters _credentials = new();
    private readonly HealthParameters _health = new();
    private readonly MetricsParameters _metrics = new();
    private readonly StateParameters _state = new();

    /// <summary>The port; 0 for a free one. Default 8000.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(0, 65_535)]
    public int Port { get; set; } = 8000;

    /// <summary>The addresses to listen at; default all interfaces.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Address")]
    [ArgumentCompleter(typeof(BindCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Bind { get; set; } = [];

    /// <summary>Speaks HTTPS with this certificate, which has its private key.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get => _certificate.Certificate; set => _certificate.Certificate = value; }

    /// <summary>Speaks HTTPS with the certificate of this file, PEM or PFX.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get => _certificate.CertificatePath; set => _certificate.CertificatePath = value; }

    /// <summary>The PEM file of the certificate's private key, if it is not in the same file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get => _certificate.KeyPath; set => _certificate.KeyPath = value; }

    /// <summary>The password of the private key, or of the PFX file.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword
    {
        get => _certificate.CertificatePassword;
        set => _certificate.CertificatePassword = value;
    }

    /// <summary>Speaks HTTPS with a certificate made in memory, for localhost and this machine.</summary>
    [Parameter]
    public SwitchParameter SelfSigned { get => _certificate.SelfSigned; set => _certificate.SelfSigned = value; }

    /// <summary>Those who may ask, with their passwords; by default everybody may.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public PSCredential[]? Credential { get => _credentials.Credential; set => _credentials.Credential = value; }

    /// <summary>A file with those who may ask, lines USER:HASH.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CredentialPath { get => _credentials.CredentialPath; set => _credentials.CredentialPath = value; }

    /// <summary>The authentications, of Register-HttpAuthentication, by which users log in for anything here.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Authentication { get => _credentials.Authentication; set => _credentials.Authentication = value; }

    /// <summary>What who may do at which path: 'anna /in:rw /:r', '@Ops /logs:r', '* /public:r'.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AccessRule { get => _credentials.AccessRule; set => _credentials.AccessRule = value; }

    /// <summary>Takes passwords over plain HTTP from other machines too.</summary>
    [Parameter]
    public SwitchParameter AllowUnencryptedAuthentication
    {
        get => _credentials.AllowUnencryptedAuthentication;
        set => _credentials.AllowUnencryptedAuthentication = value;
    }

    /// <summary>Longest request line in bytes; default 8192.</summary>
    [Parameter]
    [ValidateRange(16, 1 << 20)]
    public int MaxRequestLineLength { get; set; } = Defaults.MaxRequestLineLength;

    /// <summary>Largest header block in bytes; default 32768.</summary>
    [Parameter]
    [ValidateRange(16, 1 << 24)]
    public int MaxHeaderBytes { get; set; } = Defaults.MaxHeaderBytes;

    /// <summary>Most header fields; default 100.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int MaxHeaderCount { get; set; } = Defaults.MaxHeaderCount;

    /// <summary>Largest request body in bytes; default 1 GB.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxRequestBodySize { get; set; } = Defaults.MaxRequestBodySize;

    /// <summary>Most fields of a form, or parts; default 10000.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxFormFields { get; set; } = Defaults.MaxFormFields;

    /// <summary>Longest text of a form in bytes, its files not counted; default 30 MB.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxFormSize { get; set; } = Defaults.MaxFormSize;

    /// <summary>Longest JSON body in bytes; default 30 MB.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaxJsonBodySize { get; set; } = Defaults.MaxJsonBodySize;

    /// <summary>How deep a JSON body may be nested; default 2048.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int MaxJsonDepth { get; set; } = Defaults.MaxJsonDepth;

    /// <summary>Seconds for a request's head to arrive; default 30.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0.001, 86_400)]
    public double HeaderTimeout { get; set; } = Defaults.HeaderTimeout.TotalSeconds;

    /// <summary>Seconds that a connection may stay idle; default 75.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0.001, 86_400)]
    public double KeepAliveTimeout { get; set; } = Defaults.KeepAliveTimeout.TotalSeconds;

    /// <summary>Slowest rate of a request body in bytes a second; 0 for any. Default 240.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinRequestBodyRate { get; set; } = Defaults.MinRequestBodyRate;

    /// <summary>Slowest rate at which a client may take an answer in bytes a second; 0 for any. Default 240.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MinResponseRate { get; set; } = Defaults.MinResponseRate;

    /// <summary>Most connections at once; further ones wait. Default 16384.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxConnections { get; set; } = Defaults.MaxConnections;

    /// <summary>Most requests of a connection; 0 for any number. Default 0.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxRequestsPerConnection { get; set; } = Defaults.MaxRequestsPerConnection;

    /// <summary>Connections that the system may hold for the server before it takes them; default 512.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int ListenBacklog { get; set; } = Defaults.ListenBacklog;

    /// <summary>Takes the next free port if the port is in use.</summary>
    [Parameter]
    public SwitchParameter PortAuto { get; set; }

    /// <summary>
    /// Proxies whose Forwarded or X-Forwarded headers are believed: addresses, networks such as 10.0.0.0/8, or
    /// unix.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] TrustedProxy { get; set; } = [];

    /// <summary>Connections begin with a header of the PROXY protocol.</summary>
    [Parameter]
    public SwitchParameter ProxyProtocol { get; set; }

    /// <summary>Names that the server answers for, *.example.com for those below one, or * for any.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AllowedHost { get => _admission.AllowedHost; set => _admission.AllowedHost = value; }

    /// <summary>Addresses and networks that may ask; by default all may.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AllowAddress { get => _admission.AllowAddress; set => _admission.AllowAddress = value; }

    /// <summary>Addresses and networks that may not ask.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] DenyAddress { get => _admission.DenyAddress; set => _admission.DenyAddress = value; }

    /// <summary>How often a client may ask: 10/s, 100/m; by default as often as it likes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RateLimit { get => _admission.RateLimit; set => _admission.RateLimit = value; }

    /// <summary>What clients are told apart by for that: Address, User or Header:NAME.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RateKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public string RateKey { get => _admission.RateKey; set => _admission.RateKey = value; }

    /// <summary>The store that the server shares with others: redis://HOST:PORT, or rediss:// for TLS.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StateStore { get => _state.StateStore; set => _state.StateStore = value; }

    /// <summary>The path that answers 200 while the server works, and 503 while it drains.</summary>
    [Parameter]
    [UrlPath]
    public string? HealthPath { get => _health.HealthPath; set => _health.HealthPath = value; }

    /// <summary>The path that answers 200 as long as the server answers at all, also while it drains.</summary>
    [Parameter]
    [UrlPath]
    public string? LivenessPath { get => _health.LivenessPath; set => _health.LivenessPath = value; }

    /// <summary>The path that answers with figures of the server for Prometheus.</summary>
    [Parameter]
    [UrlPath]
    public string? MetricsPath { get => _metrics.MetricsPath; set => _metrics.MetricsPath = value; }

    /// <summary>The address for the metrics alone: localhost:9100, or :9100 for all interfaces.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? MetricsBind { get => _metrics.MetricsBind; set => _metrics.MetricsBind = value; }

    /// <summary>Seconds that a server which is told to end serves on; default 0.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double DrainTime { get; set; }

    /// <summary>Whether clients may come by HTTPS, of this server or of a proxy.</summary>
    private protected bool MayBeSecure => _certificate.AreGiven || TrustedProxy.Length > 0;

    private protected ServerCertificate? ReadCertificate(SessionPaths paths) => _certificate.Read(paths, WriteWarning);

    private protected BasicAuthentication? ReadAuthentication(SessionPaths paths, string directory) =>
        _credentials.Read(paths, directory, ArePasswordsExposed, Session.Authentications.Count > 0, WriteWarning);

    private protected AccessPolicy? ReadRules() => _credentials.ReadRules();

    /// <summary>Opens the store, of which <see cref="CheckStore"/> has looked at the address.</summary>
    private protected IHttpStateStore OpenStore() => _state.Open(WriteWarning, Fail);

    /// <summary>Looks at the address of the store.</summary>
    private protected void CheckStore() => _state.Check(Fail);

    /// <summary>The parameters as options; the log is set when the server starts.</summary>
    private protected HttpServerOptions ReadOptions() => _health.ApplyTo(_metrics.ApplyTo(_admission.ApplyTo(new HttpServerOptions
    {
        MaxRequestLineLength = MaxRequestLineLength,
        MaxHeaderBytes = MaxHeaderBytes,
        MaxHeaderCount = MaxHeaderCount,
        MaxRequestBodySize = MaxRequestBodySize,
        MaxFormFields = MaxFormFields,
        MaxFormSize = MaxFormSize,
        MaxJsonBodySize = MaxJsonBodySize,
        MaxJsonDepth = MaxJsonDepth,
        HeaderTimeout = TimeSpan.FromSeconds(HeaderTimeout),
        KeepAliveTimeout = TimeSpan.FromSeconds(KeepAliveTimeout),
        MinRequestBodyRate = MinRequestBodyRate,
        MinResponseRate = MinResponseRate,
        MaxConnections = MaxConnections,
        MaxRequestsPerConnection = MaxRequestsPerConnection,
        ListenBacklog = ListenBacklog,
        PortAttempts = PortAuto ? PortAttempts : 1,
        TrustedProxies = ReadProxies(),
        ProxyProtocol = ProxyProtocol,
        DrainTime = TimeSpan.FromSeconds(DrainTime),
    }, Fail), Fail), Fail);

    /// <summary>
    /// Whether passwords would travel over a network without encryption. Behind a proxy each request tells how its password has
    /// travelled, and requests by plain HTTP are refused one by one.
    /// </summary>
    private bool ArePasswordsExposed()
    {
        if (MayBeSecure)
            return false;
        try
        {
            return StartSettings.Resolve(Bind, Port)
                .Any(static address => address is IPEndPoint ip && !IPAddress.IsLoopback(ip.Address));
        }
        catch (ServerStartException)
        {
            // The start itself reports it.
            return false;
        }
    }

    private TrustedProxy[] ReadProxies()
    {
        foreach (var text in TrustedProxy.Where(static text => !Server.TrustedProxy.TryParse(text, out _)))
            Fail($"-TrustedProxy takes an address such as 192.0.2.1, a network such as 10.0.0.0/8, or unix, not '{text}'.",
                "TrustedProxyInvalid", ErrorCategory.InvalidArgument, text);
        if (ProxyProtocol && TrustedProxy.Length == 0)
            Fail("-ProxyProtocol takes connections of known proxies alone: give their addresses with -TrustedProxy.",
                "TrustedProxyMissing", ErrorCategory.InvalidArgument, null);
        return Array.ConvertAll(TrustedProxy, Server.TrustedProxy.Parse);
    }
}
