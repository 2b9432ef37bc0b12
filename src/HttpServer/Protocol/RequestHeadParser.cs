using System.Text;

namespace Http.Server.Protocol;

/// <summary>Reads a request head (RFC 9112, sections 2 to 6) from bytes into positions; strict, without I/O.</summary>
/// <remarks>
/// The rule throughout: where two parsers could understand a byte differently, the request is refused. So there is no
/// bare LF, no folding, no white space before a colon, no list of lengths, no coding but one chunked.
/// </remarks>
internal static class RequestHeadParser
{
    /// <summary>Goes on reading a head.</summary>
    /// <param name="bytes">All bytes from the head's first byte on, what earlier calls saw included.</param>
    /// <param name="limits">What the head may measure.</param>
    /// <param name="head">Takes the result; reset before the first call for a head, unchanged between calls.</param>
    /// <returns>On <see cref="HeadStatus.Complete"/> the head ends at <see cref="RequestHead.Position"/>.</returns>
    public static HeadStatus Parse(ReadOnlySpan<byte> bytes, in HeadLimits limits, RequestHead head)
    {
        while (true)
        {
            var start = head.Position;
            var rest = bytes[start..];
            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
                return CheckUnfinished(rest, limits, head);

            // The LF must follow a CR, and no other CR may stand in the line: the value check below finds those.
            if (length == 0 || rest[length - 1] != '\r')
                return Refuse(head, RequestFault.LineEnd);
            var line = new Slice(start, length - 1);
            head.Position = start + length + 1;

            RequestFault? fault;
            if (head.HeadersStart == 0)
            {
                // One empty line before the request line is let pass (RFC 9112, section 2.2), not a second one.
                if (line.Length == 0 && start == 0)
                    continue;
                fault = line.Length > limits.RequestLine
                    ? RequestLineParser.FindFaultOfLong(line.Of(bytes), limits.RequestLine)
                    : RequestLineParser.Parse(bytes, line, head);
                head.HeadersStart = head.Position;
            }
            else if (line.Length == 0)
            {
                fault = CheckWhole(bytes, head);
                return fault is null ? HeadStatus.Complete : Refuse(head, fault);
            }
            else if (head.Position - head.HeadersStart > limits.HeaderBytes)
            {
                fault = RequestFault.HeadersTooLarge;
            }
            else if (head.HeaderCount >= limits.HeaderCount)
            {
                fault = RequestFault.TooManyHeaders;
            }
            else
            {
                fault = ParseHeaderLine(bytes, line, head);
            }

            if (fault is not null)
                return Refuse(head, fault);
        }
    }

    private static HeadStatus Refuse(RequestHead head, RequestFault fault)
    {
        head.Fault = fault;
        return HeadStatus.Refused;
    }

    /// <summary>A line that has not ended may already be too long, or no HTTP at all (a TLS greeting, say).</summary>
    private static HeadStatus CheckUnfinished(ReadOnlySpan<byte> rest, in HeadLimits limits, RequestHead head)
    {
        if (rest.IsEmpty)
            return HeadStatus.Incomplete;
        if (head.HeadersStart == 0)
        {
            if (rest.Length > limits.RequestLine + 1)
                return Refuse(head, RequestLineParser.FindFaultOfLong(rest[^1] == '\r' ? rest[..^1] : rest, limits.RequestLine));
            if (!HttpGrammar.IsTokenByte(rest[0]) && !(head.Position == 0 && rest.SequenceEqual("\r"u8)))
                return Refuse(head, RequestFault.Method);
        }
        else if (head.Position + rest.Length - head.HeadersStart > limits.HeaderBytes)
        {
            return Refuse(head, RequestFault.HeadersTooLarge);
        }

        return HeadStatus.Incomplete;
    }

    private static RequestFault? ParseHeaderLine(ReadOnlySpan<byte> bytes, Slice slice, RequestHead head)
    {
        var line = slice.Of(bytes);
        if (line[0] is (byte)' ' or (byte)'\t')
            return RequestFault.ObsoleteFold;
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !HttpGrammar.IsToken(line[..colon]))
            return RequestFault.HeaderName;
        var raw = line[(colon + 1)..];
        if (!HttpGrammar.IsFieldValue(raw))
            return RequestFault.HeaderValue;

        var from = 0;
        var to = raw.Length;
        while (from < to && raw[from] is (byte)' ' or (byte)'\t')
            from++;
        while (to > from && raw[to - 1] is (byte)' ' or (byte)'\t')
            to--;
        var header = new HeaderSlice(new Slice(slice.Start, colon), new Slice(slice.Start + colon + 1 + from, to - from));
        head.AddHeader(header);
        return RecordField(line[..colon], header.Value, bytes, head);
    }

    /// <summary>Takes note of the few fields that decide on framing and on the connection.</summary>
    private static RequestFault? RecordField(ReadOnlySpan<byte> name, Slice slice, ReadOnlySpan<byte> bytes, RequestHead head)
    {
        var value = slice.Of(bytes);
        switch (name.Length)
        {
            case 4 when Ascii.EqualsIgnoreCase(name, "host"u8):
                if (head.HasHost)
                    return RequestFault.HostRepeated;
                head.HasHost = true;
                head.Host = slice;
                return HttpGrammar.IsHost(value) ? null : RequestFault.HostMalformed;
            case 6 when Ascii.EqualsIgnoreCase(name, "expect"u8):
                if (Ascii.EqualsIgnoreCase(value, "100-continue"u8))
                    head.ExpectsContinue = true;
                else
                    head.ExpectsUnknown = true;
                return null;
            case 10 when Ascii.EqualsIgnoreCase(name, "connection"u8):
                RecordConnection(value, head);
                return null;
            case 14 when Ascii.EqualsIgnoreCase(name, "content-length"u8):
                if (head.ContentLength >= 0)
                    return RequestFault.ContentLengthRepeated;
                return ParseLength(value, head);
            case 17 when Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8):
                return RecordTransferEncoding(value, head);
            default:
                return null;
        }
    }

    private static void RecordConnection(ReadOnlySpan<byte> value, RequestHead head)
    {
        while (true)
        {
            var comma = value.IndexOf((byte)',');
            var token = HttpGrammar.TrimOws(comma < 0 ? value : value[..comma]);
            if (Ascii.EqualsIgnoreCase(token, "close"u8))
                head.ConnectionClose = true;
            else if (Ascii.EqualsIgnoreCase(token, "keep-alive"u8))
                head.ConnectionKeepAlive = true;
            if (comma < 0)
                return;
            value = value[(comma + 1)..];
        }
    }

    /// <summary>1*DIGIT that fits 63 bits, nothing else (RFC 9110, section 8.6).</summary>
    private static RequestFault? ParseLength(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (value.IsEmpty)
            return RequestFault.ContentLength;
        long length = 0;
        foreach (var digit in value)
        {
            if (!char.IsAsciiDigit((char)digit) || length > (long.MaxValue - 9) / 10)
                return RequestFault.ContentLength;
            length = (length * 10) + (digit - '0');
        }

        head.ContentLength = length;
        return null;
    }

    private static RequestFault? RecordTransferEncoding(ReadOnlySpan<byte> value, RequestHead head)
    {
        if (head.HasTransferEncoding)
            return RequestFault.CodingMalformed;
        head.HasTransferEncoding = true;
        if (Ascii.EqualsIgnoreCase(value, "chunked"u8))
        {
            head.IsChunked = true;
            return null;
        }

        return HttpGrammar.IsToken(value) ? RequestFault.CodingUnknown : RequestFault.CodingMalformed;
    }

    /// <summary>The rules that need the whole head.</summary>
    private static RequestFault? CheckWhole(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        if (head.HasTransferEncoding)
        {
            if (head.ContentLength >= 0)
                return RequestFault.LengthAndCoding;
            if (head.MinorVersion == 0)
                return RequestFault.CodingOnHttp10;
        }

        if (!head.HasHost)
            return head.MinorVersion == 0 ? null : RequestFault.HostMissing;
        return head.Form == TargetForm.Absolute && !SameHost(head.Authority.Of(bytes), head.Host.Of(bytes))
            ? RequestFault.HostDisagrees
            : null;
    }

    private static bool SameHost(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        Ascii.EqualsIgnoreCase(WithoutDefaultPort(one), WithoutDefaultPort(other));

    private static ReadOnlySpan<byte> WithoutDefaultPort(ReadOnlySpan<byte> host) =>
        host.EndsWith(":80"u8) && host[^4] != ':' ? host[..^3] : host;
}
