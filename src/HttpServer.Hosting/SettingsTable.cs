using System.Globalization;
using Http.Server.State;
using CheckValue = System.Func<Http.Server.Hosting.Setting, string, string?>;
using FindConflictOf = System.Func<System.Func<string, bool>, string?>;
using OnServer = System.Action<Http.Server.Hosting.ServerSettings, Http.Server.Hosting.SettingValue>;
using OnSite = System.Action<Http.Server.SimpleHttpRequestHandler, Http.Server.Hosting.SettingValue>;

namespace Http.Server.Hosting;

/// <summary>
/// The one table of settings. The options of the command line, the members of a configuration file and its schema are made of it,
/// and each row but the QR code's has a parameter of <c>Start-HttpServer</c>. The order is that of the help.
/// </summary>
public static class SettingsTable
{
    /// <summary>The port, which stands by itself on a command line.</summary>
    public static Setting Port { get; } = new()
    {
        Name = "port",
        Help = "Port to listen at; 0 for a free one.",
        Kind = SettingKind.Number,
        Default = "8000",
        Maximum = 65_535,
        Check = ValueChecks.Port,
        Apply = static (settings, value) => settings.Port = value.Number,
    };

    /// <summary>The addresses to listen at, of which a socket's is a path.</summary>
    public static Setting Bind { get; } = new()
    {
        Name = "bind",
        ShortOption = "-b",
        Help = "Address to listen at: an IP address, localhost, unix:PATH, or fd:3 for a socket that was handed on; "
            + "may be given several times. Default: the sockets of systemd if there are some, else all interfaces.",
        ValueName = "ADDRESS",
        Kind = SettingKind.Texts,
        Apply = static (settings, value) => settings.Bind = value.Texts,
    };

    /// <summary>All settings but the port.</summary>
    public static IReadOnlyList<Setting> Options { get; } =
    [
        Bind,
        Switch("port-auto", "Take the next free port if the port is in use.", static (settings, _) => settings.PortAuto = true),
        Switch("open", "Open the page in the browser, the one that the variable BROWSER names or the desktop's.",
            static (settings, _) => settings.Open = true),
        Switch("qr", "Show a QR code of the address for phones in the same network.", static (settings, _) => settings.Qr = true),
        Text("directory", "DIR", "Directory to serve. Default: the current one.",
            ValueChecks.NotEmpty, static (settings, value) => settings.Directory = value.Text, shortOption: "-d"),
        Text("protocol", "HTTP/1.0|HTTP/1.1", "Version of HTTP to answer with. Default: HTTP/1.1.",
            ValueChecks.Protocol, site: static (site, value) => site.ProtocolVersion = value.Text, shortOption: "-p"),
        Of(SettingKind.Pairs, "header", "NAME VALUE",
            "Header to add to every answer: -H NAME VALUE; may be given several times.",
            ValueChecks.Header, site: static (site, value) => site.ExtraHeaders = value.Pairs, shortOption: "-H"),
        Text("content-type", "TYPE", "Content type of files whose extension is unknown. Default: application/octet-stream.",
            ValueChecks.ContentType, site: static (site, value) => site.DefaultContentType = value.Text),
        Switch("quiet", "Do not log requests to standard error.",
            static (settings, _) => settings.Quiet = true, shortOption: "-q"),
        Text("log", "FILE", "File to log requests to, in place of standard error; appended to.",
            ValueChecks.NotEmpty, static (settings, value) => settings.LogFile = value.Text),
        Of(SettingKind.NumberOrText, "log-max-size", "SIZE",
            "Size of the log's file from which on it is renamed to FILE.1, and FILE.1 to FILE.2, and a new one is begun: bytes, "
                + "or with K, M or G behind. Default: it grows.",
            ValueChecks.PositiveSize,
            static (settings, value) => settings.LogMaxSize = ValueChecks.ToBytes(value.Text)!.Value,
            conflict: static isOn => isOn("log")
                ? null
                : "--log-max-size is about the log's file, but there is none: add --log FILE."),
        Number("log-keep", "COUNT", "Old files of the log that stay. Default: 5.",
            ValueChecks.Count, static (settings, value) => settings.LogKeep = value.Number,
            conflict: static isOn => isOn("log-max-size")
                ? null
                : "--log-keep says how many old files stay, but no file gets old: add --log-max-size SIZE.",
            defaultValue: "5"),
        Choice("log-format", "common|combined|json", "Form of the request log. Default: as Python's http.server.",
            static (settings, value) => settings.LogFormat = value.AsEnum<LogFormat>()),
        Choice("symlinks", "inside|follow|refuse",
            "Symbolic links: followed inside the directory (the default), followed anywhere, or refused.",
            site: static (site, value) => site.Symlinks = value.AsEnum<SymlinkPolicy>()),
        Switch("hide-dotfiles", "Answer 404 for names that begin with a dot, and leave them out of listings.",
            site: static (site, _) => site.HideDotfiles = true),
        Choice("compression", "on|precompressed|off",
            "Send files compressed to clients that take it: those that lie beside a file as NAME.br, NAME.zst or NAME.gz, "
                + "and others compressed now (the default); the first alone; or none.",
            site: static (site, value) => site.Compression = value.AsEnum<CompressionPolicy>()),
        Number("cache", "SECONDS", "Seconds for which clients may keep files without asking. Default: they ask each time.",
            ValueChecks.CacheSeconds,
            site: static (site, value) =>
                site.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={value.Number}")),
        Of(SettingKind.Texts, "immutable", "PATTERN",
            "Names of files that clients may keep for a year without asking, such as '*.min.js'; may be given several times.",
            ValueChecks.NotEmpty, site: static (site, value) => site.ImmutableFiles = value.Texts),
        Of(SettingKind.SwitchOrTexts, "cors", "ORIGIN",
            "Origin whose pages may read answers, * for all; may be given several times. Without a value: all.",
            ValueChecks.Origin, site: static (site, value) => site.CorsOrigins = value.Texts, bareValue: "*"),
        Of(SettingKind.SwitchOrText, "spa", "FILE",
            "File of a single-page application for paths where nothing lies. Without a value: index.html.",
            ValueChecks.NotEmpty, site: static (site, value) => site.FallbackPage = value.Text, bareValue: "index.html"),
        Switch("clean-urls", "Find about.html under /about.", site: static (site, _) => site.CleanUrls = true),
        Choice("trailing-slash", "auto|always|never",
            "How addresses end: of directories with a slash and of clean URLs without (auto, the default), of both with one, "
                + "or of neither.",
            site: static (site, value) => site.TrailingSlash = value.AsEnum<TrailingSlashPolicy>()),
        Switch("archive", "Let directories be downloaded with all that is below them: ?archive=zip and ?archive=tar.",
            site: static (site, _) => site.Archive = true),
        Switch("live-reload", "Load pages anew in browsers when files change.",
            site: static (site, _) => site.LiveReload = true),
        Switch("upload",
            "Let clients put files into the directory, with PUT or a form. All who reach the server may: see --auth-file.",
            site: static (site, _) => site.AllowUpload = true),
        Switch("overwrite", "Let files that are uploaded take the place of others of their name.",
            site: static (site, _) => site.AllowOverwrite = true,
            conflict: static isOn => isOn("upload")
                ? null
                : "--overwrite is about files that are uploaded, but none may be: add --upload."),
        Of(SettingKind.NumberOrText, "max-body-size", "SIZE",
            "Largest body of a request, an upload above all: bytes, or with K, M or G behind. Default: 1G.",
            ValueChecks.Size,
            static (settings, value) =>
                settings.Options = settings.Options with { MaxRequestBodySize = ValueChecks.ToBytes(value.Text)!.Value }),
        Number("max-connections", "COUNT",
            "Most connections at once; further ones wait. Default: 16384, or as many as the process has file descriptors "
                + "and memory for.",
            ValueChecks.Count,
            static (settings, value) => settings.Options = settings.Options with { MaxConnections = value.Number }),
        Of(SettingKind.NumberOrText, "max-request-line", "SIZE",
            "Longest request line, of which the address is most: bytes, or with K behind. Default: 8K.",
            ValueChecks.LineSize,
            static (settings, value) => settings.Options = settings.Options with
            {
                MaxRequestLineLength = (int)ValueChecks.ToBytes(value.Text)!.Value,
            }),
        Text("rate-limit", "COUNT/TIME",
            "Most requests of a client, such as 10/s, 100/m or 20/10s; beyond them it gets 429. Default: as many as it likes.",
            ValueChecks.RateLimit, static (settings, value) => settings.RateLimit = value.Text),
        Text("rate-key", "KEY",
            "What clients are told apart by for --rate-limit: address (the default), user, or header:NAME.",
            ValueChecks.RateKey, static (settings, value) => settings.RateKey = value.Text,
            conflict: static isOn => isOn("rate-limit")
                ? null
                : "--rate-key says whom a limit is for, but there is none: add --rate-limit COUNT/TIME."),
        Text("state-store", "URL",
            "Store that several servers share, by which --rate-limit counts the requests to all of them: "
                + "redis://[USER:PASSWORD@]HOST:PORT[/DATABASE], or rediss:// for TLS. Default: none.",
            ValueChecks.StateStore, static (settings, value) => settings.StateStore = StateStoreAddress.Parse(value.Text)),
        Of(SettingKind.Texts, "allow", "ADDRESS[/BITS]",
            "Client that may ask, an address or a network such as 10.0.0.0/8; all others get 403. May be given several times. "
                + "Default: all may.",
            ValueChecks.Network,
            static (settings, value) =>
                settings.Options = settings.Options with { AllowedAddresses = ValueChecks.ToNetworks(value.Texts) }),
        Of(SettingKind.Texts, "deny", "ADDRESS[/BITS]",
            "Client that may not ask, though --allow has it: it gets 403. May be given several times.",
            ValueChecks.Network,
            static (settings, value) =>
                settings.Options = settings.Options with { DeniedAddresses = ValueChecks.ToNetworks(value.Texts) }),
        Of(SettingKind.Texts, "allowed-host", "NAME",
            "Name in the address that clients may ask for, www.example.com, *.example.com, or * for any; others get 421. "
                + "May be given several times. Default: with --bind localhost no public name, else any.",
            ValueChecks.HostName,
            static (settings, value) => settings.Options = settings.Options with { AllowedHosts = value.Texts }),
        Text("tls-cert", "FILE",
            "Speak HTTPS with this certificate: a PEM file, with the certificates between it and an authority, or a PFX file.",
            ValueChecks.NotEmpty, static (settings, value) => settings.TlsCertificate = value.Text,
            conflict: static isOn => isOn("tls-self-signed")
                ? "--tls-self-signed makes a certificate and --tls-cert names one: give only one of them."
                : null),
        Text("tls-key", "FILE", "PEM file with the certificate's private key. Default: it is in the certificate's file.",
            ValueChecks.NotEmpty, static (settings, value) => settings.TlsKey = value.Text,
            conflict: static isOn => isOn("tls-cert") ? null : "--tls-key belongs to a certificate: add --tls-cert FILE."),
        Text("tls-password-file", "FILE", "File whose first line is the password of the private key, or of the PFX file.",
            ValueChecks.NotEmpty, static (settings, value) => settings.TlsPasswordFile = value.Text,
            conflict: static isOn => isOn("tls-cert")
                ? null
                : "--tls-password-file belongs to a certificate: add --tls-cert FILE."),
        Switch("tls-self-signed",
            "Speak HTTPS with a certificate made for this run, for localhost and this machine's name and addresses; "
                + "prints its fingerprint.",
            static (settings, _) => settings.TlsSelfSigned = true),
        Switch("hsts", "Tell browsers to come by HTTPS alone for the next year (Strict-Transport-Security).",
            site: static (site, _) => site.Hsts = true,
            conflict: static isOn => isOn("tls-cert") || isOn("tls-self-signed") || isOn("trusted-proxy")
                ? null
                : "--hsts is about HTTPS: add --tls-cert FILE, or --trusted-proxy ADDRESS if a proxy speaks it."),
        Text("auth-file", "FILE",
            "File with those who may ask, lines USER:HASH, as 'httpserver hash-password USER' prints them. "
                + "Default: everybody may.",
            ValueChecks.NotEmpty, static (settings, value) => settings.AuthFile = value.Text),
        Switch("auth-plain", "Take passwords over plain HTTP from other machines too, though everybody on the way can read them.",
            static (settings, _) => settings.AuthPlain = true,
            conflict: static isOn => isOn("auth-file")
                ? null
                : "--auth-plain says how passwords may travel, but none are asked for: add --auth-file FILE."),
        Of(SettingKind.Texts, "trusted-proxy", "ADDRESS[/BITS]",
            "Proxy whose Forwarded or X-Forwarded-* headers are believed: an address, a network such as 10.0.0.0/8, "
                + "or unix for Unix sockets; may be given several times.",
            ValueChecks.Proxy,
            static (settings, value) =>
                settings.Options = settings.Options with { TrustedProxies = [.. value.Texts.Select(TrustedProxy.Parse)] }),
        Switch("proxy-protocol",
            "Connections begin with a header of the PROXY protocol, version 1 or 2; those that do not come from "
                + "a --trusted-proxy are closed.",
            static (settings, _) => settings.Options = settings.Options with { ProxyProtocol = true },
            conflict: static isOn => isOn("trusted-proxy")
                ? null
                : "--proxy-protocol takes connections of known proxies alone: add --trusted-proxy ADDRESS."),
        Text("health", "PATH",
            "Path such as /healthz that answers 200 while the server works, without a password and a line in the log, "
                + "and 503 while it drains.",
            ValueChecks.UrlPath,
            static (settings, value) => settings.Options = settings.Options with { HealthPath = value.Text }),
        Text("liveness", "PATH",
            "Path such as /livez that answers 200 as long as the server answers at all, also while it drains; "
                + "like --health otherwise.",
            ValueChecks.UrlPath,
            static (settings, value) => settings.Options = settings.Options with { LivenessPath = value.Text }),
        Text("metrics", "PATH",
            "Path such as /metrics that answers with figures of the server for Prometheus, to clients that may ask.",
            ValueChecks.UrlPath,
            static (settings, value) => settings.Options = settings.Options with { MetricsPath = value.Text }),
        Text("metrics-bind", "ADDRESS:PORT",
            "Address for the metrics alone, such as localhost:9100, :9100 for all interfaces, or unix:PATH; "
                + "no password is asked for there. Default: that of the server.",
            ValueChecks.AddressAndPort, static (settings, value) => settings.MetricsBind = value.Text,
            conflict: static isOn => isOn("metrics")
                ? null
                : "--metrics-bind says where metrics are served, but none are: add --metrics PATH, /metrics say."),
        Number("drain", "SECONDS",
            "Serve on for so long after the first Ctrl+C or SIGTERM; a second one ends that. Default: end at once.",
            ValueChecks.Seconds,
            static (settings, value) =>
                settings.Options = settings.Options with { DrainTime = TimeSpan.FromSeconds(value.Number) }),
        Switch("cgi", "Run the programs in /cgi-bin and /htbin.", static (settings, _) => settings.Cgi = true),
        Of(SettingKind.Texts, "cgi-directory", "PATH",
            "Run the programs below this path in place of /cgi-bin and /htbin; may be given several times. Implies --cgi.",
            ValueChecks.NotEmpty, static (settings, value) => (settings.Cgi, settings.CgiDirectories) = (true, value.Texts)),
        Of(SettingKind.Texts, "cgi-env", "NAME[=VALUE]",
            "Variable for CGI programs: NAME=VALUE, or NAME to pass the server's own on; may be given several times.",
            ValueChecks.Variable, static (settings, value) => settings.CgiEnvironment = value.Texts),
        Text("cgi-user", "USER",
            "User that CGI programs run as. Default: nobody if the server runs as root, else the server's own.",
            ValueChecks.NotEmpty, static (settings, value) => settings.CgiUser = value.Text),
        Number("cgi-timeout", "SECONDS", "Longest silence of a CGI program. Default: 60.",
            ValueChecks.Seconds, static (settings, value) => settings.CgiTimeout = TimeSpan.FromSeconds(value.Number),
            defaultValue: "60"),
    ];

    /// <summary>All settings, the port first.</summary>
    public static IEnumerable<Setting> All => Options.Prepend(Port);

    /// <summary>The setting of this name; null if there is none.</summary>
    public static Setting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>What is wrong between settings, each of which may be right by itself; null if nothing is.</summary>
    /// <param name="values">All that are given.</param>
    /// <returns>A sentence for the user, with the settings named like the long options.</returns>
    public static string? FindConflict(IReadOnlyCollection<SettingValue> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        bool IsOn(string name) => values.Any(value => value.IsOn && value.Setting.Name == name);
        foreach (var value in values)
        {
            if (value.IsOn && value.Setting.Conflict?.Invoke(IsOn) is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>
    /// What was given, and what a file says beyond it. A certificate that is given takes the place of one in the file, of
    /// its key and of its password.
    /// </summary>
    /// <param name="given">Wins over the file.</param>
    /// <param name="fromFile">What the file says.</param>
    public static IReadOnlyList<SettingValue> Merge(IReadOnlyList<SettingValue> given, IReadOnlyList<SettingValue> fromFile)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(fromFile);
        var hasCertificate = given.Any(static value => value.Setting.Name is "tls-cert" or "tls-self-signed");
        return [.. given, .. fromFile.Where(value => !given.Any(other => other.Setting == value.Setting)
            && !(hasCertificate && value.Setting.Name is "tls-cert" or "tls-self-signed" or "tls-key" or "tls-password-file"))];
    }

    private static Setting Switch(
        string name, string help, OnServer? apply = null, OnSite? site = null, FindConflictOf? conflict = null,
        string? shortOption = null) =>
        new() { Name = name, Help = help, Apply = apply, ApplyToSite = site, Conflict = conflict, ShortOption = shortOption };

    private static Setting Text(
        string name, string valueName, string help, CheckValue check, OnServer? apply = null, OnSite? site = null,
        FindConflictOf? conflict = null, string? shortOption = null) =>
        Of(SettingKind.Text, name, valueName, help, check, apply, site, conflict, shortOption);

    private static Setting Choice(string name, string words, string help, OnServer? apply = null, OnSite? site = null) =>
        Of(SettingKind.Text, name, words, help, ValueChecks.Choice, apply, site);

    private static Setting Number(
        string name, string valueName, string help, CheckValue check, OnServer? apply = null, OnSite? site = null,
        FindConflictOf? conflict = null, string? defaultValue = null) =>
        Of(SettingKind.Number, name, valueName, help, check, apply, site, conflict, defaultValue: defaultValue);

    private static Setting Of(
        SettingKind kind, string name, string valueName, string help, CheckValue check, OnServer? apply = null,
        OnSite? site = null, FindConflictOf? conflict = null, string? shortOption = null, string? bareValue = null,
        string? defaultValue = null) => new()
        {
            Kind = kind,
            Name = name,
            ValueName = valueName,
            Help = help,
            Check = check,
            Apply = apply,
            ApplyToSite = site,
            Conflict = conflict,
            ShortOption = shortOption,
            BareValue = bareValue,
            Default = defaultValue,
        };
}
