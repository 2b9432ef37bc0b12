using System.Management.Automation;
using System.Net;
using Http.Server.Hosting;

namespace Http.Server.PowerShell.Cmdlets;

/// <content>What is said and done for people once the server answers.</content>
public sealed partial class StartHttpServerCommand
{
    /// <summary>
    /// A browser that cannot be started says so in this time; what takes longer is no reason to keep the
    /// prompt.
    /// </summary>
    private static readonly TimeSpan BrowserPatience = TimeSpan.FromSeconds(1);

    /// <summary>Opens the page in the browser.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    private void Welcome(HttpServerInstance server)
    {
        if (Port != 0 && server.Port != Port && server.Port != 0)
            WriteWarning($"Port {Port} is in use: the next free one is {server.Port}.");
        if (Open && OpenBrowser(server.Addresses) is { } problem)
            WriteWarning(problem);
    }

    /// <summary>The addresses of other machines, for a server that listens at all interfaces.</summary>
    private void SayAddresses(HttpServerInstance server)
    {
        if (!Announcement.IsEverywhere(server.EndPoints))
            return;
        foreach (var address in server.Addresses.Where(static address => !address.IsLoopback))
            Say($"From other machines: {address}");
    }

    /// <summary>
    /// What a directory that nobody named shows to whom, where that may be more than was meant: a home directory, a whole file
    /// system, or anything to everybody in the network. Null if there is nothing to warn of.
    /// </summary>
    private string? FindExposure(HttpServerInstance server)
    {
        var settings = server.Settings;
        if (Directory is not null || !settings.ServesFiles || !MayServeFiles(settings.HandlerType))
            return null;
        var points = server.EndPoints.OfType<IPEndPoint>().ToList();
        var kind = KindOf(settings.Directory);
        if (kind is null && (!Announcement.IsEverywhere(points) || settings.Authentication is not null))
            return null;
        var isLocal = points.TrueForAll(static point => IPAddress.IsLoopback(point.Address));
        var who = settings.Authentication is not null ? "whoever has one of the passwords"
            : isLocal ? "every program and user of this machine"
            : "everybody in the network";
        return $"All files in {settings.Directory}{(kind is null ? "" : $", {kind},")} and below can be read by {who}, at "
            + $"{server.Uri?.ToString() ?? "the socket"}. "
            + "-Directory names what is to be served, -NoFiles serves handlers alone"
            + (isLocal ? "" : ", -Bind localhost this machine alone")
            + (settings.Authentication is null ? ", and -Credential asks for a password." : ".");
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
        var real = System.IO.Directory.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
        var isHome = home.Length > 0 && Array.Exists([directory, real], path => path == Path.TrimEndingDirectorySeparator(home))
            // Those of other users lie beside it, but for root's.
            || (Path.GetDirectoryName(real) is { } parent
                && (parent is "/home" or "/Users" || (OperatingSystem.IsWindows() && parent == Path.GetDirectoryName(home))));
        return isHome || real == "/root" ? "a home directory" : null;
    }

    private static string? OpenBrowser(IReadOnlyList<Uri> addresses)
    {
        if (addresses.Count == 0)
            return "No browser can be opened: it cannot reach a Unix domain socket. Give an IP address or localhost with -Bind "
                + "as well.";
        var opening = Task.Run(() => WebBrowser.OpenAsync(addresses[0]));
        return opening.Wait(BrowserPatience) ? opening.Result : null;
    }
}
