using System.CommandLine;

namespace Http.Server.Cli;

/// <content>The options.</content>
internal static partial class ServeCommand
{
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

    private static readonly Option<string?> MaxConnections = new("--max-connections")
    {
        Description = "Most connections at once; further ones wait. Default: 16384, or as many as the process has file descriptors and memory for.",
        HelpName = "COUNT",
        CustomParser = result => ValueParsers.ParseCount(result, 1_000_000),
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

    private static readonly Option<bool> Hsts = new("--hsts")
    {
        Description = "Tell browsers to come by HTTPS alone for the next year (Strict-Transport-Security).",
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
}
