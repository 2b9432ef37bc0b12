using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Http.Server.State;

/// <summary>
/// The address of a store that servers share: <c>redis://USER:PASSWORD@HOST:PORT/DATABASE?prefix=TEXT</c>, of which all but the
/// host may be left out; <c>rediss://</c> speaks TLS.
/// </summary>
public sealed record StateStoreAddress
{
    private const string PlainScheme = "redis";

    private const string TlsScheme = "rediss";

    private const string Usage = "give redis://HOST:PORT, or rediss://HOST:PORT for TLS";

    private StateStoreAddress(string host, int port) => (Host, Port) = (host, port);

    /// <summary>The name or the IP address of the host, without brackets.</summary>
    public string Host { get; private init; }

    /// <summary>The port. Default 6379, that of Redis.</summary>
    public int Port { get; private init; }

    /// <summary>Whether TLS is spoken. Default false.</summary>
    public bool UsesTls { get; private init; }

    /// <summary>The user; null, the default, for the one that a store has without a name.</summary>
    public string? User { get; private init; }

    /// <summary>The password; null, the default, for none.</summary>
    public string? Password { get; private init; }

    /// <summary>The number of the database. Default 0.</summary>
    public int Database { get; private init; }

    /// <summary>
    /// What each name in the store begins with, so that other programs can have it too; sites that have it in common share what
    /// they keep. Default <c>httpserver:</c>.
    /// </summary>
    public string Prefix { get; private init; } = "httpserver:";

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address; what has a meaning in one is percent-encoded in the user and the password.</param>
    /// <exception cref="FormatException">It is none; the message says why, and does not tell a password.</exception>
    public static StateStoreAddress Parse(string text) =>
        TryParse(text, out var address, out var problem) ? address : throw new FormatException(problem);

    /// <summary>Reads an address.</summary>
    /// <param name="text">What <see cref="Parse"/> takes.</param>
    /// <param name="address">The result; null if it is none.</param>
    /// <param name="problem">Why it is none, and what helps; null if it is one.</param>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out StateStoreAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = FindProblem(text, ref address);
        return problem is null;
    }

    /// <summary>The address without user, password and prefix.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(UsesTls ? TlsScheme : PlainScheme)}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}"
        + $"{(Database == 0 ? "" : $"/{Database}")}");

    private static string? FindProblem(string? text, ref StateStoreAddress? address)
    {
        var shown = $"'{WithoutPassword(text ?? "")}' is no address of a store";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not (PlainScheme or TlsScheme))
            return $"{shown}: {Usage}.";
        if (uri.Host.Length == 0)
            return $"{shown}, for it names no host: {Usage}.";
        if (uri.Port == 0)
            return $"{shown}: its port is 1 to 65535.";
        if (uri.Fragment.Length > 0)
            return $"{shown}: what follows # belongs to no part of it. A # in the password is written %23.";
        var database = 0;
        var path = uri.AbsolutePath.Trim('/');
        if (path.Length > 0 && !int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database))
            return $"{shown}: behind the host comes the number of the database, as in redis://HOST:PORT/1.";
        var prefix = "httpserver:";
        if (uri.Query.Length > 1)
        {
            if (!uri.Query.StartsWith("?prefix=", StringComparison.Ordinal) || uri.Query.Contains('&', StringComparison.Ordinal))
                return $"{shown}: behind ? it takes prefix=TEXT alone.";
            prefix = Uri.UnescapeDataString(uri.Query["?prefix=".Length..]);
        }

        var (user, password) = ReadUser(uri.UserInfo);
        address = new StateStoreAddress(uri.IdnHost, uri.Port < 0 ? 6379 : uri.Port)
        {
            UsesTls = uri.Scheme == TlsScheme,
            User = user,
            Password = password,
            Database = database,
            Prefix = prefix,
        };
        return null;
    }

    private static (string? User, string? Password) ReadUser(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (user, password) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        return (user.Length > 0 ? Uri.UnescapeDataString(user) : null,
            password.Length > 0 ? Uri.UnescapeDataString(password) : null);
    }

    private static string WithoutPassword(string text)
    {
        var (start, end) = (text.IndexOf("//", StringComparison.Ordinal), text.LastIndexOf('@'));
        return start >= 0 && end > start ? string.Concat(text.AsSpan(0, start + 2), "...", text.AsSpan(end)) : text;
    }
}
