using Http.Server.Headers;

namespace Http.Server;

/// <summary>One part of a multipart body, a field of a form say, as <see cref="MultipartReader"/> reads it.</summary>
/// <remarks>All of it is the client's word. A name may hold any character but NUL, line breaks among them.</remarks>
public sealed class MultipartPart
{
    internal MultipartPart(HttpHeaders headers, Stream body)
    {
        Headers = headers;
        Body = body;
        (Name, FileName) = ContentDisposition.Parse(headers["Content-Disposition"]);
    }

    /// <summary>The part's header fields. Their values are read as UTF-8, or as Latin-1 where they are not valid UTF-8.</summary>
    public HttpHeaders Headers { get; }

    /// <summary>
    /// The field's name, from <c>Content-Disposition</c> (RFC 7578, section 4.2) with the escapes of browsers and curl undone;
    /// null if that header has none, or is malformed.
    /// </summary>
    public string? Name { get; }

    /// <summary>
    /// The name of an uploaded file, from <c>filename*</c> (RFC 8187) or else <c>filename</c>, without any path before it; null
    /// if the part is no file, or its <c>Content-Disposition</c> is malformed. It is empty if the user chose no file, and it may
    /// be <c>..</c> or a name that this system does not take.
    /// </summary>
    public string? FileName { get; }

    /// <summary>The part's <c>Content-Type</c>; null, which means plain text, if it has none (RFC 7578, section 4.4).</summary>
    public string? ContentType => Headers["Content-Type"];

    /// <summary>
    /// The part's content, to be read once and forwards; it ends where the part ends. The next call of
    /// <see cref="MultipartReader.ReadPartAsync"/> closes it. One that ends without a boundary throws
    /// <see cref="RequestFaultException"/>.
    /// </summary>
    public Stream Body { get; }
}
