namespace Http.Server.Protocol;

/// <summary>Why a request is refused: the status for the client and a sentence that names the broken rule.</summary>
/// <remarks>The faults are fixed texts, so that nothing of a hostile request is copied into an answer.</remarks>
internal sealed record RequestFault(int Status, string Reason)
{
    public static readonly RequestFault RequestLineTooLong = new(414, "The request line is too long");
    public static readonly RequestFault HeadersTooLarge = new(431, "The header fields are too large");
    public static readonly RequestFault TooManyHeaders = new(431, "There are too many header fields");
    public static readonly RequestFault LineEnd = new(400, "A line does not end in CRLF");
    public static readonly RequestFault TlsGreeting = new(400,
        "This port speaks plain HTTP: the address begins with http://, not with https://");
    public static readonly RequestFault RequestLine = new(400, "The request line is not 'METHOD target HTTP/x.y'");
    public static readonly RequestFault Method = new(400, "The method is not a token");
    public static readonly RequestFault MethodTooLong = new(400, "The method is too long");
    public static readonly RequestFault Target = new(400, "The request target has an illegal character or form");
    public static readonly RequestFault TargetNotAscii = new(400,
        "The path has a character beyond ASCII: percent-encode it, as in /caf%C3%A9");
    public static readonly RequestFault Version = new(400, "The protocol version is not HTTP/ and two digits");
    public static readonly RequestFault VersionUnsupported = new(505, "This server speaks HTTP/1.1 and HTTP/1.0");
    public static readonly RequestFault HeaderName = new(400, "A header name is not a token followed by a colon");
    public static readonly RequestFault HeaderValue = new(400, "A header value has an illegal character");
    public static readonly RequestFault ObsoleteFold = new(400, "A header line is folded");
    public static readonly RequestFault HostMissing = new(400, "HTTP/1.1 requires a Host header");
    public static readonly RequestFault HostRepeated = new(400, "The Host header is repeated");
    public static readonly RequestFault HostMalformed = new(400, "The Host header is malformed");
    public static readonly RequestFault HostDisagrees = new(400, "The Host header and the request target name different hosts");
    public static readonly RequestFault ContentLength = new(400, "Content-Length is not one decimal number");
    public static readonly RequestFault ContentLengthRepeated = new(400, "Content-Length is repeated");
    public static readonly RequestFault LengthAndCoding = new(400, "Content-Length and Transfer-Encoding exclude each other");
    public static readonly RequestFault CodingOnHttp10 = new(400, "HTTP/1.0 has no Transfer-Encoding");
    public static readonly RequestFault CodingMalformed = new(400, "Transfer-Encoding must be chunked, once and last");
    public static readonly RequestFault CodingUnknown = new(501, "The only supported transfer coding is chunked");
    public static readonly RequestFault BodyTooLarge = new(413, "The request body is too large");
    public static readonly RequestFault BodyTruncated = new(400, "The request body ended early");
    public static readonly RequestFault HeadTruncated = new(400, "The request head ended early");
    public static readonly RequestFault HeadTooSlow = new(408, "The request head did not arrive in time");
    public static readonly RequestFault BodyTooSlow = new(408, "The request body arrives too slowly");
    public static readonly RequestFault ChunkSize = new(400, "A chunk does not begin with its hexadecimal size");
    public static readonly RequestFault ChunkExtension = new(400, "A chunk extension is malformed or too long");
    public static readonly RequestFault ChunkEnd = new(400, "A chunk does not end in CRLF");
    public static readonly RequestFault Trailer = new(400, "A trailer field is malformed");
    public static readonly RequestFault TrailersTooLarge = new(431, "The trailer fields are too large");
    public static readonly RequestFault TooBusy = new(503, "Too much of this kind is under way");
    public static readonly RequestFault BoundaryMissing = new(400, "The multipart body has no line with its boundary");
    public static readonly RequestFault MultipartTruncated = new(400, "The multipart body ended before its closing boundary");
    public static readonly RequestFault PartLineEnd = new(400, "A header line of a part does not end in CRLF");
    public static readonly RequestFault PartHeader = new(400, "A header line of a part is not 'name: value'");
    public static readonly RequestFault PartHeadersTooLarge = new(431, "The header fields of a part are too large");
    public static readonly RequestFault PartTooManyHeaders = new(431, "A part has too many header fields");
}
