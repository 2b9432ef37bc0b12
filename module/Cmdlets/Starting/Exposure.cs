using System.Net;
using Http.Server.Hosting;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The warning of a server that shows more files than was meant, because no directory was named.</summary>
internal static class Exposure
{
    /// <summary>
    /// Who can read what, where the directory is a home directory or a whole file system, or where everybody in the network can
    /// read it without a password.
    /// </summary>
    /// <returns>Null if there is nothing to warn of.</returns>
    public static string? Find(HttpServerInstance server)
    {
        var settings = server.Settings;
        if (!settings.ServesFiles || !MayServeFiles(settings.HandlerType))
            return null;
        var points = server.EndPoints.OfType<IPEndPoint>().ToList();
        var kind = KindOf(settings.Directory);
        var isGuarded = settings.Authentication is not null || settings.Schemes.Count > 0;
        if (kind is null && (!Announcement.IsEverywhere(points) || isGuarded))
            return null;
        var isLocal = points.TrueForAll(static point => IPAddress.IsLoopback(point.Address));
        var who = isGuarded ? "everybody who has one of the passwords"
            : isLocal ? "every program and user of this machine"
            : "everybody in the network";
        return $"All files in {settings.Directory}{(kind is null ? "" : $", {kind},")} and below can be read by {who}, at "
            + $"{server.Uri?.ToString() ?? "the socket"}. "
            + "-Directory names what is to be served, -NoFiles serves handlers alone"
            + (isLocal ? "" : ", -Bind localhost this machine alone")
            + (!isGuarded ? ", and -Credential asks for a password." : ".");
    }

    /// <summary>A class of handlers serves files unless it has an answer of its own for GET.</summary>
    private static bool MayServeFiles(Type? handler) => handler is null
        || (typeof(SimpleHttpRequestHandler).IsAssignableFrom(handler)
            && !Array.Exists(handler.GetMethods(),
                static method => method.Name.Equals("DoGet", StringComparison.OrdinalIgnoreCase)
                && method.DeclaringType!.Assembly != typeof(SimpleHttpRequestHandler).Assembly));

    private static string? KindOf(string directory)
    {
        if (Path.GetPathRoot(directory) is { } root
            && Path.TrimEndingDirectorySeparator(root) == Path.TrimEndingDirectorySeparator(directory))
            return "the root of a file system";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var real = Directory.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
        var isHome = home.Length > 0 && Array.Exists([directory, real], path => path == Path.TrimEndingDirectorySeparator(home))
            // The home directories of other users lie beside it, except for root's.
            || (Path.GetDirectoryName(real) is { } parent
                && (parent is "/home" or "/Users" || (OperatingSystem.IsWindows() && parent == Path.GetDirectoryName(home))));
        return isHome || real == "/root" ? "a home directory" : null;
    }
}
