using System.Net;
using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Proxies;

/// <summary>
/// What trusted proxies say of a request, by the header Forwarded (RFC 7239) or, without it, by X-Forwarded-For, -Proto, -Host
/// and -Port.
/// </summary>
/// <remarks>
/// Each proxy adds to the right of what it was given, and what it was given may be the client's invention. So both are read from
/// the right, as long as what was just read names a proxy that is trusted, and nothing further left is looked at.
/// </remarks>
/// <param name="Client">The client's address; null if that of the connection's peer is the nearest that is known.</param>
/// <param name="ClientPort">0 if it is not told.</param>
/// <param name="IsClientKnown">The address is the client's own, not that of the last proxy before one that is not
/// told.</param>
/// <param name="IsSecure">Whether the client speaks HTTPS; null if that is not told.</param>
/// <param name="Host">What the client asked for as Host; null if that is not told.</param>
/// <param name="Port">The port that the client connected to; 0 if it is not told.</param>
internal sealed record ForwardedRequest(IPAddress? Client, int ClientPort, bool IsClientKnown, bool? IsSecure, string? Host,
    int Port)
{
    /// <summary>
    /// Headers that mean nothing. They are ignored as a whole, but their sender does not pass for the proxy
    /// itself.
    /// </summary>
    public static readonly ForwardedRequest Unreadable = new(null, 0, false, null, null, 0);

    /// <summary>Reads the headers of a request that came from a trusted proxy.</summary>
    /// <returns>
    /// Null if there are none; <see cref="Unreadable"/> if one is malformed, or if there are both kinds and they differ: then one
    /// of them may be the client's, which a proxy that knows only the other kind has let pass.
    /// </returns>
    public static ForwardedRequest? Read(RequestHead head, ReadOnlySpan<byte> bytes, Func<IPAddress, bool> isTrusted)
    {
        var lines = new FieldLines(head, bytes);
        var forwarded = lines.Find("forwarded"u8) is { } found ? ReadForwarded(found, bytes, isTrusted) : null;
        var others = ReadOthers(lines, isTrusted);
        if (forwarded is null || others is null)
            return forwarded ?? others;
        return forwarded.IsSameAs(others) ? forwarded : Unreadable;
    }

    /// <returns>Null if the text is neither http nor https.</returns>
    public static bool? ReadScheme(ReadOnlySpan<byte> text)
    {
        if (Ascii.EqualsIgnoreCase(text, "https"u8))
            return true;
        return Ascii.EqualsIgnoreCase(text, "http"u8) ? false : null;
    }

    private bool IsSameAs(ForwardedRequest other) =>
        Equals(Client, other.Client) && IsClientKnown == other.IsClientKnown && IsSecure == other.IsSecure
        && string.Equals(Host, other.Host, StringComparison.OrdinalIgnoreCase);

    private static ForwardedRequest ReadForwarded(List<Slice> lines, ReadOnlySpan<byte> bytes, Func<IPAddress, bool> isTrusted)
    {
        var told = new ForwardedRequest(null, 0, true, null, null, 0);
        var elements = new List<ForwardedElement>();
        for (var line = lines.Count - 1; line >= 0; line--)
        {
            elements.Clear();
            if (!ForwardedElement.TryParse(lines[line].Of(bytes), elements))
                return Unreadable;
            for (var at = elements.Count - 1; at >= 0; at--)
            {
                var element = elements[at];
                // The further out a proxy is, the more it knows of the client.
                told = told with { IsSecure = element.IsSecure ?? told.IsSecure, Host = element.Host ?? told.Host };
                if (element.For is not { Address: { } address, Port: var port })
                    return told with { IsClientKnown = false };
                told = told with { Client = address, ClientPort = port };
                if (!isTrusted(address))
                    return told;
            }
        }

        return told;
    }

    private static ForwardedRequest? ReadOthers(FieldLines lines, Func<IPAddress, bool> isTrusted)
    {
        var chain = lines.Entries("x-forwarded-for"u8);
        var schemes = lines.Entries("x-forwarded-proto"u8);
        var hosts = lines.Entries("x-forwarded-host"u8);
        var ports = lines.Entries("x-forwarded-port"u8);
        if (chain is null && schemes is null && hosts is null && ports is null)
            return null;

        var client = default(ForwardedNode);
        var isKnown = chain is { Count: > 0 };
        var hops = 0;
        while (hops < (chain?.Count ?? 0))
        {
            if (!ForwardedNode.TryParseLoosely(chain![^++hops], out var node))
                return Unreadable;
            isKnown = node.Address is not null;
            if (!isKnown)
                break;
            client = node;
            if (!isTrusted(node.Address!))
                break;
        }

        var told = new ForwardedRequest(client.Address, client.Port, isKnown, null, null, 0);
        if (Outermost(schemes, hops) is { } scheme)
        {
            told = told with { IsSecure = ReadScheme(scheme) };
            if (told.IsSecure is null)
                return Unreadable;
        }

        if (Outermost(hosts, hops) is { } host)
        {
            if (!HttpGrammar.IsHost(host))
                return Unreadable;
            told = told with { Host = Encoding.ASCII.GetString(host) };
        }

        if (Outermost(ports, hops) is not { } number)
            return told;
        return AddressText.TryParsePort(number, out var port) && port > 0 ? told with { Port = port } : Unreadable;
    }

    /// <summary>
    /// The entry of the outermost trusted proxy: as many from the right as proxies have been passed. A proxy that sets such a
    /// header instead of adding to it leaves one entry, which is then the last there is.
    /// </summary>
    private static byte[]? Outermost(List<byte[]>? entries, int hops) =>
        entries is { Count: > 0 } ? entries[^Math.Clamp(hops, 1, entries.Count)] : null;

    /// <summary>The lines of fields that may come several times.</summary>
    private readonly ref struct FieldLines(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        /// <summary>The values in their order; null if there is no such field.</summary>
        public List<Slice>? Find(ReadOnlySpan<byte> name)
        {
            List<Slice>? values = null;
            foreach (ref readonly var header in head.Headers)
            {
                if (IsNamed(header, name))
                    (values ??= []).Add(header.Value);
            }

            return values;
        }

        /// <summary>The entries of all lines, in their order, without empty ones; null if there is no such field.</summary>
        public List<byte[]>? Entries(ReadOnlySpan<byte> name)
        {
            List<byte[]>? entries = null;
            foreach (ref readonly var header in head.Headers)
            {
                if (!IsNamed(header, name))
                    continue;
                entries ??= [];
                var line = header.Value.Of(_bytes);
                foreach (var range in line.Split((byte)','))
                {
                    var entry = HttpGrammar.TrimOws(line[range]);
                    if (!entry.IsEmpty)
                        entries.Add(entry.ToArray());
                }
            }

            return entries;
        }

        private bool IsNamed(in HeaderSlice header, ReadOnlySpan<byte> name) =>
            header.Name.Length == name.Length && Ascii.EqualsIgnoreCase(header.Name.Of(_bytes), name);
    }
}
