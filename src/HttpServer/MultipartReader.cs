using Http.Server.Multipart;
using Http.Server.Work;

namespace Http.Server;

/// <summary>
/// Reads a multipart body part by part while it arrives, a submitted form (<c>multipart/form-data</c>, RFC 7578) above all.
/// Memory does not grow with the size of the parts: bytes that are not read are skipped, and none are kept.
/// </summary>
/// <remarks>
/// What stands before the first boundary and after the last is skipped. Lines end in CRLF alone; a boundary with anything but
/// white space behind it is content. A part may have 32 header fields of 16 KiB together; the number of parts is for the caller
/// to limit, by <see cref="PartCount"/>. One call at a time.
/// </remarks>
public sealed class MultipartReader
{
    private readonly MultipartSource _source;
    private MultipartPart? _part;
    private HttpHeaders? _headers;

    /// <summary>Makes a reader; it reads nothing yet.</summary>
    /// <param name="body">The body, <see cref="BaseHttpRequestHandler.Rfile"/> say. It is not closed.</param>
    /// <param name="boundary">The boundary, as <see cref="BoundaryOf"/> takes it from the <c>Content-Type</c>.</param>
    /// <exception cref="ArgumentException">The body cannot be read, or the boundary is none that RFC 2046 allows.</exception>
    public MultipartReader(Stream body, string boundary)
        : this(body, boundary, null)
    {
    }

    /// <param name="body">The body.</param>
    /// <param name="boundary">The boundary.</param>
    /// <param name="budget">What the buffers of all readers for slow clients may take, beyond a small one each; see
    /// <see cref="Release"/>.</param>
    internal MultipartReader(Stream body, string boundary, ByteBudget? budget)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(boundary);
        if (!body.CanRead)
            throw new ArgumentException("The stream is not for reading: give the request's body.", nameof(body));
        if (!MultipartBoundary.IsValid(boundary))
        {
            throw new ArgumentException(
                "A boundary is 1 to 70 letters, digits, spaces or '()+_,-./:=? and does not end in a space: "
                + "take it from the Content-Type with BoundaryOf.",
                nameof(boundary));
        }

        _source = new MultipartSource(body, boundary, budget);
    }

    /// <summary>How many parts have been read so far.</summary>
    public int PartCount { get; private set; }

    /// <summary>The boundary in a <c>Content-Type</c>, with or without quotes.</summary>
    /// <param name="contentType">The header's value; null if there is none.</param>
    /// <returns>Null if the type is not <c>multipart/*</c>, or has not one valid boundary (RFC 2046, section 5.1.1).</returns>
    public static string? BoundaryOf(string? contentType) => MultipartBoundary.Of(contentType);

    /// <summary>Gives back what the reader has taken of its budget. Nothing is read any more.</summary>
    internal void Release() => _source.Release();

    /// <summary>Goes to the next part; what was not read of the one before is passed over, and its body closed.</summary>
    /// <param name="cancellationToken">Gives up; the call can be made again.</param>
    /// <returns>Null after the last part, when the body has been read to its end.</returns>
    /// <exception cref="RequestFaultException">
    /// The body is broken: it has no boundary, ends before the last one, or has a part with malformed headers (400), or with too
    /// many or too large ones (431). Reading on throws the same again.
    /// </exception>
    /// <exception cref="IOException">The body could not be read.</exception>
    public async ValueTask<MultipartPart?> ReadPartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _part?.Body.Dispose();
        // A call that was cancelled in the middle of a head has left it here.
        if (_headers is null)
        {
            if (!await _source.MoveToPartAsync(cancellationToken).ConfigureAwait(false))
                return null;
            _headers = new HttpHeaders();
        }

        while (await _source.ReadHeaderAsync(cancellationToken).ConfigureAwait(false) is { } header)
            _headers.Add(header.Key, header.Value);
        _part = new MultipartPart(_headers, new PartBody(_source));
        _headers = null;
        PartCount++;
        return _part;
    }
}
