using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>
/// What a request's <c>Accept-Encoding</c> says (RFC 9110 section 12.5.3). An element that is malformed is ignored, the others
/// count: the worst that can come of it is content as it is.
/// </summary>
internal struct AcceptedCodings
{
    private const int FullWeight = 1000;

    // Weights are kept with 1 added, so that 0 says "not named".
    private int _gzip;
    private int _zstandard;
    private int _brotli;
    private int _identity;
    private int _others;

    /// <summary>The field is there, be it empty.</summary>
    public bool IsPresent { get; private set; }

    /// <summary>Content as it is will not do: <c>identity;q=0</c>, or <c>*;q=0</c> without a word about identity.</summary>
    public readonly bool RefusesIdentity => (_identity != 0 ? _identity : _others) == 1;

    /// <summary>Reads what a request says.</summary>
    /// <param name="head">The request's head.</param>
    /// <param name="bytes">The bytes that it was read from.</param>
    public static AcceptedCodings Read(RequestHead head, ReadOnlySpan<byte> bytes)
    {
        var accepted = new AcceptedCodings();
        foreach (ref readonly var header in head.Headers)
        {
            if (header.Name.Length == "Accept-Encoding".Length
                && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), "accept-encoding"u8))
                accepted.Add(header.Value.Of(bytes));
        }

        return accepted;
    }

    /// <summary>Takes in one field; several count as one list.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        IsPresent = true;
        foreach (var part in value.Split((byte)','))
        {
            var element = value[part].Trim(" \t"u8);
            var weight = FullWeight;
            var semicolon = element.IndexOf((byte)';');
            if (semicolon >= 0)
            {
                if (!TryReadWeight(element[(semicolon + 1)..].TrimStart(" \t"u8), out weight))
                    continue;
                element = element[..semicolon].TrimEnd(" \t"u8);
            }

            Register(element, weight + 1);
        }
    }

    /// <summary>
    /// How much the client wants a coding, in thousandths; 0 if it does not take it. Identity that it does not name is 0
    /// as well.
    /// </summary>
    public readonly int WeightOf(ContentCoding coding)
    {
        var named = coding switch
        {
            ContentCoding.Gzip => _gzip,
            ContentCoding.Zstandard => _zstandard,
            ContentCoding.Brotli => _brotli,
            _ => _identity,
        };
        return Math.Max((named != 0 ? named : _others) - 1, 0);
    }

    /// <summary>
    /// The coding that the client wants more, the first one if it wants both as much; identity if it takes
    /// neither.
    /// </summary>
    public readonly ContentCoding Prefer(ContentCoding first, ContentCoding second)
    {
        var (one, other) = (WeightOf(first), WeightOf(second));
        if (one == 0 && other == 0)
            return ContentCoding.Identity;
        return one >= other ? first : second;
    }

    private void Register(ReadOnlySpan<byte> name, int weight)
    {
        switch (name.Length)
        {
            case 1 when name[0] == '*':
                Lower(ref _others, weight);
                break;
            case 2 when Ascii.EqualsIgnoreCase(name, "br"u8):
                Lower(ref _brotli, weight);
                break;
            case 4 when Ascii.EqualsIgnoreCase(name, "gzip"u8):
            // The name of the time before HTTP/1.1 means the same (RFC 9110 section 8.4.1.3).
            case 6 when Ascii.EqualsIgnoreCase(name, "x-gzip"u8):
                Lower(ref _gzip, weight);
                break;
            case 4 when Ascii.EqualsIgnoreCase(name, "zstd"u8):
                Lower(ref _zstandard, weight);
                break;
            case 8 when Ascii.EqualsIgnoreCase(name, "identity"u8):
                Lower(ref _identity, weight);
                break;
        }
    }

    /// <summary>If a coding is named twice, the lower weight counts, so that a refusal is obeyed.</summary>
    private static void Lower(ref int known, int weight) => known = known == 0 ? weight : Math.Min(known, weight);

    /// <summary>Reads <c>q=0.5</c>: 0 or 1 with up to three decimals (RFC 9110 section 12.4.2).</summary>
    private static bool TryReadWeight(ReadOnlySpan<byte> text, out int weight)
    {
        weight = 0;
        if (text.Length is < 3 or > 7 || text[0] is not ((byte)'q' or (byte)'Q') || text[1] != '='
            || text[2] is not ((byte)'0' or (byte)'1'))
            return false;
        if (text.Length > 3 && text[3] != '.')
            return false;
        weight = (text[2] - '0') * FullWeight;
        var place = FullWeight / 10;
        for (var at = 4; at < text.Length; at++, place /= 10)
        {
            if (!char.IsAsciiDigit((char)text[at]))
                return false;
            weight += (text[at] - '0') * place;
        }

        return weight <= FullWeight;
    }
}
