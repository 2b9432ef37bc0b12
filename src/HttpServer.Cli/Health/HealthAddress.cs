using System.Net;
using System.Net.Sockets;

namespace Http.Server.Cli.Health;

/// <summary>What <c>httpserver health</c> asks: where, by which scheme, and for which path.</summary>
internal sealed record HealthAddress
{
    private const string UnixScheme = "unix:";

    /// <summary>As the user wrote it, for messages.</summary>
    public required string Text { get; init; }

    /// <summary>Where to connect.</summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>The name that the certificate is to have; null for plain HTTP.</summary>
    public string? TlsHost { get; init; }

    /// <summary>The value of the header Host.</summary>
    public required string Host { get; init; }

    /// <summary>The path and the query.</summary>
    public required string Target { get; init; }

    /// <summary>
    /// Reads an address: <c>http://HOST:PORT/PATH</c>, <c>https://…</c>, <c>unix:SOCKET</c>, or <c>unix:SOCKET:/PATH</c>, as
    /// nginx writes it.
    /// </summary>
    /// <returns>Null if it is none.</returns>
    public static HealthAddress? Parse(string text)
    {
        if (text.StartsWith(UnixScheme, StringComparison.Ordinal))
            return ParseUnix(text);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
            return null;
        return new HealthAddress
        {
            Text = text,
            EndPoint = IPAddress.TryParse(uri.DnsSafeHost, out var address)
                ? new IPEndPoint(address, uri.Port)
                : new DnsEndPoint(uri.IdnHost, uri.Port),
            TlsHost = uri.Scheme == "https" ? uri.IdnHost : null,
            Host = uri.IsDefaultPort ? uri.Host : $"{uri.Host}:{uri.Port}",
            Target = uri.PathAndQuery,
        };
    }

    private static HealthAddress? ParseUnix(string text)
    {
        var rest = text[UnixScheme.Length..];
        var at = rest.IndexOf(":/", StringComparison.Ordinal);
        var (path, target) = at < 0 ? (rest, "/") : (rest[..at], rest[(at + 1)..]);
        if (path.Length == 0 || target.Any(static letter => letter is <= ' ' or > '~' or '#'))
            return null;
        try
        {
            return new HealthAddress
            {
                Text = text,
                EndPoint = new UnixDomainSocketEndPoint(path),
                Host = "localhost",
                Target = target,
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            // The path is longer than the system permits: no server listens there.
            return null;
        }
    }
}
