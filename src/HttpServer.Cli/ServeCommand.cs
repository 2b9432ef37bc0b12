using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;

namespace Http.Server.Cli;

/// <summary>The command line: its options, what they may be, and what is said when they are wrong.</summary>
internal static class ServeCommand
{
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static readonly Argument<string> Port = new("port")
    {
        Description = "Port to listen at; 0 for a free one.",
        DefaultValueFactory = _ => "8000",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ValueParsers.ParsePort,
    };

    private static readonly Option<string[]> Bind = new("--bind", "-b")
    {
        Description = "Address to listen at: an IP address, localhost, or unix:PATH; may be given several times. Default: all interfaces.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> PortAuto = new("--port-auto")
    {
        Description = "Take the next free port if the port is in use.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> Open = new("--open")
    {
        Description = "Open the page in the browser, the one that the variable BROWSER names or the desktop's.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> Qr = new("--qr")
    {
        Description = "Show a QR code of the address for phones in the same network.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> Directory = new("--directory", "-d")
    {
        Description = "Directory to serve. Default: the current one.",
        HelpName = "DIR",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<string?> Protocol = new("--protocol", "-p")
    {
        Description = "Version of HTTP to answer with. Default: HTTP/1.1.",
        HelpName = "HTTP/1.0|HTTP/1.1",
        CustomParser = ValueParsers.ParseProtocol,
    };

    private static readonly Option<string[]> Header = new("--header", "-H")
    {
        Description = "Header to add to every answer: -H NAME VALUE; may be given several times.",
        HelpName = "NAME VALUE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> ContentType = new("--content-type")
    {
        Description = "Content type of files whose extension is unknown. Default: application/octet-stream.",
        HelpName = "TYPE",
        CustomParser = ValueParsers.ParseContentType,
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Do not log requests to standard error.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> Log = new("--log")
    {
        Description = "File to log requests to, in place of standard error; appended to.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<string?> LogFormat = new("--log-format")
    {
        Description = "Form of the request log. Default: as Python's http.server.",
        HelpName = "common|combined|json",
        CustomParser = result => ValueParsers.ParseChoice(result, "common", "combined", "json"),
    };

    private static readonly Option<string?> Symlinks = new("--symlinks")
    {
        Description = "Symbolic links: followed inside the directory (the default), followed anywhere, or refused.",
        HelpName = "inside|follow|refuse",
        CustomParser = result => ValueParsers.ParseChoice(result, "inside", "follow", "refuse"),
    };

    private static readonly Option<bool> HideDotfiles = new("--hide-dotfiles")
    {
        Description = "Answer 404 for names that begin with a dot, and leave them out of listings.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> Compression = new("--compression")
    {
        Description = "Send files compressed to clients that take it: those that lie beside a file as NAME.br, NAME.zst or NAME.gz, and others "
            + "compressed now (the default); the first alone; or none.",
        HelpName = "on|precompressed|off",
        CustomParser = result => ValueParsers.ParseChoice(result, "on", "precompressed", "off"),
    };

    private static readonly Option<string?> Cache = new("--cache")
    {
        Description = "Seconds for which clients may keep files without asking. Default: they ask each time.",
        HelpName = "SECONDS",
        CustomParser = ValueParsers.ParseOptionalSeconds,
    };

    private static readonly Option<string[]> Immutable = new("--immutable")
    {
        Description = "Names of files that clients may keep for a year without asking, such as '*.min.js'; may be given several times.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => [],
        CustomParser = ValueParsers.ParsePaths,
    };

    private static readonly Option<string[]> Cors = new("--cors")
    {
        Description = "Origin whose pages may read answers, * for all; may be given several times. Without a value: all.",
        HelpName = "ORIGIN",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = ValueParsers.ParseOrigins,
    };

    private static readonly Option<string?> Spa = new("--spa")
    {
        Description = "File of a single-page application for paths where nothing lies. Without a value: index.html.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ValueParsers.ParseSpa,
    };

    private static readonly Option<bool> CleanUrls = new("--clean-urls")
    {
        Description = "Find about.html under /about.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> Archive = new("--archive")
    {
        Description = "Let directories be downloaded with all that is below them: ?archive=zip and ?archive=tar.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> TrailingSlash = new("--trailing-slash")
    {
        Description = "How addresses end: of directories with a slash and of clean URLs without (auto, the default), of both with one, or of neither.",
        HelpName = "auto|always|never",
        CustomParser = result => ValueParsers.ParseChoice(result, "auto", "always", "never"),
    };

    private static readonly Option<bool> Upload = new("--upload")
    {
        Description = "Let clients put files into the directory, with PUT or a form. Whoever reaches the server may: see --auth-file.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> Overwrite = new("--overwrite")
    {
        Description = "Let files that are uploaded take the place of others of their name.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> MaxBodySize = new("--max-body-size")
    {
        Description = "Largest body of a request, an upload above all: bytes, or with K, M or G behind. Default: 1G.",
        HelpName = "SIZE",
        CustomParser = ValueParsers.ParseSize,
    };

    private static readonly Option<bool> LiveReload = new("--live-reload")
    {
        Description = "Load pages anew in browsers when files change.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> TlsCertificate = new("--tls-cert")
    {
        Description = "Speak HTTPS with this certificate: a PEM file, with the certificates between it and an authority, or a PFX file.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<string?> TlsKey = new("--tls-key")
    {
        Description = "PEM file with the certificate's private key. Default: it is in the certificate's file.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<string?> TlsPasswordFile = new("--tls-password-file")
    {
        Description = "File whose first line is the password of the private key, or of the PFX file.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<bool> TlsSelfSigned = new("--tls-self-signed")
    {
        Description = "Speak HTTPS with a certificate made for this run, for localhost and this machine's name and addresses; prints its fingerprint.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> AuthFile = new("--auth-file")
    {
        Description = "File with those who may ask, lines USER:HASH, as 'httpserver hash-password USER' prints them. Default: everybody may.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<bool> AuthPlain = new("--auth-plain")
    {
        Description = "Take passwords over plain HTTP from other machines too, though everybody on the way can read them.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string[]> TrustedProxy = new("--trusted-proxy")
    {
        Description = "Proxy whose Forwarded or X-Forwarded-* headers are believed: an address, a network such as 10.0.0.0/8, or unix for Unix sockets; may be given several times.",
        HelpName = "ADDRESS[/BITS]",
        DefaultValueFactory = _ => [],
        CustomParser = ValueParsers.ParseProxies,
    };

    private static readonly Option<bool> ProxyProtocol = new("--proxy-protocol")
    {
        Description = "Connections begin with a header of the PROXY protocol, version 1 or 2; those that do not come from a --trusted-proxy are closed.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string?> Health = new("--health")
    {
        Description = "Path such as /healthz that answers 200 while the server works, without a password and a line in the log, and 503 while it drains.",
        HelpName = "PATH",
        CustomParser = ValueParsers.ParseUrlPath,
    };

    private static readonly Option<string?> Drain = new("--drain")
    {
        Description = "Serve on for so long after the first Ctrl+C or SIGTERM; a second one ends that. Default: end at once.",
        HelpName = "SECONDS",
        CustomParser = ValueParsers.ParseSeconds,
    };

    private static readonly Option<bool> Cgi = new("--cgi")
    {
        Description = "Run the programs in /cgi-bin and /htbin.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<string[]> CgiDirectory = new("--cgi-directory")
    {
        Description = "Run the programs below this path in place of /cgi-bin and /htbin; may be given several times. Implies --cgi.",
        HelpName = "PATH",
        DefaultValueFactory = _ => [],
        CustomParser = ValueParsers.ParsePaths,
    };

    private static readonly Option<string[]> CgiEnvironment = new("--cgi-env")
    {
        Description = "Variable for CGI programs: NAME=VALUE, or NAME to pass the server's own on; may be given several times.",
        HelpName = "NAME[=VALUE]",
        DefaultValueFactory = _ => [],
        CustomParser = ValueParsers.ParseVariables,
    };

    private static readonly Option<string?> CgiUser = new("--cgi-user")
    {
        Description = "User that CGI programs run as. Default: nobody if the server runs as root, else the server's own.",
        HelpName = "USER",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<string> CgiTimeout = new("--cgi-timeout")
    {
        Description = "Longest silence of a CGI program. Default: 60.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => "60",
        CustomParser = ValueParsers.ParseSeconds,
    };

    private static readonly Option<string?> Config = new("--config")
    {
        Description = "JSON file with settings named like the long options; what the command line says as well wins.",
        HelpName = "FILE",
        CustomParser = ValueParsers.ParsePath,
    };

    private static readonly Option<bool> ConfigSchemaOption = new("--config-schema")
    {
        Description = "Print the JSON schema of such files and exit.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [HashPasswordCommand.Name, ..])
            return HashPasswordCommand.Run(args[1..]);
        args = HeaderArguments.Join(args);
        var result = Parse(args);
        var problem = FindValueProblem(result, out var headers);
        if (problem is null && result.Action is null && result.GetValue(ConfigSchemaOption))
        {
            StandardStreams.Say(ConfigSchema.Make(MakeCommand()));
            return ExitCode.Success;
        }

        if (problem is null && result.Action is null && result.GetValue(Config) is { } path)
        {
            try
            {
                result = Parse(ConfigArguments.Complete(path, args, result, added => FindValueProblem(Parse(added), out _)));
                problem = FindValueProblem(result, out headers);
            }
            catch (ConfigException exception)
            {
                problem = exception.Message;
            }
            catch (CannotStartException exception)
            {
                StandardStreams.Complain(exception.Message);
                return ExitCode.CannotStart;
            }
        }

        problem ??= FindTlsProblem(result) ?? FindAuthProblem(result) ?? FindUploadProblem(result) ?? FindProxyProblem(result);
        if (problem is not null)
        {
            StandardStreams.Complain($"{HeaderArguments.Show(problem)} Try 'httpserver --help'.");
            return ExitCode.Usage;
        }

        if (result.Action is not null)
        {
            // Into a text first: where it goes to may be closed.
            using var page = new StringWriter();
            result.Invoke(new InvocationConfiguration { Output = page, EnableDefaultExceptionHandler = false });
            StandardStreams.Say(page.ToString());
            return ExitCode.Success;
        }

        return await FileServer.RunAsync(new ServeSettings
        {
            Port = ToNumber(result.GetValue(Port)!),
            Bind = result.GetValue(Bind)!,
            PortAuto = result.GetValue(PortAuto),
            Open = result.GetValue(Open),
            Qr = result.GetValue(Qr),
            Directory = result.GetValue(Directory) ?? ".",
            Protocol = result.GetValue(Protocol) ?? "HTTP/1.1",
            Headers = headers,
            ContentType = result.GetValue(ContentType),
            Quiet = result.GetValue(Quiet),
            LogFile = result.GetValue(Log),
            LogFormat = result.GetValue(LogFormat) switch
            {
                "common" => Server.LogFormat.Common,
                "combined" => Server.LogFormat.Combined,
                "json" => Server.LogFormat.Json,
                _ => Server.LogFormat.Python,
            },
            Symlinks = result.GetValue(Symlinks) switch
            {
                "follow" => SymlinkPolicy.Follow,
                "refuse" => SymlinkPolicy.Refuse,
                _ => SymlinkPolicy.Inside,
            },
            HideDotfiles = result.GetValue(HideDotfiles),
            Compression = result.GetValue(Compression) switch
            {
                "off" => CompressionPolicy.Off,
                "precompressed" => CompressionPolicy.Precompressed,
                _ => CompressionPolicy.On,
            },
            CacheSeconds = result.GetValue(Cache) is { } seconds ? ToNumber(seconds) : null,
            ImmutableFiles = result.GetValue(Immutable)!,
            CorsOrigins = result.GetValue(Cors) ?? [],
            FallbackPage = result.GetValue(Spa),
            CleanUrls = result.GetValue(CleanUrls),
            Archive = result.GetValue(Archive),
            TrailingSlash = result.GetValue(TrailingSlash) switch
            {
                "always" => TrailingSlashPolicy.Always,
                "never" => TrailingSlashPolicy.Never,
                _ => TrailingSlashPolicy.Auto,
            },
            Upload = result.GetValue(Upload),
            Overwrite = result.GetValue(Overwrite),
            MaxBodySize = result.GetValue(MaxBodySize) is { } size ? ValueParsers.ToBytes(size) : null,
            LiveReload = result.GetValue(LiveReload),
            TlsCertificate = result.GetValue(TlsCertificate),
            TlsKey = result.GetValue(TlsKey),
            TlsPasswordFile = result.GetValue(TlsPasswordFile),
            TlsSelfSigned = result.GetValue(TlsSelfSigned),
            AuthFile = result.GetValue(AuthFile),
            AuthPlain = result.GetValue(AuthPlain),
            TrustedProxies = result.GetValue(TrustedProxy)!,
            ProxyProtocol = result.GetValue(ProxyProtocol),
            HealthPath = result.GetValue(Health),
            DrainSeconds = result.GetValue(Drain) is { } drain ? ToNumber(drain) : 0,
            Cgi = result.GetValue(Cgi) || result.GetValue(CgiDirectory)!.Length > 0,
            CgiDirectories = result.GetValue(CgiDirectory)!,
            CgiEnvironment = result.GetValue(CgiEnvironment)!,
            CgiUser = result.GetValue(CgiUser),
            CgiTimeout = ToNumber(result.GetValue(CgiTimeout)!),
        }).ConfigureAwait(false);
    }

    /// <summary>What is wrong with a single option.</summary>
    private static string? FindValueProblem(ParseResult result, out IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        headers = [];
        if (UsageProblem.Find(result, Port) is { } problem)
            return problem;
        return HeaderArguments.TryParse(result.GetValue(Header)!, out headers, out var wrongHeader) ? null : wrongHeader;
    }

    private static string? FindTlsProblem(ParseResult result)
    {
        var hasCertificate = result.GetValue(TlsCertificate) is not null;
        if (hasCertificate && result.GetValue(TlsSelfSigned))
            return "--tls-self-signed makes a certificate and --tls-cert names one: give only one of them.";
        if (hasCertificate)
            return null;
        var lonely = result.GetValue(TlsKey) is not null ? "--tls-key" : result.GetValue(TlsPasswordFile) is not null ? "--tls-password-file" : null;
        return lonely is null ? null : $"{lonely} belongs to a certificate: add --tls-cert FILE.";
    }

    private static string? FindAuthProblem(ParseResult result) => result.GetValue(AuthPlain) && result.GetValue(AuthFile) is null
        ? "--auth-plain says how passwords may travel, but none are asked for: add --auth-file FILE."
        : null;

    private static string? FindUploadProblem(ParseResult result) => result.GetValue(Overwrite) && !result.GetValue(Upload)
        ? "--overwrite is about files that are uploaded, but none may be: add --upload."
        : null;

    private static string? FindProxyProblem(ParseResult result) => result.GetValue(ProxyProtocol) && result.GetValue(TrustedProxy)!.Length == 0
        ? "--proxy-protocol lets in nobody but proxies that are known: add --trusted-proxy ADDRESS."
        : null;

    private static int ToNumber(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads the line. The parser's own options, for help and the version, look up texts in resources when they are made: a good part of
    /// a start. So they are there only for a line that asks for them, or is wrong.
    /// </summary>
    private static ParseResult Parse(string[] args)
    {
        // A name that begins with @ is a name, not a file with more arguments.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        if (!Array.Exists(args, static arg => arg is "--help" or "-h" or "-?" or "/?" or "/h" or "--version"))
        {
            var result = AddOptions(new Command("httpserver")).Parse(args, configuration);
            if (result.Errors.Count == 0)
                return result;
        }

        return MakeCommand().Parse(args, configuration);
    }

    private static RootCommand MakeCommand()
    {
        var command = AddOptions(new RootCommand("Serves a directory over HTTP or HTTPS."));
        command.Options.OfType<VersionOption>().Single().Description = "Show the version and exit.";
        var help = command.Options.OfType<HelpOption>().Single();
        help.Description = "Show this help and exit.";
        help.Action = new HelpPage((HelpAction)help.Action!);
        return command;
    }

    private static TCommand AddOptions<TCommand>(TCommand command)
        where TCommand : Command
    {
        command.Arguments.Add(Port);
        Option[] options =
        [
            Bind, PortAuto, Open, Qr, Directory, Protocol, Header, ContentType, Quiet, Log, LogFormat, Symlinks, HideDotfiles,
            Compression, Cache, Immutable, Cors, Spa, CleanUrls, TrailingSlash, Archive, LiveReload, Upload, Overwrite, MaxBodySize,
            TlsCertificate, TlsKey, TlsPasswordFile, TlsSelfSigned, AuthFile, AuthPlain,
            TrustedProxy, ProxyProtocol, Health, Drain, Cgi, CgiDirectory, CgiEnvironment, CgiUser, CgiTimeout, Config, ConfigSchemaOption,
        ];
        foreach (var option in options)
            command.Options.Add(option);
        return command;
    }
}
