namespace Http.Server.Cli;

/// <summary>What the command line asks for.</summary>
internal sealed record ServeSettings
{
    public required int Port { get; init; }

    public required IReadOnlyList<string> Bind { get; init; }

    public bool PortAuto { get; init; }

    public bool Open { get; init; }

    public bool Qr { get; init; }

    public required string Directory { get; init; }

    public required string Protocol { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    public string? ContentType { get; init; }

    public bool Quiet { get; init; }

    public string? LogFile { get; init; }

    public LogFormat LogFormat { get; init; }

    public SymlinkPolicy Symlinks { get; init; }

    public bool HideDotfiles { get; init; }

    public CompressionPolicy Compression { get; init; } = CompressionPolicy.On;

    /// <summary>Null: clients ask each time.</summary>
    public int? CacheSeconds { get; init; }

    public IReadOnlyList<string> ImmutableFiles { get; init; } = [];

    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    public string? FallbackPage { get; init; }

    public bool CleanUrls { get; init; }

    public bool Archive { get; init; }

    public TrailingSlashPolicy TrailingSlash { get; init; }

    public bool Upload { get; init; }

    public bool Overwrite { get; init; }

    /// <summary>Bytes; null for the library's default.</summary>
    public long? MaxBodySize { get; init; }

    /// <summary>Null for the library's default.</summary>
    public int? MaxConnections { get; init; }

    public bool LiveReload { get; init; }

    public bool Cgi { get; init; }

    public IReadOnlyList<string> CgiDirectories { get; init; } = [];

    public IReadOnlyList<string> CgiEnvironment { get; init; } = [];

    public string? CgiUser { get; init; }

    /// <summary>PEM or PFX.</summary>
    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    public string? TlsPasswordFile { get; init; }

    public bool TlsSelfSigned { get; init; }

    public bool Hsts { get; init; }

    /// <summary>Null: everybody may ask.</summary>
    public string? AuthFile { get; init; }

    public bool AuthPlain { get; init; }

    /// <summary>What <see cref="TrustedProxy.Parse"/> takes.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    public bool ProxyProtocol { get; init; }

    public string? HealthPath { get; init; }

    public int DrainSeconds { get; init; }

    /// <summary>Seconds.</summary>
    public int CgiTimeout { get; init; }
}
