using System.Net;

namespace Http.Server.Hosting;

/// <summary>Finds the users that the settings name.</summary>
internal static class Users
{
    /// <param name="settings">What is wanted.</param>
    /// <param name="addresses">Where the server will listen.</param>
    /// <param name="directory">What it will serve, as a full path.</param>
    /// <param name="log">Gets a warning where hashes can be read by others, or are weak.</param>
    /// <returns>Null if no password is asked for.</returns>
    /// <exception cref="CannotStartException">Passwords would travel readable over the network.</exception>
    /// <exception cref="ServerStartException">The file is missing or wrong.</exception>
    public static BasicAuthentication? Find(
        ServerSettings settings, IReadOnlyList<EndPoint> addresses, string directory, IHttpLog log)
    {
        if (settings.AuthFile is null)
            return null;
        var isSecure = settings.TlsSelfSigned || settings.TlsCertificate is not null;
        // A request by a trusted proxy tells how its password has travelled, and is refused if that was plain HTTP.
        var isChecked = isSecure || settings.AuthPlain || settings.Options.TrustedProxies.Count > 0;
        if (!isChecked && addresses.Any(IsReachedFromElsewhere))
        {
            throw new CannotStartException("Passwords would travel over the network for everybody to read: "
                + "serve HTTPS with --tls-cert FILE or --tls-self-signed, this machine alone with --bind localhost, "
                + "or say --auth-plain if the network is safe.");
        }

        var full = Path.GetFullPath(settings.AuthFile);
        if (full.StartsWith(Path.TrimEndingDirectorySeparator(directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            log.Message(
                LogLevel.Warning, null,
                $"{full} lies in the directory that is served: everybody who may ask can read its hashes. Keep it elsewhere.");
        }

        var authentication = BasicAuthentication.FromFile(full);
        authentication.AllowPlainHttp = settings.AuthPlain;
        if (authentication.FindWeakness() is { } weakness)
            log.Message(LogLevel.Warning, null, weakness);
        return authentication;
    }

    private static bool IsReachedFromElsewhere(EndPoint address) => address is IPEndPoint ip && !IPAddress.IsLoopback(ip.Address);
}
