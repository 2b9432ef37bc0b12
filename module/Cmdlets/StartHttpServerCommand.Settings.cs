using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.Hosting;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets;

/// <content>From the parameters to the settings.</content>
public sealed partial class StartHttpServerCommand
{
    private static readonly HttpServerOptions Defaults = new();

    /// <summary>Ports that are tried with -PortAuto.</summary>
    private const int PortAttempts = 100;

    /// <summary>Headers that the server sends where they are needed.</summary>
    private static readonly string[] OwnHeaders = ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer",
        "Upgrade"];

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

    private StartSettings ReadSettings(string name) => new()
    {
        Name = name,
        Port = Port,
        Bind = Bind,
        Directory = ReadDirectory(),
        ServesFiles = !NoFiles,
        // Not by its drive, which the workers may not have.
        Location = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
        Protocol = Protocol,
        Headers = ReadHeaders(),
        ContentTypes = ReadContentTypes(),
        IndexPages = IndexPage,
        Site = ReadSite(),
        Upload = Upload,
        CgiDirectories = CgiDirectory ?? (Cgi ? ["/cgi-bin", "/htbin"] : []),
        CgiTimeout = CgiTimeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        CgiEnvironment = ReadEnvironment(),
        CgiUser = ReadCgiUser(),
        Certificate = ReadCertificate(),
        Authentication = ReadAuthentication(),
        HandlerType = ReadHandlerType(),
        ThrottleLimit = ThrottleLimit,
        QueueLimit = QueueLimit,
        HandlerTimeout = TimeSpan.FromSeconds(HandlerTimeout),
        Modules = Module,
        IsolatesModules = IsolateModules,
        InitializationScript = InitializationScript,
        Variables = ReadVariables(),
        Functions = Function.Distinct(StringComparer.OrdinalIgnoreCase)
        .ToDictionary(static name => name, ReadFunction, StringComparer.OrdinalIgnoreCase),
        GoesOnWithoutModules = Force,
        LogPath = LogPath is null ? null : FilePath(LogPath, "-LogPath"),
        LogFormat = LogFormat,
        IsQuiet = Quiet,
        Options = new HttpServerOptions
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
            HealthPath = HealthPath,
            DrainTime = TimeSpan.FromSeconds(DrainTime),
        },
    };

    /// <summary>What the table of settings has about files, of the parameters that a text can stand for.</summary>
    private ServerSettings ReadSite()
    {
        CheckOrigins();
        CheckHsts();
        CheckOverwrite();
        CheckFallbackPage();
        var values = new List<SettingValue>();
        foreach (var setting in SettingsTable.All.Where(static setting => setting.IsAboutSite))
        {
            var value = GetType().GetProperty(ConfigParameters.NameOf(setting.Name))!.GetValue(this);
            string[]? texts = value switch
            {
                SwitchParameter { IsPresent: true } => [],
                string[] { Length: > 0 } several => several,
                string or Enum or int => [Convert.ToString(value, CultureInfo.InvariantCulture)!],
                // Those that are off, and tables, which are read for themselves.
                _ => null,
            };
            if (texts is not null)
                values.Add(new SettingValue(setting, texts));
        }

        return new ServerSettings(values);
    }

    private string ReadDirectory()
    {
        var path = FilePath(Directory ?? ".", "-Directory");
        if (File.Exists(path))
            Fail($"{path} is a file: give the directory it lies in with -Directory.", "DirectoryIsFile",
                ErrorCategory.InvalidArgument, path);
        if (!System.IO.Directory.Exists(path))
            Fail($"There is no directory {path}: give one that exists with -Directory.", "DirectoryNotFound",
                ErrorCategory.ObjectNotFound, path);
        try
        {
            using var entries = System.IO.Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            Fail($"Cannot read the directory {path}: {exception.Message} Give another with -Directory, or change its rights.",
                "DirectoryNotReadable", ErrorCategory.PermissionDenied, path);
        }

        return Path.TrimEndingDirectorySeparator(path);
    }

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

    private void CheckHsts()
    {
        if (Hsts && Certificate is null && CertificatePath is null && !SelfSigned && TrustedProxy.Length == 0)
        {
            Fail("-Hsts is about HTTPS: add -CertificatePath, -Certificate or -SelfSigned, or -TrustedProxy if a proxy speaks "
                + "it.",
                "CertificateMissing", ErrorCategory.InvalidArgument, null);
        }
    }

    private void CheckOverwrite()
    {
        if (Overwrite && !Upload)
            Fail("-Overwrite is about files that are uploaded, but none may be: add -Upload.", "UploadMissing",
                ErrorCategory.InvalidArgument, null);
    }

    private TrustedProxy[] ReadProxies()
    {
        foreach (var text in TrustedProxy.Where(static text => !Server.TrustedProxy.TryParse(text, out _)))
            Fail($"-TrustedProxy takes an address such as 192.0.2.1, a network such as 10.0.0.0/8, or unix, not '{text}'.",
                "TrustedProxyInvalid", ErrorCategory.InvalidArgument, text);
        if (ProxyProtocol && TrustedProxy.Length == 0)
            Fail("-ProxyProtocol lets in nobody but proxies that are known: give their addresses with -TrustedProxy.",
                "TrustedProxyMissing", ErrorCategory.InvalidArgument, null);
        return Array.ConvertAll(TrustedProxy, Server.TrustedProxy.Parse);
    }

    private ServerCertificate? ReadCertificate()
    {
        if ((Certificate is null ? 0 : 1) + (CertificatePath is null ? 0 : 1) + (SelfSigned ? 1 : 0) > 1)
            Fail("-Certificate, -CertificatePath and -SelfSigned are three ways to the same: give one of them.",
                "CertificateAmbiguous", ErrorCategory.InvalidArgument, null);
        if (CertificatePath is null && (KeyPath is not null || CertificatePassword is not null))
            Fail("-KeyPath and -CertificatePassword belong to -CertificatePath: give that as well.", "CertificatePathMissing",
                ErrorCategory.InvalidArgument, null);
        try
        {
            if (Certificate is not null)
                return Check(ServerCertificate.FromCertificate(Certificate));
            if (CertificatePath is not null)
                return Check(ServerCertificate.FromFile(
                    FilePath(CertificatePath, "-CertificatePath"), KeyPath is null ? null : FilePath(KeyPath, "-KeyPath"),
                    CertificatePassword is null ? null : new System.Net.NetworkCredential("", CertificatePassword).Password));
            return SelfSigned ? ServerCertificate.SelfSigned() : null;
        }
        catch (Exception exception) when (exception is ServerStartException or ArgumentException)
        {
            Fail(new ErrorRecord(exception, "CertificateUnreadable", ErrorCategory.InvalidData, CertificatePath));
            return null;
        }
    }

    /// <summary>A path of PowerShell as one of the file system.</summary>
    private string FilePath(string path, string parameter)
    {
        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            if (provider.Name == "FileSystem")
                return full;
            Fail($"{parameter}: '{path}' is a path of the provider {provider.Name}, not of the file system. Give a directory "
                + "or file.", "NotFileSystem", ErrorCategory.InvalidArgument, path);
        }
        catch (Exception exception) when (
            exception is SessionStateException or ProviderInvocationException or PSNotSupportedException)
        {
            Fail($"{parameter}: '{path}' cannot be used: {exception.Message}", "PathInvalid",
                ErrorCategory.InvalidArgument, path);
        }

        return path;
    }

    private List<KeyValuePair<string, string>> ReadHeaders()
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in Header)
        {
            var name = entry.Key.ToString()!;
            if (name.Length == 0 || !name.All(static letter => char.IsAsciiLetterOrDigit(letter)
                || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal)))
                Fail($"-Header: '{name}' is no header name: a name has letters, digits and dashes.", "HeaderInvalid",
                    ErrorCategory.InvalidArgument, name);
            if (OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                Fail($"-Header: {name} belongs to the server, which sends it where it is needed.", "HeaderInvalid",
                    ErrorCategory.InvalidArgument, name);
            foreach (var item in entry.Value is IEnumerable items and not string ? items : new[] { entry.Value })
            {
                var value = Convert.ToString(item is PSObject wrapped
                    ? wrapped.BaseObject
                    : item, CultureInfo.InvariantCulture) ?? "";
                if (value.Any(static letter => (char.IsControl(letter) && letter != '\t') || letter > '\u00ff'))
                    Fail($"-Header: the value of {name} has a character that a header cannot hold: '{value}'.", "HeaderInvalid",
                        ErrorCategory.InvalidArgument, name);
                headers.Add(new(name, value.Trim(' ', '\t')));
            }
        }

        return headers;
    }

    private Dictionary<string, string> ReadContentTypes()
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in ContentType)
        {
            var extension = entry.Key.ToString()!;
            var type = entry.Value?.ToString() ?? "";
            if (!MediaType.Is(type))
                Fail($"-ContentType: '{type}' for '{extension}' is no media type: use one such as text/html.",
                    "ContentTypeInvalid", ErrorCategory.InvalidArgument, type);
            types[extension.Length > 0 && extension[0] != '.' ? "." + extension : extension] = type;
        }

        return types;
    }

    private string[] ReadEnvironment()
    {
        if (Array.Find(CgiEnvironment, static text => text is "" or ['=', ..]) is { } wrong)
            Fail($"-CgiEnvironment takes NAME=VALUE or NAME, not '{wrong}'.", "EnvironmentInvalid",
                ErrorCategory.InvalidArgument, wrong);
        return CgiEnvironment;
    }

    private string ReadFunction(string name)
    {
        if (InvokeCommand.GetCommand(name, CommandTypes.Function | CommandTypes.Filter) is FunctionInfo function)
            return DefinitionOf(function);
        Fail($"-Function: there is no function '{name}' in this session. Define it before, or put its module in -Module.",
            "FunctionNotFound", ErrorCategory.ObjectNotFound, name);
        return "";
    }

    /// <summary>The text of a function; a filter's is that of a function which does the same.</summary>
    private static string DefinitionOf(FunctionInfo function)
    {
        if (function is not FilterInfo
            || function.ScriptBlock.Ast is not FunctionDefinitionAst { Body.ProcessBlock: { Unnamed: true } process } filter)
            return function.Definition;
        var parameters = string.Join(", ",
            (filter.Parameters ?? filter.Body.ParamBlock?.Parameters)?.Select(static parameter => parameter.Extent.Text) ?? []);
        return $"param({parameters})\nprocess {{\n{process.Extent.Text}\n}}";
    }

    private Type? ReadHandlerType()
    {
        if (HandlerType is null)
            return null;
        if (!typeof(BaseHttpRequestHandler).IsAssignableFrom(HandlerType) || HandlerType.IsAbstract)
            Fail($"-HandlerType: {HandlerType.Name} is no handler: derive the class from "
                + "[Http.Server.SimpleHttpRequestHandler].", "HandlerTypeInvalid", ErrorCategory.InvalidArgument, HandlerType);
        if (HandlerType.GetConstructor(Type.EmptyTypes) is null)
            Fail($"-HandlerType: {HandlerType.Name} has no constructor without parameters, and the server makes the handlers.",
                "HandlerTypeInvalid", ErrorCategory.InvalidArgument, HandlerType);
        if (Handlers.Classes.ClassMethods.FindProblem(HandlerType) is { } problem)
            Fail($"-HandlerType: {problem}", "HandlerTypeInvalid", ErrorCategory.InvalidArgument, HandlerType);
        if (Handlers.Classes.ClassMethods.FindSessionBound(HandlerType) is { } bound)
            WriteWarning($"PowerShell runs {(bound == HandlerType.Name ? "static methods" : "methods")} of the class {bound} "
                + "in this session alone: a request that calls one waits until the session is free, and may get 504. Write "
                + "[NoRunspaceAffinity()] before the class.");
        if (Session.Handlers.FirstOrDefault(static handler => handler.Server is null) is { } handler)
            WriteWarning($"This server's class {HandlerType.Name} answers all requests: handlers for all servers, "
                + $"{handler.Name} say, are not called here.");
        return HandlerType;
    }
}
