using System.Management.Automation;
using System.Net;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters that say whose requests a server looks at, and how many of them.</summary>
internal sealed class AdmissionParameters
{
    public string[] AllowedHost { get; set; } = [];

    public string[] AllowAddress { get; set; } = [];

    public string[] DenyAddress { get; set; } = [];

    public string? RateLimit { get; set; }

    public string RateKey { get; set; } = "Address";

    /// <summary>The options with what the parameters say.</summary>
    /// <param name="options">The others.</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    public HttpServerOptions ApplyTo(HttpServerOptions options, Action<string, string, ErrorCategory, object?> fail)
    {
        foreach (var name in AllowedHost.Where(static name => !HttpServerOptions.IsHostPattern(name)))
            fail($"-AllowedHost takes the name of a host such as www.example.com without a port, *.example.com, or * for any, "
                + $"not '{name}'.", "AllowedHostInvalid", ErrorCategory.InvalidArgument, name);
        return options with
        {
            AllowedHosts = AllowedHost,
            AllowedAddresses = ReadNetworks("-AllowAddress", AllowAddress, fail),
            DeniedAddresses = ReadNetworks("-DenyAddress", DenyAddress, fail),
            RateLimit = RateLimitText.Read(RateLimit, RateKey, fail),
        };
    }

    private static IPNetwork[] ReadNetworks(
        string parameter, string[] texts, Action<string, string, ErrorCategory, object?> fail)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in texts)
        {
            if (TrustedProxy.TryParse(text, out var found) && found.Network is { } network)
                networks.Add(network);
            else
                fail($"{parameter} takes an address such as 192.0.2.1 or a network such as 10.0.0.0/8, not '{text}'.",
                    "AddressInvalid", ErrorCategory.InvalidArgument, text);
        }

        return [.. networks];
    }
}
