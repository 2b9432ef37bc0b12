using System.Buffers;

namespace Http.Server.Headers;

/// <summary>Entity tags as they stand on the wire, with quotes and <c>W/</c> (RFC 9110 section 8.8.3).</summary>
internal static class EntityTags
{
    // etagc: visible ASCII but the double quote, and obs-text. Commas are among them, so a list cannot be split at commas.
    private static readonly SearchValues<byte> TagBytes = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x100 - 0x21).Where(b => b is not ('"' or 0x7F)).Select(b => (byte)b)]);

    /// <summary>Whether <paramref name="tag"/> is one entity tag and nothing else.</summary>
    public static bool IsValid(ReadOnlySpan<byte> tag) => !tag.IsEmpty && TagLength(tag) == tag.Length;

    /// <summary>
    /// Compares the value of <c>If-Match</c> or <c>If-None-Match</c> with the tag of the current representation.
    /// </summary>
    /// <param name="list"><c>*</c>, which matches any representation, or a list of tags; an empty list matches none.</param>
    /// <param name="etag">The current tag, or nothing when the representation has none.</param>
    /// <param name="weak">Compare weakly, overlooking <c>W/</c>; strongly, a weak tag never matches (section 8.8.3.2).</param>
    /// <returns>Null when any part of the list is malformed: the caller ignores such a field.</returns>
    public static bool? Matches(ReadOnlySpan<byte> list, ReadOnlySpan<byte> etag, bool weak)
    {
        if (list is [(byte)'*']) return true;

        var matched = false;
        var commaDue = false;
        while (true)
        {
            list = list.TrimStart(" \t"u8);
            if (list.IsEmpty) return matched;
            if (list[0] == ',')
            {
                list = list[1..];
                commaDue = false;
                continue;
            }

            var length = TagLength(list);
            if (commaDue || length == 0) return null;
            matched |= AreSame(list[..length], etag, weak);
            list = list[length..];
            commaDue = true;
        }
    }

    private static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, bool weak)
    {
        if (!weak) return !IsWeak(one) && one.SequenceEqual(other);
        return Opaque(one).SequenceEqual(Opaque(other));
    }

    // "W/" is case-sensitive.
    private static bool IsWeak(ReadOnlySpan<byte> tag) => tag.StartsWith("W/"u8);

    private static ReadOnlySpan<byte> Opaque(ReadOnlySpan<byte> tag) => IsWeak(tag) ? tag[2..] : tag;

    /// <summary>Bytes of the tag that <paramref name="text"/> starts with, or 0 when it starts with none.</summary>
    private static int TagLength(ReadOnlySpan<byte> text)
    {
        var opaque = Opaque(text);
        if (opaque is not [(byte)'"', .. var rest]) return 0;
        var end = rest.IndexOfAnyExcept(TagBytes);
        return end >= 0 && rest[end] == '"' ? text.Length - rest.Length + end + 1 : 0;
    }
}
