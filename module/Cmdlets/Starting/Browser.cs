namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>Opens a server's page in the browser, for <c>-Open</c>.</summary>
internal static class Browser
{
    /// <summary>A browser that cannot be started fails within this time. The prompt does not wait longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <returns>Why there is no browser, in words for the user; null if there is one, as far as that is known.</returns>
    public static string? Open(IReadOnlyList<Uri> addresses)
    {
        if (addresses.Count == 0)
            return "No browser can be opened: it cannot reach a Unix domain socket. Give an IP address or localhost with -Bind "
                + "as well.";
        var opening = Task.Run(() => WebBrowser.OpenAsync(addresses[0]));
        return opening.Wait(Patience) ? opening.Result : null;
    }
}
