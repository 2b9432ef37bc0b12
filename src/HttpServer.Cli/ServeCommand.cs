using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;

namespace Http.Server.Cli;

/// <summary>The command line: its options, what they may be, and what is said when they are wrong.</summary>
internal static partial class ServeCommand
{
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

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
            Terminal.Say(ConfigSchema.Make(MakeCommand()));
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
                Terminal.Complain(exception.Message);
                return ExitCode.CannotStart;
            }
        }

        problem ??= FindTlsProblem(result) ?? FindAuthProblem(result) ?? FindUploadProblem(result) ?? FindProxyProblem(result);
        if (problem is not null)
        {
            Terminal.Complain($"{HeaderArguments.Show(problem)} Try 'httpserver --help'.");
            return ExitCode.Usage;
        }

        if (result.Action is not null)
        {
            // Into a text first: where it goes to may be closed.
            using var page = new StringWriter();
            result.Invoke(new InvocationConfiguration { Output = page, EnableDefaultExceptionHandler = false });
            Terminal.Say(page.ToString());
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
            MaxConnections = result.GetValue(MaxConnections) is { } connections ? ToNumber(connections) : null,
            LiveReload = result.GetValue(LiveReload),
            TlsCertificate = result.GetValue(TlsCertificate),
            TlsKey = result.GetValue(TlsKey),
            TlsPasswordFile = result.GetValue(TlsPasswordFile),
            TlsSelfSigned = result.GetValue(TlsSelfSigned),
            Hsts = result.GetValue(Hsts),
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
        if (result.GetValue(Hsts) && !result.GetValue(TlsSelfSigned) && result.GetValue(TrustedProxy)!.Length == 0)
            return "--hsts is about HTTPS: add --tls-cert FILE, or --trusted-proxy ADDRESS if a proxy speaks it.";
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
            Compression, Cache, Immutable, Cors, Spa, CleanUrls, TrailingSlash, Archive, LiveReload, Upload, Overwrite, MaxBodySize, MaxConnections,
            TlsCertificate, TlsKey, TlsPasswordFile, TlsSelfSigned, Hsts, AuthFile, AuthPlain,
            TrustedProxy, ProxyProtocol, Health, Drain, Cgi, CgiDirectory, CgiEnvironment, CgiUser, CgiTimeout, Config, ConfigSchemaOption,
        ];
        foreach (var option in options)
            command.Options.Add(option);
        return command;
    }
}
