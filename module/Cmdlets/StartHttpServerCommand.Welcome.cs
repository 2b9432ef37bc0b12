using System.Management.Automation;
using System.Net;

namespace Http.Server.PowerShell.Cmdlets;

/// <content>What is said and done for people once the server answers.</content>
public sealed partial class StartHttpServerCommand
{
    /// <summary>A browser that cannot be started says so in this time; what takes longer is no reason to keep the prompt.</summary>
    private static readonly TimeSpan BrowserPatience = TimeSpan.FromSeconds(1);

    /// <summary>Opens the page in the browser.</summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    /// <summary>Shows a QR code of the address for phones.</summary>
    [Parameter]
    public SwitchParameter Qr { get; set; }

    private void Welcome(HttpServerInstance server)
    {
        if (Port != 0 && server.Port != Port && server.Port != 0)
            WriteWarning($"Port {Port} is in use: the next free one is {server.Port}.");
        if (!Open && !Qr)
            return;
        var addresses = server.Addresses;
        if (Qr)
            ShowCode(addresses.FirstOrDefault(static address => !address.IsLoopback));
        if (Open && OpenBrowser(addresses) is { } problem)
            WriteWarning(problem);
    }

    /// <summary>The addresses of other machines, for a server that listens at all interfaces.</summary>
    private void SayAddresses(HttpServerInstance server)
    {
        if (!server.EndPoints.OfType<IPEndPoint>().Any(static point => point.Address.Equals(IPAddress.IPv6Any) || point.Address.Equals(IPAddress.Any)))
            return;
        foreach (var address in server.Addresses.Where(static address => !address.IsLoopback))
            Say($"From other machines: {address}");
    }

    private void ShowCode(Uri? address)
    {
        if (address is null)
        {
            WriteWarning("No QR code: other machines cannot reach this address. Leave -Bind out, or give an address of a network with it.");
            return;
        }

        var color = Host.UI?.SupportsVirtualTerminal == true && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        Say($"{Environment.NewLine}{QrCode.FromText(address.AbsoluteUri).ToText(color)}{address}");
    }

    private static string? OpenBrowser(IReadOnlyList<Uri> addresses)
    {
        if (addresses.Count == 0)
            return "No browser can be opened: it cannot reach a Unix domain socket. Give an IP address or localhost with -Bind as well.";
        var opening = Task.Run(() => WebBrowser.OpenAsync(addresses[0]));
        return opening.Wait(BrowserPatience) ? opening.Result : null;
    }
}
