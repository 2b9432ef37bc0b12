using System.Buffers;
using System.Net.NetworkInformation;
using System.Text;
using Http.Server.Protocol;
using Http.Server.Proxies;

namespace Http.Server.Admission;

/// <summary>
/// Which names a server answers for. A page on the internet can have its name point at 127.0.0.1 and then read, as its own
/// origin, what a server of this machine answers to the browser ("DNS rebinding"). The browser sends that name as Host, so a
/// server that answers for no name of the public DNS cannot be read in this way. IP addresses are no names; single labels, and
/// the domains below, lie outside the public DNS.
/// </summary>
internal sealed class HostRule
{
    /// <summary>Domains that are not, or by RFC 6761, 6762 (appendix G), 8375 or ICANN's word never, in the public DNS.</summary>
    private static readonly string[] PrivateDomains =
    [
        "localhost", "local", "test", "internal", "home.arpa", "localdomain", "lan", "home", "corp", "intranet", "private",
    ];

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly HostPattern[] _allowed;
    private readonly Lazy<string?> _ownName = new(FindOwnName);

    /// <param name="allowed">Patterns of names that are answered for too, each a right one.</param>
    public HostRule(IEnumerable<string> allowed) => _allowed =
        [.. allowed.Select(static text => HostPattern.TryParse(text, out var pattern)
            ? pattern
            : throw new ArgumentException($"'{text}' is no name of a host.", nameof(allowed)))];

    /// <summary>Whether the server answers for a Host.</summary>
    /// <param name="host">The header's value, which has the form of one (RFC 9110, section 7.2); empty if there is none.</param>
    public bool Allows(ReadOnlySpan<byte> host)
    {
        var name = WithoutPort(host);
        // Most requests to this machine name it in one label or by its address, and none of what follows is done for them.
        if (name.IndexOfAny((byte)'.', (byte)'%') < 0 || name[0] == '[' || AddressText.TryParseIPv4(name, out _))
            return true;
        var text = Encoding.Latin1.GetString(name).ToLowerInvariant();
        return Array.Exists(_allowed, pattern => pattern.Matches(text)) || IsNumber(text) || IsPrivate(text)
            || text == _ownName.Value;
    }

    private static ReadOnlySpan<byte> WithoutPort(ReadOnlySpan<byte> host)
    {
        if (host is [] or [(byte)'[', ..])
            return host;
        var colon = host.IndexOf((byte)':');
        var name = colon < 0 ? host : host[..colon];
        // A name may end with the dot of the root.
        return name is [.. var rest, (byte)'.'] ? rest : name;
    }

    /// <summary>An IPv4 address in one of the old forms, <c>127.1</c> or <c>0x7f.0.0.1</c>, which programs still take.</summary>
    private static bool IsNumber(string name) => name.Split('.') is { Length: <= 4 } parts && Array.TrueForAll(parts,
        static part => part.StartsWith("0x", StringComparison.Ordinal)
            ? !part.AsSpan(2).ContainsAnyExcept(HexDigits)
            : part.Length > 0 && !part.AsSpan().ContainsAnyExceptInRange('0', '9'));

    private static bool IsPrivate(string name) => Array.Exists(PrivateDomains,
        domain => name.EndsWith(domain, StringComparison.Ordinal) && name.Length > domain.Length
            && name[^(domain.Length + 1)] == '.');

    /// <summary>The full name of this machine as its own settings have it, without asking DNS; null if it has none.</summary>
    private static string? FindOwnName()
    {
        try
        {
            var properties = IPGlobalProperties.GetIPGlobalProperties();
            var (host, domain) = (properties.HostName, properties.DomainName);
            return (domain.Length == 0 || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase)
                ? host
                : $"{host}.{domain}").ToLowerInvariant();
        }
        catch (Exception exception) when (exception is NetworkInformationException or PlatformNotSupportedException)
        {
            return null;
        }
    }
}
