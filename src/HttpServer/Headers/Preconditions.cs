using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>
/// Conditional requests (RFC 9110 section 13). Everywhere here <c>etag</c> is the current tag as on the wire, empty when there
/// is none, and <c>lastModifiedUtc</c> is the current modification date, the default value when there is none.
/// </summary>
internal static class Preconditions
{
    /// <summary>
    /// Evaluates the fields in the order of RFC 9110 section 13.2.2, for a target that has a current representation. Dates are
    /// compared in whole seconds. A malformed field has no effect, but still makes the date field that it outranks be ignored:
    /// the RFC asks whether the request contains it, not whether it is valid. An <c>If-Modified-Since</c> in the future counts
    /// like any other.
    /// </summary>
    public static PreconditionOutcome Evaluate(
        in ConditionalHeaders headers, ReadOnlySpan<byte> etag, DateTime lastModifiedUtc, DateTime utcNow, bool isGetOrHead)
    {
        if (headers.HasIfMatch)
        {
            if (EntityTags.Matches(headers.IfMatch, etag, weak: false) == false) return PreconditionOutcome.Failed;
        }
        else if (headers.HasIfUnmodifiedSince
            && IsModifiedSince(headers.IfUnmodifiedSince, lastModifiedUtc, utcNow) == true)
        {
            return PreconditionOutcome.Failed;
        }

        if (headers.HasIfNoneMatch)
        {
            if (EntityTags.Matches(headers.IfNoneMatch, etag, weak: true) == true)
                return isGetOrHead ? PreconditionOutcome.NotModified : PreconditionOutcome.Failed;
        }
        else if (isGetOrHead && headers.HasIfModifiedSince
            && IsModifiedSince(headers.IfModifiedSince, lastModifiedUtc, utcNow) == false)
        {
            return PreconditionOutcome.NotModified;
        }

        return PreconditionOutcome.Proceed;
    }

    /// <summary>
    /// Whether <c>Range</c> may be honoured (RFC 9110 section 13.1.5): true without a condition, and when the validator of
    /// <c>If-Range</c> is strong and exactly the current one. A malformed value does not hold, since the whole representation is
    /// always right. A modification date is strong only when it is a second old or more: before that the same date could cover
    /// two versions (section 8.8.2.2). <c>If-Unmodified-Since</c> joins parts by a date as well, so it wants a strong one too.
    /// </summary>
    /// <param name="headers">The request's fields.</param>
    /// <param name="etag">The current tag.</param>
    /// <param name="lastModifiedUtc">The modification date; the default value where it may stand for two versions.</param>
    /// <param name="utcNow">The time.</param>
    public static bool RangeHolds(
        in ConditionalHeaders headers, ReadOnlySpan<byte> etag, DateTime lastModifiedUtc, DateTime utcNow)
    {
        if (!headers.HasIfRange)
        {
            return !headers.HasIfUnmodifiedSince || headers.HasIfMatch
                || (lastModifiedUtc != default && utcNow - lastModifiedUtc >= TimeSpan.FromSeconds(1));
        }

        if (EntityTags.IsValid(headers.IfRange)) return EntityTags.Matches(headers.IfRange, etag, weak: false) == true;

        return lastModifiedUtc != default
            && HttpDate.TryParse(headers.IfRange, utcNow, out var date)
            && date == WholeSeconds(lastModifiedUtc)
            && utcNow - lastModifiedUtc >= TimeSpan.FromSeconds(1);
    }

    /// <summary>Null when the value is no date or the representation has none; the field is then ignored.</summary>
    private static bool? IsModifiedSince(ReadOnlySpan<byte> value, DateTime lastModifiedUtc, DateTime utcNow) =>
        lastModifiedUtc != default && HttpDate.TryParse(value, utcNow, out var date)
            ? WholeSeconds(lastModifiedUtc) > date
            : null;

    private static DateTime WholeSeconds(DateTime utc) => utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerSecond));
}
