using System.Text;

namespace Http.Server.Protocol;

/// <summary>Reads the first line of a request head (RFC 9112, section 3); strict, without I/O.</summary>
internal static class RequestLineParser
{
    /// <summary>414 speaks of the address: where the method or the version takes the room, the line is malformed.</summary>
    public static RequestFault FindFaultOfLong(ReadOnlySpan<byte> line, int max)
    {
        var space = line[..max].IndexOf((byte)' ');
        if (!HttpGrammar.IsToken(line[..(space < 0 ? max : space)]))
            return RequestFault.Method;
        if (space < 0)
            return RequestFault.MethodTooLong;
        line = line[(space + 1)..];
        space = line.IndexOf((byte)' ');
        return space >= 0 && line.Length - space - 1 > "HTTP/1.1".Length ? RequestFault.Version : RequestFault.RequestLineTooLong;
    }

    /// <summary>Reads a request line into positions.</summary>
    public static RequestFault? Parse(ReadOnlySpan<byte> bytes, Slice slice, RequestHead head)
    {
        var line = slice.Of(bytes);
        head.RequestLine = slice;
        var first = line.IndexOf((byte)' ');
        if (first < 0)
            return HttpGrammar.IsToken(line) ? RequestFault.RequestLine : RequestFault.Method;
        if (!HttpGrammar.IsToken(line[..first]))
            return RequestFault.Method;
        var second = line[(first + 1)..].IndexOf((byte)' ');
        if (second < 0)
            return RequestFault.RequestLine;
        second += first + 1;

        head.Method = new Slice(slice.Start, first);
        head.Target = new Slice(slice.Start + first + 1, second - first - 1);
        return ParseVersion(line[(second + 1)..], head) ?? ParseTarget(bytes, head);
    }

    private static RequestFault? ParseVersion(ReadOnlySpan<byte> version, RequestHead head)
    {
        if (version.SequenceEqual("HTTP/1.1"u8))
        {
            head.MinorVersion = 1;
            return null;
        }

        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || version[6] != '.'
            || !char.IsAsciiDigit((char)version[5]) || !char.IsAsciiDigit((char)version[7]))
            return RequestFault.Version;
        if (version[5] != '1')
            return RequestFault.VersionUnsupported;
        head.MinorVersion = version[7] == '0' ? 0 : 1;
        return null;
    }

    private static RequestFault? ParseTarget(ReadOnlySpan<byte> bytes, RequestHead head)
    {
        var target = head.Target.Of(bytes);
        var method = head.Method.Of(bytes);
        if (FindFaultOfText(target) is { } fault)
            return fault;
        if (method.SequenceEqual("CONNECT"u8))
        {
            head.Form = TargetForm.Authority;
            head.PathAndQuery = head.Target;
            return HttpGrammar.IsHost(target) && target.Contains((byte)':') ? null : RequestFault.Target;
        }

        if (target[0] == '/')
        {
            head.Form = TargetForm.Origin;
            head.PathAndQuery = head.Target;
            return null;
        }

        if (target.SequenceEqual("*"u8))
        {
            head.Form = TargetForm.Asterisk;
            head.PathAndQuery = head.Target;
            return method.SequenceEqual("OPTIONS"u8) ? null : RequestFault.Target;
        }

        return ParseAbsolute(target, head);
    }

    private static RequestFault? FindFaultOfText(ReadOnlySpan<byte> target)
    {
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        if (target.IsEmpty || (mark >= 0 && !HttpGrammar.IsQueryText(target[mark..])))
            return RequestFault.Target;
        if (HttpGrammar.IsTargetText(path))
            return null;
        // Bytes beyond ASCII could be of any encoding. Control characters are the more serious fault, and are reported first.
        return HttpGrammar.IsQueryText(path) ? RequestFault.TargetNotAscii : RequestFault.Target;
    }

    private static RequestFault? ParseAbsolute(ReadOnlySpan<byte> target, RequestHead head)
    {
        var scheme = target.IndexOf("://"u8);
        if (scheme < 0 || !(Ascii.EqualsIgnoreCase(target[..scheme], "http"u8)
            || Ascii.EqualsIgnoreCase(target[..scheme], "https"u8)))
            return RequestFault.Target;
        var start = scheme + 3;
        var length = target[start..].IndexOfAny((byte)'/', (byte)'?');
        if (length < 0)
            length = target.Length - start;
        // User information in a target is refused with the rest that is no host (RFC 9110, section 4.2.4).
        if (!HttpGrammar.IsHost(target.Slice(start, length)))
            return RequestFault.Target;
        var path = start + length;
        if (path < target.Length && target[path] == '?')
            return RequestFault.Target;
        head.Form = TargetForm.Absolute;
        head.Authority = new Slice(head.Target.Start + start, length);
        head.PathAndQuery = new Slice(head.Target.Start + path, target.Length - path);
        return null;
    }
}
