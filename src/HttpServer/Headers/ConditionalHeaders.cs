using System.Text;
using Http.Server.Protocol;

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

    /// <summary>Collects the conditional fields of a request, and Range, in one pass.</summary>
    /// <param name="head">The request's head.</param>
    /// <param name="bytes">The bytes that it was read from.</param>
    /// <param name="range">The value of Range; empty if there is none.</param>
    public static ConditionalHeaders Read(RequestHead head, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> range)
    {
        range = default;
        ReadOnlySpan<byte> match = default, noneMatch = default, modified = default, unmodified = default, ifRange = default;
        bool hasMatch = false, hasNoneMatch = false, hasModified = false, hasUnmodified = false, hasIfRange = false;
        bool isMatchRepeated = false, isNoneMatchRepeated = false;
        foreach (ref readonly var header in head.Headers)
        {
            // Every other header is told apart by its length or first letter.
            var name = header.Name.Of(bytes);
            if ((name[0] | 0x20) is not ('i' or 'r'))
                continue;
            var value = header.Value.Of(bytes);
            switch (name.Length)
            {
                case 5 when Ascii.EqualsIgnoreCase(name, "range"u8):
                    range = range.IsEmpty ? value : "repeated"u8;
                    break;
                case 8 when Ascii.EqualsIgnoreCase(name, "if-match"u8):
                    match = hasMatch ? default : value;
                    isMatchRepeated = hasMatch;
                    hasMatch = true;
                    break;
                case 8 when Ascii.EqualsIgnoreCase(name, "if-range"u8):
                    ifRange = hasIfRange ? default : value;
                    hasIfRange = true;
                    break;
                case 13 when Ascii.EqualsIgnoreCase(name, "if-none-match"u8):
                    noneMatch = hasNoneMatch ? default : value;
                    isNoneMatchRepeated = hasNoneMatch;
                    hasNoneMatch = true;
                    break;
                case 17 when Ascii.EqualsIgnoreCase(name, "if-modified-since"u8):
                    modified = hasModified ? default : value;
                    hasModified = true;
                    break;
                case 19 when Ascii.EqualsIgnoreCase(name, "if-unmodified-since"u8):
                    unmodified = hasUnmodified ? default : value;
                    hasUnmodified = true;
                    break;
            }
        }

        return new ConditionalHeaders
        {
            IfMatch = isMatchRepeated ? RepeatedField.Read(head, bytes, "if-match"u8) : match,
            HasIfMatch = hasMatch,
            IfNoneMatch = isNoneMatchRepeated ? RepeatedField.Read(head, bytes, "if-none-match"u8) : noneMatch,
            HasIfNoneMatch = hasNoneMatch,
            IfModifiedSince = modified,
            HasIfModifiedSince = hasModified,
            IfUnmodifiedSince = unmodified,
            HasIfUnmodifiedSince = hasUnmodified,
            IfRange = ifRange,
            HasIfRange = hasIfRange,
        };
    }
}
