using System.Text;

namespace Http.Server.WebSockets.Frames;

/// <summary>The statuses of a close (RFC 6455, section 7.4, and IANA's registry).</summary>
internal static class CloseCode
{
    public const int Normal = 1000;
    public const int GoingAway = 1001;
    public const int ProtocolError = 1002;
    public const int NoStatus = 1005;
    public const int Lost = 1006;
    public const int InvalidData = 1007;
    public const int PolicyViolation = 1008;
    public const int TooBig = 1009;
    public const int InternalError = 1011;
    public const int TryAgainLater = 1013;

    /// <summary>Longest reason in bytes: with the status it is the 125 bytes of a control frame.</summary>
    public const int MaxReasonLength = 123;

    /// <summary>Whether a frame may carry the status: 1004 to 1006 and 1015 are for programs alone.</summary>
    public static bool IsSendable(int code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    /// <summary>The text as far as a close can carry it.</summary>
    public static string ShortenReason(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > MaxReasonLength)
            reason = reason[..^(char.IsLowSurrogate(reason[^1]) ? 2 : 1)];
        return reason;
    }

    /// <summary>Makes the frame of a close, as a server sends it.</summary>
    public static byte[] MakeFrame(int code, string reason)
    {
        var frame = new byte[4 + Encoding.UTF8.GetByteCount(reason)];
        (frame[0], frame[1], frame[2], frame[3]) = (0x88, (byte)(frame.Length - 2), (byte)(code >> 8), (byte)code);
        Encoding.UTF8.GetBytes(reason, frame.AsSpan(4));
        return frame;
    }

    /// <summary>Throws if a close of that kind cannot be sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The status is none that may be sent.</exception>
    /// <exception cref="ArgumentException">The reason is too long.</exception>
    public static void Check(int code, string reason)
    {
        if (!IsSendable(code))
            throw new ArgumentOutOfRangeException(nameof(code), code,
                "The status of a close is 1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4).");
        if (Encoding.UTF8.GetByteCount(reason) > MaxReasonLength)
            throw new ArgumentException($"The reason of a close has {MaxReasonLength} bytes at most.", nameof(reason));
    }
}
