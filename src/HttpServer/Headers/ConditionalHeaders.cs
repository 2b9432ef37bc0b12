namespace Http.Server.Headers;

/// <summary>
/// The raw values of the conditional request fields (RFC 9110 section 13.1). A field that is present but empty differs from an
/// absent one: set its <c>Has</c> property. A value that is not empty counts as present by itself.
/// </summary>
internal readonly ref struct ConditionalHeaders
{
    /// <summary>Whether the request has <c>If-Match</c>.</summary>
    public bool HasIfMatch { get => field || !IfMatch.IsEmpty; init; }

    /// <summary>The value of <c>If-Match</c>.</summary>
    public ReadOnlySpan<byte> IfMatch { get; init; }

    /// <summary>Whether the request has <c>If-None-Match</c>.</summary>
    public bool HasIfNoneMatch { get => field || !IfNoneMatch.IsEmpty; init; }

    /// <summary>The value of <c>If-None-Match</c>.</summary>
    public ReadOnlySpan<byte> IfNoneMatch { get; init; }

    /// <summary>Whether the request has <c>If-Modified-Since</c>.</summary>
    public bool HasIfModifiedSince { get => field || !IfModifiedSince.IsEmpty; init; }

    /// <summary>The value of <c>If-Modified-Since</c>.</summary>
    public ReadOnlySpan<byte> IfModifiedSince { get; init; }

    /// <summary>Whether the request has <c>If-Unmodified-Since</c>.</summary>
    public bool HasIfUnmodifiedSince { get => field || !IfUnmodifiedSince.IsEmpty; init; }

    /// <summary>The value of <c>If-Unmodified-Since</c>.</summary>
    public ReadOnlySpan<byte> IfUnmodifiedSince { get; init; }

    /// <summary>Whether the request has <c>If-Range</c>.</summary>
    public bool HasIfRange { get => field || !IfRange.IsEmpty; init; }

    /// <summary>The value of <c>If-Range</c>.</summary>
    public ReadOnlySpan<byte> IfRange { get; init; }
}
