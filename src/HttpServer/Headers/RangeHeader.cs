using System.Globalization;
using System.Text;

namespace Http.Server.Headers;

/// <summary>
/// The <c>Range</c> field for byte ranges (RFC 9110 sections 14.1.2 and 14.2). A field that is malformed, or costs more than the
/// whole representation would, is ignored rather than refused: the client then gets everything.
/// </summary>
internal static class RangeHeader
{
    /// <summary>Most ranges in one field. Download tools and PDF readers ask for a few at a time.</summary>
    public const int MaxRanges = 16;

    // RFC 9110 section 14.2 names "more than two overlapping ranges" as the mark of a broken or hostile client.
    private const int MaxOverlapping = 2;

    // The same section warns of many small ranges out of order and leaves the numbers open. Below about 1 KiB the headers of a
    // multipart part weigh as much as the part; up to four may come in any order, as when a reader looks up a few records.
    private const int TinyLength = 1024;
    private const int MaxTinyOutOfOrder = 4;

    /// <summary>
    /// Reads a field value. <paramref name="ranges"/> is emptied first; it holds the satisfiable ranges in the order asked for,
    /// ends clamped to the representation, when the outcome is <see cref="RangeOutcome.Satisfiable"/>, and else nothing.
    /// </summary>
    /// <param name="value">The field value, without white space around it.</param>
    /// <param name="length">Bytes of the selected representation. Of an empty one no <c>Content-Range</c> can state a part, and a
    /// client that asks from the start on wants all there is: the field is ignored, as nginx and Go do.</param>
    /// <param name="ranges">A list that the caller may use again for the next request.</param>
    public static RangeOutcome Parse(ReadOnlySpan<byte> value, long length, List<ByteRange> ranges)
    {
        ranges.Clear();
        var unit = "bytes="u8;
        if (value.Length < unit.Length || !Ascii.EqualsIgnoreCase(value[..unit.Length], unit)) return RangeOutcome.Ignored;

        if (length == 0) return RangeOutcome.Ignored;

        var outcome = ReadSet(value[unit.Length..], length, ranges);
        if (outcome == RangeOutcome.Satisfiable && IsAbsurd(ranges)) outcome = RangeOutcome.Ignored;
        if (outcome != RangeOutcome.Satisfiable) ranges.Clear();
        return outcome;
    }

    private static RangeOutcome ReadSet(ReadOnlySpan<byte> set, long length, List<ByteRange> ranges)
    {
        // The list rule allows white space only around a comma, so none before the first range.
        if (set is [(byte)' ' or (byte)'\t', ..] && !set.TrimStart(" \t"u8).StartsWith((byte)',')) return RangeOutcome.Ignored;

        var asked = 0;
        foreach (var part in set.Split((byte)','))
        {
            var spec = set[part].Trim(" \t"u8);
            if (spec.IsEmpty) continue;
            if (++asked > MaxRanges || !TryRead(spec, length, out var range)) return RangeOutcome.Ignored;
            if (range is not { } satisfiable) continue;
            ranges.Add(satisfiable);
        }

        if (asked == 0) return RangeOutcome.Ignored;
        return ranges.Count > 0 ? RangeOutcome.Satisfiable : RangeOutcome.Unsatisfiable;
    }

    /// <summary>False when malformed; a null range is well-formed but unsatisfiable.</summary>
    private static bool TryRead(ReadOnlySpan<byte> spec, long length, out ByteRange? range)
    {
        range = null;
        var dash = spec.IndexOf((byte)'-');
        if (dash < 0 || spec.Length == 1) return false;

        var first = spec[..dash];
        var last = spec[(dash + 1)..];
        if (!IsDigits(first) || !IsDigits(last)) return false;

        if (first.IsEmpty)
        {
            var suffix = Math.Min(Saturate(last), length);
            if (last.ContainsAnyExcept((byte)'0')) range = new ByteRange(length - suffix, suffix);
            return true;
        }

        var start = Saturate(first);
        var end = last.IsEmpty ? long.MaxValue : Saturate(last);
        if (end < start) return false;
        if (start < length) range = new ByteRange(start, Math.Min(end, length - 1) - start + 1);
        return true;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>The number, or the largest one when the digits are beyond 64 bits: no offset is as large.</summary>
    private static long Saturate(ReadOnlySpan<byte> digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    private static bool IsAbsurd(List<ByteRange> ranges)
    {
        var (overlapping, tiny, ascending) = (0, 0, true);
        for (var i = 0; i < ranges.Count; i++)
        {
            if (OverlapsAnother(ranges, i)) overlapping++;
            if (ranges[i].Length < TinyLength) tiny++;
            if (i > 0 && ranges[i].Start < ranges[i - 1].Start) ascending = false;
        }

        return overlapping > MaxOverlapping || (!ascending && tiny > MaxTinyOutOfOrder);
    }

    private static bool OverlapsAnother(List<ByteRange> ranges, int index)
    {
        var range = ranges[index];
        for (var i = 0; i < ranges.Count; i++)
        {
            if (i != index && range.Start <= ranges[i].End && ranges[i].Start <= range.End) return true;
        }

        return false;
    }
}
