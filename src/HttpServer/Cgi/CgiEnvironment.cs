using System.Globalization;
using System.Net;
using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Cgi;

/// <summary>
/// The meta-variables of a request (RFC 3875, section 4.1) and the few of the server's own variables that programs
/// need.
/// </summary>
internal static class CgiEnvironment
{
    /// <summary>
    /// What a program inherits: where programs are, which language and time, where temporary files go; and what Windows
    /// cannot do without.
    /// </summary>
    private static readonly string[] Inherited =
        ["PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SystemRoot", "SystemDrive",
            "windir", "PATHEXT", "COMSPEC", "TEMP", "TMP"];

    /// <summary>
    /// Headers that make no HTTP_ variable: credentials, which every program on the machine could read from its environment;
    /// Proxy, which many libraries take for the proxy's address (httpoxy); and what has a variable of its own or was the
    /// connection's.
    /// </summary>
    private static readonly string[] Withheld =
        ["Authorization", "Proxy-Authorization", "Proxy", "Content-Type", "Content-Length", "Connection", "Keep-Alive",
            "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect"];

    /// <summary>Makes the variables.</summary>
    /// <param name="request">The request.</param>
    /// <param name="script">The program.</param>
    /// <param name="documentRoot">The directory that is served, full.</param>
    /// <param name="contentLength">Length of the body in bytes; null if there is no body.</param>
    /// <param name="configured">Further variables: NAME=VALUE, or NAME to inherit it.</param>
    public static Dictionary<string, string> Make(
        CgiRequest request, CgiScript script, string documentRoot, long? contentLength, IEnumerable<string> configured)
    {
        var variables = new Dictionary<string, string>(OperatingSystem.IsWindows()
            ? StringComparer.OrdinalIgnoreCase
            : StringComparer.Ordinal);
        foreach (var name in Inherited)
            Inherit(variables, name);
        variables.TryAdd("PATH", "/usr/local/bin:/usr/bin:/bin");
        AddHeaders(variables, request);

        variables["GATEWAY_INTERFACE"] = "CGI/1.1";
        variables["SERVER_SOFTWARE"] = request.Software;
        if (request.Host is not null)
            variables["HTTP_HOST"] = request.Host;
        variables["SERVER_NAME"] = HostOf(request.Host) ?? request.ServerName;
        variables["SERVER_PORT"] = Number(request.ServerPort);
        variables["SERVER_PROTOCOL"] = request.Version;
        variables["REQUEST_METHOD"] = request.Method;
        variables["REQUEST_URI"] = RawText.OfLatin1(request.Target);
        variables["REQUEST_SCHEME"] = request.IsSecure ? "https" : "http";
        if (request.IsSecure)
            variables["HTTPS"] = "on"; // what programs have looked for since before there was a scheme variable
        variables["SCRIPT_NAME"] = script.ScriptName;
        variables["SCRIPT_FILENAME"] = script.FilePath;
        variables["DOCUMENT_ROOT"] = documentRoot;
        variables["QUERY_STRING"] = RawText.OfLatin1(request.Query);
        variables["REDIRECT_STATUS"] = "200"; // php-cgi refuses to run without it
        variables["PATH_INFO"] = script.PathInfo;
        if (script.PathInfo.Length > 0)
            variables["PATH_TRANSLATED"] = documentRoot + script.PathInfo.Replace('/', Path.DirectorySeparatorChar);
        variables["REMOTE_ADDR"] = variables["REMOTE_HOST"] = request.ClientAddress;
        if (request.Client is IPEndPoint { Port: > 0 } client)
            variables["REMOTE_PORT"] = Number(client.Port);
        if (request.AuthType is { } authType)
            variables["AUTH_TYPE"] = authType;
        if (request.RemoteUser is { } user)
            variables["REMOTE_USER"] = user;
        if (contentLength is { } length)
            variables["CONTENT_LENGTH"] = Number(length);
        if (request.Headers["Content-Type"] is { } type)
            variables["CONTENT_TYPE"] = Decode(type);

        foreach (var text in configured)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
                Inherit(variables, text);
            else
                variables[text[..at]] = text[(at + 1)..];
        }

        return variables;
    }

    private static void AddHeaders(Dictionary<string, string> variables, CgiRequest request)
    {
        var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers)
        {
            // Names with an underscore are left out: X_Forwarded_For would become the variable of X-Forwarded-For.
            if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
                || Withheld.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (request.HidesForwarded && IsForwarded(name))
                continue;
            var variable = "HTTP_" + name.ToUpperInvariant().Replace('-', '_');
            if (!values.TryGetValue(variable, out var several))
                values.Add(variable, several = []);
            several.Add(Decode(value));
        }

        foreach (var (variable, several) in values)
            variables[variable] = string.Join(variable == "HTTP_COOKIE" ? "; " : ", ", several);
    }

    /// <summary>
    /// Programs believe these headers, whether a client or a proxy has sent them. What the server has made of them is in
    /// REMOTE_ADDR, HTTPS, HTTP_HOST and SERVER_PORT.
    /// </summary>
    private static bool IsForwarded(string name) => name.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || name.Equals("X-Real-IP", StringComparison.OrdinalIgnoreCase);

    /// <summary>Variables are passed as UTF-8: a value that was UTF-8 on the wire keeps its bytes that way.</summary>
    private static string Decode(string latin1)
    {
        if (Ascii.IsValid(latin1))
            return latin1;
        var bytes = Encoding.Latin1.GetBytes(latin1);
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : latin1;
    }

    private static string? HostOf(string? host)
    {
        if (host is null)
            return null;
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }

    private static void Inherit(Dictionary<string, string> variables, string name)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            variables[name] = value;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
