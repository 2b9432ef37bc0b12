using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// What a user gets once the server answers: the addresses that other machines use, a QR code, the browser. To find the
/// addresses, all network interfaces are listed, so it is done while requests are answered already.
/// </summary>
internal static class Welcome
{
    /// <param name="server">It serves already.</param>
    /// <param name="settings">What the command line says.</param>
    public static async Task ShowAsync(HttpServer server, ServerSettings settings)
    {
        var addresses = server.GetAddresses();
        if (!Console.IsOutputRedirected && Announcement.IsEverywhere(server.EndPoints))
            Terminal.Say(Announcement.ListForOthers(addresses));
        if (settings.Qr)
            ShowCode(addresses.FirstOrDefault(static address => !address.IsLoopback));
        if (settings.Open && await OpenAsync(addresses).ConfigureAwait(false) is { } problem)
            Terminal.Complain(problem);
    }

    private static void ShowCode(Uri? address)
    {
        if (address is null)
        {
            Terminal.Complain("No QR code: other machines cannot reach this address. "
                + "Leave --bind out, or give an address of a network with it.");
            return;
        }

        var code = QrText.Make(address.AbsoluteUri, Terminal.HasColor(Console.IsOutputRedirected));
        Terminal.SayUtf8($"{Environment.NewLine}{code}{address.AbsoluteUri}{Environment.NewLine}");
    }

    private static Task<string?> OpenAsync(IReadOnlyList<Uri> addresses) => addresses.Count > 0
        ? WebBrowser.OpenAsync(addresses[0])
        : Task.FromResult<string?>("No browser can be opened: it cannot reach a Unix domain socket. "
            + "Give an IP address or localhost with --bind as well.");
}
