using System.Buffers;
using System.Numerics;

namespace Http.Server.PowerShell.Routing;

/// <summary>
/// Divides a text among two or more placeholders with literal text between them, such as <c>{id:int}-{name}</c>. Each, from the
/// left, takes as much as it can while the others still find a place: if there is any way to divide the text, one is found.
/// </summary>
/// <remarks>
/// Clients choose the text, so there is no backtracking. From the last placeholder to the first, every position is marked at
/// which a placeholder may end such that what follows it fits; then each takes the last marked end that it accepts.
/// </remarks>
internal readonly ref struct SegmentSplitter
{
    private const int BitsPerWord = 64;

    // Marks for a few placeholders in texts of usual length: 1 KiB of stack.
    private const int MaxStackWords = 128;

    private readonly ReadOnlySpan<char> _text;
    private readonly string[] _literals;
    private readonly RoutePlaceholder[] _placeholders;
    private readonly Span<ulong> _marks;
    private readonly int _wordsPerPlaceholder;

    private SegmentSplitter(
        ReadOnlySpan<char> text, string[] literals, RoutePlaceholder[] placeholders, Span<ulong> marks, int wordsPerPlaceholder)
    {
        _text = text;
        _literals = literals;
        _placeholders = placeholders;
        _marks = marks;
        _wordsPerPlaceholder = wordsPerPlaceholder;
    }

    /// <summary>Divides the text.</summary>
    /// <param name="text">What lies between the first literal and the last.</param>
    /// <param name="literals">
    /// One more than placeholders: literal <c>i</c> comes before placeholder <c>i</c>. Those inside are not empty.
    /// </param>
    /// <param name="placeholders">The placeholders.</param>
    /// <param name="ends">Room for where the value of each placeholder ends; may be empty if that is not asked for.</param>
    /// <returns>False if the text cannot be divided so.</returns>
    public static bool TrySplit(ReadOnlySpan<char> text, string[] literals, RoutePlaceholder[] placeholders, Span<int> ends)
    {
        var wordsPerPlaceholder = text.Length / BitsPerWord + 1;
        var words = wordsPerPlaceholder * placeholders.Length;
        ulong[]? rented = null;
        var marks = words <= MaxStackWords
            ? stackalloc ulong[words]
            : (rented = ArrayPool<ulong>.Shared.Rent(words)).AsSpan(0, words);
        marks.Clear();

        var splitter = new SegmentSplitter(text, literals, placeholders, marks, wordsPerPlaceholder);
        splitter.MarkEnds();
        var found = splitter.FindEnd(0, 0) >= 0;
        if (found && !ends.IsEmpty) splitter.TakeEnds(ends);

        if (rented is not null) ArrayPool<ulong>.Shared.Return(rented);
        return found;
    }

    private void MarkEnds()
    {
        Mark(_placeholders.Length - 1, _text.Length);
        for (var index = _placeholders.Length - 1; index > 0; index--)
        {
            var literal = _literals[index];
            var area = _text;
            int at;
            while ((at = area.LastIndexOf(literal, StringComparison.OrdinalIgnoreCase)) >= 0)
            {
                if (FindEnd(index, at + literal.Length) >= 0) Mark(index - 1, at);
                area = area[..(at + literal.Length - 1)];
            }
        }
    }

    private void TakeEnds(Span<int> ends)
    {
        var start = 0;
        for (var index = 0; index < _placeholders.Length; index++)
        {
            ends[index] = FindEnd(index, start);
            start = ends[index] + _literals[index + 1].Length;
        }
    }

    /// <summary>The last marked end of a placeholder that starts here, -1 if there is none that it accepts.</summary>
    private int FindEnd(int index, int start)
    {
        var placeholder = _placeholders[index];
        var end = start + RouteConstraints.LongestPrefix(placeholder.Constraint, _text[start..]);
        while ((end = LastMark(index, end)) >= start)
        {
            if (placeholder.Accepts(_text[start..end])) return end;
            end--;
        }

        return -1;
    }

    private void Mark(int index, int position) =>
        _marks[index * _wordsPerPlaceholder + position / BitsPerWord] |= 1UL << position % BitsPerWord;

    /// <summary>The last mark at a position or before it, -1 if there is none.</summary>
    private int LastMark(int index, int position)
    {
        if (position < 0) return -1;
        var words = _marks.Slice(index * _wordsPerPlaceholder, _wordsPerPlaceholder);
        var at = position / BitsPerWord;
        var word = words[at] & ulong.MaxValue >> BitsPerWord - 1 - position % BitsPerWord;
        while (word == 0)
        {
            if (--at < 0) return -1;
            word = words[at];
        }

        return at * BitsPerWord + BitOperations.Log2(word);
    }
}
