namespace Http.Server.Cli;

/// <summary>
/// What is said and done for people once the server answers: the addresses that other machines use, a QR code, the browser. Interfaces are
/// asked for only here, and nobody waits for it.
/// </summary>
internal static class Welcome
{
    /// <param name="server">It serves already.</param>
    /// <param name="settings">What the command line says.</param>
    public static async Task ShowAsync(Server.HttpServer server, ServeSettings settings)
    {
        var addresses = server.GetAddresses();
        var others = addresses.Where(static address => !address.IsLoopback).ToList();
        if (!Console.IsOutputRedirected && Announcement.IsEverywhere(server) && others.Count > 0)
            Terminal.Say(List(others));
        if (settings.Qr)
            ShowCode(others);
        if (settings.Open && await OpenAsync(addresses).ConfigureAwait(false) is { } problem)
            Terminal.Complain(problem);
    }

    private static string List(List<Uri> addresses)
    {
        const string Lead = "From other machines: ";
        return string.Concat(addresses.Select((address, at) => (at == 0 ? Lead : new string(' ', Lead.Length)) + address.AbsoluteUri + Environment.NewLine));
    }

    private static void ShowCode(List<Uri> addresses)
    {
        if (addresses.Count == 0)
        {
            Terminal.Complain("No QR code: other machines cannot reach this address. Leave --bind out, or give an address of a network with it.");
            return;
        }

        Terminal.SayUtf8($"{Environment.NewLine}{QrCode.FromText(addresses[0].AbsoluteUri).ToText(Terminal.HasColor(Console.IsOutputRedirected))}{addresses[0].AbsoluteUri}{Environment.NewLine}");
    }

    private static Task<string?> OpenAsync(IReadOnlyList<Uri> addresses) => addresses.Count > 0
        ? WebBrowser.OpenAsync(addresses[0])
        : Task.FromResult<string?>("No browser can be opened: it cannot reach a Unix domain socket. Give an IP address or localhost with --bind as well.");
}
