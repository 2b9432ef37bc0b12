using System.Text;

namespace Http.Server.Protocol;

/// <summary>
/// What <see cref="RequestHeadParser"/> found in the bytes of one request head. One object serves all requests of a
/// connection: it holds positions only, so nothing is allocated per request.
/// </summary>
internal sealed class RequestHead
{
    private HeaderSlice[] _headers = new HeaderSlice[16];

    /// <summary>Where the next unread line begins: the parser goes on from here when more bytes have come.</summary>
    public int Position { get; set; }

    /// <summary>Where the first header line begins; 0 while the request line is not read.</summary>
    public int HeadersStart { get; set; }

    /// <summary>The request line without CRLF, empty while it is not read.</summary>
    public Slice RequestLine { get; set; }

    public Slice Method { get; set; }

    /// <summary>The whole request target as sent.</summary>
    public Slice Target { get; set; }

    public TargetForm Form { get; set; }

    /// <summary>The part of the target from its path on; for <c>*</c> and authority-form the target itself.</summary>
    /// <remarks>Empty for an absolute-form without a path, which stands for <c>/</c>.</remarks>
    public Slice PathAndQuery { get; set; }

    /// <summary>The authority of an absolute-form target.</summary>
    public Slice Authority { get; set; }

    /// <summary>The minor version: 0 or 1, where 1 also stands for every later HTTP/1.x (RFC 9110, section 2.5).</summary>
    public int MinorVersion { get; set; }

    public int HeaderCount { get; private set; }

    public ReadOnlySpan<HeaderSlice> Headers => _headers.AsSpan(0, HeaderCount);

    public bool HasHost { get; set; }

    public Slice Host { get; set; }

    /// <summary>The declared length of the body in bytes; -1 if none is declared.</summary>
    public long ContentLength { get; set; }

    public bool HasTransferEncoding { get; set; }

    public bool IsChunked { get; set; }

    public bool ConnectionClose { get; set; }

    public bool ConnectionKeepAlive { get; set; }

    public bool ExpectsContinue { get; set; }

    /// <summary>There is an Expect header that asks for something else than <c>100-continue</c>.</summary>
    public bool ExpectsUnknown { get; set; }

    /// <summary>Set when the parser answered <see cref="HeadStatus.Refused"/>.</summary>
    public RequestFault? Fault { get; set; }

    public bool HasBody => IsChunked || ContentLength > 0;

    public void Reset()
    {
        Position = HeadersStart = HeaderCount = 0;
        RequestLine = Method = Target = PathAndQuery = Authority = Host = default;
        Form = TargetForm.Origin;
        MinorVersion = 0;
        ContentLength = -1;
        HasHost = HasTransferEncoding = IsChunked = false;
        ConnectionClose = ConnectionKeepAlive = ExpectsContinue = ExpectsUnknown = false;
        Fault = null;
    }

    public void AddHeader(HeaderSlice header)
    {
        if (HeaderCount == _headers.Length)
            Array.Resize(ref _headers, HeaderCount * 2);
        _headers[HeaderCount++] = header;
    }

    /// <summary>
    /// The value of the first field of this name (given in lower case), or an empty span with <paramref name="found"/>
    /// false.
    /// </summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name, out bool found)
    {
        foreach (ref readonly var header in Headers)
        {
            if (header.Name.Length == name.Length && Ascii.EqualsIgnoreCase(header.Name.Of(head), name))
            {
                found = true;
                return header.Value.Of(head);
            }
        }

        found = false;
        return default;
    }
}
