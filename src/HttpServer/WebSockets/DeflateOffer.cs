using System.Globalization;
using System.Net.WebSockets;

namespace Http.Server.WebSockets;

/// <summary>What a client offers of permessage-deflate (RFC 7692, section 7), and what it is answered.</summary>
internal static class DeflateOffer
{
    private const string Name = "permessage-deflate";

    /// <summary>Largest window, of 32 KiB.</summary>
    private const int MaxWindowBits = 15;

    /// <summary>Smallest window that the engine compresses with. RFC 7692 has one of 8 bits too, which zlib cannot do.</summary>
    private const int MinWindowBits = 9;

    /// <summary>Takes the first offer that can be taken.</summary>
    /// <param name="extensions">The field Sec-WebSocket-Extensions.</param>
    /// <returns>Null if there is none.</returns>
    public static (WebSocketDeflateOptions Options, string Answer)? Take(string extensions)
    {
        // No value of this extension has a comma or a semicolon, and others do not matter.
        foreach (var offer in extensions.Split(',', StringSplitOptions.TrimEntries))
        {
            var parts = offer.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].Equals(Name, StringComparison.OrdinalIgnoreCase) && TryRead(parts[1..], out var serverBits))
                return Agree(serverBits);
        }

        return null;
    }

    private static (WebSocketDeflateOptions Options, string Answer) Agree(int serverBits)
    {
        // Without a context that is taken over neither side keeps a window between messages: 300 KiB for each WebSocket. Any
        // window of the client can be unpacked with the largest one.
        var options = new WebSocketDeflateOptions
        {
            ServerContextTakeover = false,
            ClientContextTakeover = false,
            ServerMaxWindowBits = serverBits,
            ClientMaxWindowBits = MaxWindowBits,
        };
        var answer = $"{Name}; server_no_context_takeover; client_no_context_takeover";
        return (options, serverBits == MaxWindowBits
            ? answer
            : string.Create(CultureInfo.InvariantCulture, $"{answer}; server_max_window_bits={serverBits}"));
    }

    /// <summary>Reads the parameters of an offer; one with something unknown in it is not taken.</summary>
    private static bool TryRead(string[] parameters, out int serverBits)
    {
        serverBits = MaxWindowBits;
        var seen = new HashSet<string>();
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? parameter : parameter[..equals].TrimEnd()).ToUpperInvariant();
            var value = equals < 0 ? null : parameter[(equals + 1)..].Trim().Trim('"');
            if (!seen.Add(name))
                return false;
            switch (name)
            {
                case "SERVER_NO_CONTEXT_TAKEOVER" or "CLIENT_NO_CONTEXT_TAKEOVER" when value is null:
                case "CLIENT_MAX_WINDOW_BITS" when value is null || ReadBits(value) > 0:
                    break;
                case "SERVER_MAX_WINDOW_BITS" when value is not null && ReadBits(value) >= MinWindowBits:
                    serverBits = ReadBits(value);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>8 to 15, without a zero before it; 0 for anything else.</summary>
    private static int ReadBits(string value) => value is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15"
        ? int.Parse(value, CultureInfo.InvariantCulture)
        : 0;
}
