using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Http.Server;

/// <summary>
/// The IANA HTTP Status Code Registry with the phrases of RFC 9110 and the later RFCs: 413, 416 and 422 differ from older
/// lists. 418 is unused in the registry; its phrase is that of RFC 2324, as in Python's <c>HTTPStatus</c>.
/// </summary>
public static class HttpReasons
{
    private const int First = 100;
    private const int Last = 511;

    // Indexed by code - First; the phrase of a code that is not registered is null. An array, since each answer looks here.
    private static readonly HttpReason[] ByCode = FillByCode();

    /// <summary>All registered codes in ascending order. Read-only; made when first asked for.</summary>
    public static IReadOnlyDictionary<int, HttpReason> All => field ??= CollectAll();

    /// <summary>Finds the phrase and explanation of a registered code; false for any other number.</summary>
    public static bool TryGet(int code, [MaybeNullWhen(false)] out HttpReason reason)
    {
        reason = code is >= First and <= Last ? ByCode[code - First] : default;
        return reason.Phrase is not null;
    }

    /// <summary>
    /// The reason phrase of a code, or an empty string: RFC 9112, section 4 lets a status line end with no phrase.
    /// </summary>
    public static string PhraseOf(int code) => TryGet(code, out var reason) ? reason.Phrase : "";

    private static ReadOnlyDictionary<int, HttpReason> CollectAll()
    {
        var all = new Dictionary<int, HttpReason>();
        for (int code = First; code <= Last; code++)
        {
            if (TryGet(code, out var reason))
                all.Add(code, reason);
        }

        return all.AsReadOnly();
    }

    private static HttpReason[] FillByCode()
    {
        var table = new HttpReason[Last - First + 1];
        void Add(int code, string phrase, string explanation) => table[code - First] = new HttpReason(phrase, explanation);

        Add(100, "Continue", "The start of the request is fine; send the rest");
        Add(101, "Switching Protocols", "The connection goes on with the protocol named in Upgrade");
        Add(102, "Processing", "The request was received and is still being worked on");
        Add(103, "Early Hints", "Some headers of the answer, sent before the answer is ready");
        Add(104, "Upload Resumption Supported", "The upload can be resumed if it is interrupted");

        Add(200, "OK", "The request succeeded");
        Add(201, "Created", "A new resource was made; Location or the address itself names it");
        Add(202, "Accepted", "The request will be worked on later");
        Add(203, "Non-Authoritative Information", "The answer was changed by a proxy on its way");
        Add(204, "No Content", "The request succeeded and there is nothing to send back");
        Add(205, "Reset Content", "The request succeeded; clear the form it came from");
        Add(206, "Partial Content", "Here are the parts that were asked for");
        Add(207, "Multi-Status", "The body holds a status for each of several resources");
        Add(208, "Already Reported", "The members of this collection were listed before");
        Add(226, "IM Used", "The body is the outcome of changes applied to the resource");

        Add(300, "Multiple Choices", "The resource has several forms; choose one of them");
        Add(301, "Moved Permanently", "The resource has a new address for good");
        Add(302, "Found", "The resource is at another address for now");
        Add(303, "See Other", "The answer is at another address; fetch it with GET");
        Add(304, "Not Modified", "The copy that the client has is still good");
        Add(305, "Use Proxy", "The resource was to be reached through a proxy; no longer in use");
        Add(306, "(Unused)", "This code is reserved and has no meaning now");
        Add(307, "Temporary Redirect", "The resource is at another address for now; repeat the same request there");
        Add(308, "Permanent Redirect", "The resource has a new address for good; repeat the same request there");

        Add(400, "Bad Request", "The request is malformed or not supported");
        Add(401, "Unauthorized", "Valid credentials are needed for this resource");
        Add(402, "Payment Required", "Reserved for payment schemes");
        Add(403, "Forbidden", "The request was understood and is refused; credentials will not help");
        Add(404, "Not Found", "Nothing matches the given address");
        Add(405, "Method Not Allowed", "This resource does not take the method; Allow lists those it takes");
        Add(406, "Not Acceptable", "The resource has no form that the Accept headers allow");
        Add(407, "Proxy Authentication Required", "The proxy needs valid credentials first");
        Add(408, "Request Timeout", "The request took too long to arrive");
        Add(409, "Conflict", "The request does not fit the present state of the resource");
        Add(410, "Gone", "The resource was removed for good");
        Add(411, "Length Required", "The client must say how long the body is");
        Add(412, "Precondition Failed", "A condition in the headers does not hold");
        Add(413, "Content Too Large", "The body is larger than this server takes");
        Add(414, "URI Too Long", "The address is longer than this server takes");
        Add(415, "Unsupported Media Type", "The body is in a format that this resource does not take");
        Add(416, "Range Not Satisfiable", "None of the requested ranges lies within the resource");
        Add(417, "Expectation Failed", "The Expect header asks for something that cannot be met");
        Add(418, "I'm a teapot", "The server is a teapot and will not brew coffee");
        Add(421, "Misdirected Request", "This server does not answer for the requested host");
        Add(422, "Unprocessable Content", "The body is well formed but its meaning cannot be worked with");
        Add(423, "Locked", "The resource is locked");
        Add(424, "Failed Dependency", "Another request that this one depends on has failed");
        Add(425, "Too Early", "The request might be a replay and is not risked; send it again later");
        Add(426, "Upgrade Required", "The client must change to the protocol named in Upgrade");
        Add(428, "Precondition Required", "The request must carry a condition such as If-Match");
        Add(429, "Too Many Requests", "The client has sent too many requests in too short a time");
        Add(431, "Request Header Fields Too Large", "The headers are larger than this server takes");
        Add(451, "Unavailable For Legal Reasons", "The law does not let the server show this resource");

        Add(500, "Internal Server Error", "The server met a fault of its own");
        Add(501, "Not Implemented", "The server does not support what this request needs");
        Add(502, "Bad Gateway", "A server or program behind this one gave an invalid answer");
        Add(503, "Service Unavailable", "The server cannot answer now, because of load or maintenance");
        Add(504, "Gateway Timeout", "A server or program behind this one did not answer in time");
        Add(505, "HTTP Version Not Supported", "The server does not speak this version of HTTP");
        Add(506, "Variant Also Negotiates", "The chosen form of the resource is itself one to be chosen from");
        Add(507, "Insufficient Storage", "The server has no room to store what the request needs");
        Add(508, "Loop Detected", "The request runs in an endless circle");
        Add(510, "Not Extended", "The request needs an extension that it does not name");
        Add(511, "Network Authentication Required", "The client must log in to the network first");
        return table;
    }
}
