using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.WebSockets;

/// <summary>
/// What clients may send and what not, case by case, in the order of the chapters of the Autobahn test suite (1 framing, 2 pings, 3 reserved bits,
/// 4 opcodes, 5 fragmentation, 6 UTF-8, 7 close), with what a server that sends messages back has to answer by RFC 6455.
/// </summary>
/// <remarks>
/// Frames are written <c>text:abc</c>, with a minus for one that is not final, <c>rsvN</c> before it for reserved bits, <c>0x</c> for a payload in
/// hexadecimal, <c>*N</c> for N letters. Opcodes without a name are <c>opN</c>. A close is told by its status, after which the connection ends.
/// </remarks>
internal static class ProtocolCases
{
    /// <summary>A text that has letters of one to four bytes.</summary>
    private const string Letters = "0xceba61c3a9e282acf09f9880";

    public static IEnumerable<(string Name, string Sent, string Answer)> All =>
    [
        ("1.1.1 an empty text", "text:", "text:"),
        .. new[] { 1, 125, 126, 127, 128, 65535, 65536 }.SelectMany(length => new[]
        {
            ($"1.1 a text of {length}", $"text:*{length}", $"text:*{length}"),
            ($"1.2 {length} bytes", $"binary:*{length}", $"binary:*{length}"),
        }),
        ("1.2.1 no bytes", "binary:", "binary:"),
        ("1.3 no mask", "unmasked text:a", "close:1002"),
        ("1.3 no mask, after a text", "text:a | unmasked text:b", "text:a | close:1002"),
        ("1.3 a length in more bytes than it needs", "raw:0x81fe000137fa213d56", "close:1002"),
        ("1.3 a length in eight bytes that needs two", "raw:0x81ff00000000000001ff37fa213d", "close:1002"),
        ("1.3 a length of 64 bits", "raw:0x82ff800000000000000037fa213d", "close:1002"),

        ("2.1 an empty ping", "ping:", "pong:"),
        ("2.2 a ping", "ping:Hello", "pong:Hello"),
        ("2.3 a ping of bytes", "ping:0x00fffefdfc", "pong:0x00fffefdfc"),
        ("2.4 a ping of 125", "ping:*125", "pong:*125"),
        ("2.5 a ping of 126", "ping:*126", "close:1002"),
        ("2.7 a pong that nobody asked for", "pong: | ping:a", "pong:a"),
        ("2.8 a pong with something in it", "pong:xyz | ping:a", "pong:a"),
        ("2.10 ten pings", "ping:0 | ping:1 | ping:2 | ping:3 | ping:4 | ping:5 | ping:6 | ping:7 | ping:8 | ping:9", "pong:0 | pong:1 | pong:2 | pong:3 | pong:4 | pong:5 | pong:6 | pong:7 | pong:8 | pong:9"),

        .. Enumerable.Range(1, 7).SelectMany(bits => new[]
        {
            ($"3 reserved bits {bits} of a text", $"text:a | rsv{bits} text:b", "text:a | close:1002"),
            ($"3 reserved bits {bits} of bytes", $"rsv{bits} binary:b", "close:1002"),
            ($"3 reserved bits {bits} of a ping", $"rsv{bits} ping:a", "close:1002"),
            ($"3 reserved bits {bits} of a close", $"rsv{bits} close:1000", "close:1002"),
        }),

        .. new[] { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 }.SelectMany(opcode => new[]
        {
            ($"4 opcode {opcode}", $"op{opcode}:", "close:1002"),
            ($"4 opcode {opcode} between others", $"text:a | op{opcode}:abc | ping:a", "text:a | close:1002"),
        }),

        ("5.1 a ping in two parts", "ping-:a | cont:b", "close:1002"),
        ("5.2 a pong in two parts", "pong-:a | cont:b", "close:1002"),
        ("5.3 a text in two parts", "text-:Hel | cont:lo", "text:Hello"),
        ("5.4 bytes in three parts", "binary-:a | cont-:b | cont:c", "binary:abc"),
        ("5.6 a ping in between", "text-:Hel | ping:p | cont:lo", "pong:p | text:Hello"),
        ("5.6 pings and pongs in between", "text-:a | ping:1 | pong:x | cont-:b | ping:2 | cont:c", "pong:1 | pong:2 | text:abc"),
        ("5.9 nothing to continue", "cont:a | text:b", "close:1002"),
        ("5.10 nothing to continue, not final", "cont-:a | text:b", "close:1002"),
        ("5.15 a continuation after a whole text", "text-:a | cont:b | cont-:c", "text:ab | close:1002"),
        ("5.16 a continuation, then a text in two parts", "cont-:a | text-:b | cont:c", "close:1002"),
        ("5.18 a text within a text", "text-:a | text:b", "close:1002"),
        ("5.18 bytes within a text", "text-:a | binary:b", "close:1002"),
        ("5.19 a long way", "text-:1 | cont-:2 | ping:p | cont-:3 | cont-:4 | ping:q | cont:5", "pong:p | pong:q | text:12345"),
        ("5.20 two texts in parts", "text-:a | cont:b | text-:c | cont:d", "text:ab | text:cd"),

        ("6.1.1 an empty text in parts", "text-: | cont-: | cont:", "text:"),
        ("6.1.3 one part with something in it", "text-: | cont-:middle | cont:", "text:middle"),
        ("6.2 letters of all lengths", $"text:{Letters}", $"text:{Letters}"),
        .. Enumerable.Range(1, 12).Select(at => ($"6.2 letters split after {at} bytes", $"text-:{Letters[..(2 + (2 * at))]} | cont:0x{Letters[(2 + (2 * at))..]}", $"text:{Letters}")),
        .. new[] { "80", "bf", "c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf", "eda080", "edbfbf", "eda080edb080", "f4908080", "f5808080", "fe", "ff", "ce", "e282", "f09f98", "61ce", "c328", "f8888080", "fc8480808080" }
            .SelectMany(static bytes => new[]
            {
                ($"6.3 {bytes} is no UTF-8", $"text:0x{bytes}", "close:1007"),
                ($"6.3 {bytes} after a letter", $"text:0xceba{bytes}", "close:1007"),
                ($"6.3 {bytes} in a part of its own", $"text-:a | cont:0x{bytes}", "close:1007"),
                ($"6.3 {bytes}, byte by byte", $"text-:a | {string.Concat(bytes.Chunk(2).Select(static pair => $"cont-:0x{new string(pair)} | "))}cont:", "close:1007"),
            }),
        // The engine does not see a letter that a last, empty part leaves unfinished; the server looks for it.
        ("6.4 what is wrong is told before the text is whole", "text-:0xceba | cont-:0xf4908080", "close:1007"),
        ("6.4 a part that ends within a letter is not wrong", "text-:0xf4 | ping:a | cont-:0x8f | cont:0xbfbf", "pong:a | text:0xf48fbfbf"),
        ("6.5 letters that are none are taken", "text:0xefbfbeefbfbff48fbfbf", "text:0xefbfbeefbfbff48fbfbf"),
        ("6.6 bytes need not be UTF-8", "binary:0xff80c0", "binary:0xff80c0"),

        ("7.1.1 a goodbye", "text:a | close:1000", "text:a | close:1000"),
        ("7.1.2 two goodbyes", "close:1000 | close:1001", "close:1000"),
        ("7.1.3 a ping after the goodbye", "close:1000 | ping:a", "close:1000"),
        ("7.1.4 a text after the goodbye", "close:1000 | text:a", "close:1000"),
        ("7.1.5 a goodbye within a text", "text-:a | close:1000 | cont:b", "close:1000"),
        // The engine takes a close without a status for one of 1000. The answer to it may say so (RFC 6455, section 5.5.1).
        ("7.3.1 a goodbye without a status", "close:", "close:1000"),
        ("7.3.2 half a status", "op8:a", "close:1002"),
        ("7.3.4 a reason", "op8:0x03e868656c6c6f", "close:1000"),
        ("7.3.5 a reason of 123", "op8:0x03e8" + string.Concat(Enumerable.Repeat("61", 123)), "close:1000"),
        ("7.3.6 a reason of 124", "op8:0x03e8" + string.Concat(Enumerable.Repeat("61", 124)), "close:1002"),
        // The RFC has the connection fail, and 1007 for texts that are no UTF-8. The engine says 1002, which Autobahn takes as well.
        ("7.5.1 a reason that is no UTF-8", "op8:0x03e8cebaff", "close:1002"),
        .. new[] { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 }.Select(code => ($"7.7 the status {code}", $"close:{code}", $"close:{code}")),
        .. new[] { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535 }.Select(code => ($"7.9 the status {code}", $"close:{code}", "close:1002")),
        ("7.9 a goodbye in two parts", "close-:1000 | cont:", "close:1002"),

        ("9.3 a long text in small parts", string.Concat(Enumerable.Range(0, 999).Select(static at => $"{(at == 0 ? "text" : "cont")}-:*64 | ")) + "cont:*64", "text:*64000"),
        ("9.5 a text of a mebibyte", "text:*1048576", "text:*1048576"),
        ("9.5 a byte more", "text:*1048577", "close:1009"),
        ("9.5 a byte more, in parts", "text-:*1048576 | cont:a", "close:1009"),
        ("9.5 a length that no computer has", "raw:0x82ff7fffffffffffffff37fa213d", "close:1009"),
        ("9.5 parts that are too long together", "binary-:*1048576 | raw:0x80ff7fffffffffffffff37fa213d", "close:1009"),
    ];

    /// <summary>The bytes of frames.</summary>
    public static byte[] Read(string frames) => [.. frames.Split(" | ").SelectMany(ReadFrame)];

    /// <summary>What the answer has in <see cref="WebSocketPeer.ReadAsync"/>'s words.</summary>
    public static string[] ReadAnswer(string answer) => [.. answer.Split(" | ").Select(static frame =>
    {
        var (name, payload) = (frame[..frame.IndexOf(':', StringComparison.Ordinal)], frame[(frame.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        return name switch
        {
            "binary" => $"binary:{Convert.ToHexStringLower(BytesOf(payload))}",
            "close" => frame,
            _ => $"{name}:{Encoding.UTF8.GetString(BytesOf(payload))}",
        };
    })];

    private static byte[] ReadFrame(string frame)
    {
        var words = frame.Split(':')[0].Split(' ');
        var payload = BytesOf(frame[(frame.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        var name = words[^1].TrimEnd('-');
        if (name == "raw")
            return payload;
        if (name == "close" && payload.Length > 0)
            payload = [(byte)(int.Parse(Encoding.ASCII.GetString(payload), System.Globalization.CultureInfo.InvariantCulture) >> 8), (byte)int.Parse(Encoding.ASCII.GetString(payload), System.Globalization.CultureInfo.InvariantCulture)];
        var opcode = name switch
        {
            "cont" => 0,
            "text" => 1,
            "binary" => 2,
            "close" => 8,
            "ping" => 9,
            "pong" => 10,
            _ => int.Parse(name["op".Length..], System.Globalization.CultureInfo.InvariantCulture),
        };
        return WebSocketPeer.Frame(opcode, payload, !words[^1].EndsWith('-'),
            words[0].StartsWith("rsv", StringComparison.Ordinal) ? words[0]["rsv".Length] - '0' : 0, words[0] != "unmasked");
    }

    private static byte[] BytesOf(string payload)
    {
        if (payload.StartsWith("0x", StringComparison.Ordinal))
            return Convert.FromHexString(payload[2..]);
        return payload is ['*', .. var count]
            ? [.. Enumerable.Repeat((byte)'x', int.Parse(count, System.Globalization.CultureInfo.InvariantCulture))]
            : Encoding.UTF8.GetBytes(payload);
    }
}
