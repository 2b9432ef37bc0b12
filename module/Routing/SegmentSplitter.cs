using System.Buffers;
using System.Numerics;

namespace Http.Server.PowerShell.Routing;

/// <summary>
/// Divides a text among two or more placeholders with literal text between them, such as <c>{id:int}-{name}</c>. Each, from the
/// left, takes as much as it can while the others still find a place: if there is any way to divide the text, one is found.
/// </summary>
/// <remarks>
/// Clients choose the text, so there is no backtracking. From the last placeholder to the first, every position is marked at
/// which a placeholder may end such that what follows it fits; then each takes the last marked end that it accepts. For each
/// placeholder a text is looked at once, from its end to its beginning: twice the text takes twice the steps.
/// </remarks>
internal ref struct SegmentSplitter
{
    private const int BitsPerWord = 64;

    // Marks for a few placeholders in texts of usual length: 1 KiB of stack.
    private const int MaxStackWords = 128;

    private readonly ReadOnlySpan<char> _text;
    private readonly string[] _literals;
    private readonly RoutePlaceholder[] _placeholders;
    private readonly Span<ulong> _marks;
    private readonly int _wordsPerPlaceholder;

    // The placeholder whose ends are looked for, and the last of its marks.
    private int _index;
    private int _lastMark;

    // Where letters have been looked for: from the first position to the second all are letters; and the last mark there.
    private int _lettersStart;
    private int _lettersEnd;
    private int _lettersMark;

    private int _steps;

    private SegmentSplitter(
        ReadOnlySpan<char> text, string[] literals, RoutePlaceholder[] placeholders, Span<ulong> marks, int wordsPerPlaceholder)
    {
        _text = text;
        _literals = literals;
        _placeholders = placeholders;
        _marks = marks;
        _wordsPerPlaceholder = wordsPerPlaceholder;
    }

    /// <inheritdoc cref="TrySplit(ReadOnlySpan{char}, string[], RoutePlaceholder[], Span{int}, out int)"/>
    public static bool TrySplit(ReadOnlySpan<char> text, string[] literals, RoutePlaceholder[] placeholders, Span<int> ends) =>
        TrySplit(text, literals, placeholders, ends, out _);

    /// <summary>Divides the text.</summary>
    /// <param name="text">What lies between the first literal and the last.</param>
    /// <param name="literals">
    /// One more than placeholders: literal <c>i</c> comes before placeholder <c>i</c>. Those inside are not empty.
    /// </param>
    /// <param name="placeholders">The placeholders.</param>
    /// <param name="ends">Room for where the value of each placeholder ends; may be empty if that is not asked for.</param>
    /// <param name="steps">How many characters, words of marks and values were looked at.</param>
    /// <returns>False if the text cannot be divided so.</returns>
    public static bool TrySplit(
        ReadOnlySpan<char> text, string[] literals, RoutePlaceholder[] placeholders, Span<int> ends, out int steps)
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
        splitter.Begin(0);
        var found = splitter.FindEnd(0) >= 0;
        if (found && !ends.IsEmpty) splitter.TakeEnds(ends);
        steps = splitter._steps;

        if (rented is not null) ArrayPool<ulong>.Shared.Return(rented);
        return found;
    }

    private void MarkEnds()
    {
        Mark(_placeholders.Length - 1, _text.Length);
        for (var index = _placeholders.Length - 1; index > 0; index--)
        {
            Begin(index);
            var literal = _literals[index];
            var area = _text;
            int at;
            while ((at = area.LastIndexOf(literal, StringComparison.OrdinalIgnoreCase)) >= 0)
            {
                _steps += area.Length - at;
                if (FindEnd(at + literal.Length) >= 0) Mark(index - 1, at);
                area = area[..(at + literal.Length - 1)];
            }
        }
    }

    private void TakeEnds(Span<int> ends)
    {
        var start = 0;
        for (var index = 0; index < _placeholders.Length; index++)
        {
            Begin(index);
            ends[index] = FindEnd(start);
            start = ends[index] + _literals[index + 1].Length;
        }
    }

    /// <summary>Turns to a placeholder, all of whose marks are set.</summary>
    private void Begin(int index)
    {
        _index = index;
        _lastMark = LastMark(0, _text.Length);
        _lettersStart = _lettersEnd = _text.Length;
        _lettersMark = LastMark(_lettersStart, _lettersEnd);
    }

    /// <summary>The last marked end of the placeholder if it starts here, -1 if there is none that it accepts.</summary>
    /// <param name="start">No later than in the call before for the same placeholder.</param>
    private int FindEnd(int start)
    {
        var placeholder = _placeholders[_index];
        if (placeholder.Name is null) return _lastMark >= start ? _lastMark : -1;
        if (placeholder.Constraint == RouteConstraint.None) return _lastMark > start ? _lastMark : -1;
        if (placeholder.Constraint == RouteConstraint.Alpha)
        {
            ReadLetters(start);
            return _lettersMark > start ? _lettersMark : -1;
        }

        // Of all other kinds values are short, and so are the tries.
        var end = start + RouteConstraints.LongestPrefix(placeholder.Constraint, _text[start..]);
        while ((end = LastMark(start, end)) >= 0)
        {
            _steps++;
            if (placeholder.Accepts(_text[start..end])) return end;
            end--;
        }

        return -1;
    }

    /// <summary>Looks for letters from here on, up to where they have been looked for.</summary>
    private void ReadLetters(int start)
    {
        var unread = _text[start.._lettersStart];
        var count = RouteConstraints.LongestPrefix(RouteConstraint.Alpha, unread);
        _steps += count + 1;
        if (count < unread.Length)
        {
            _lettersEnd = start + count;
            _lettersMark = LastMark(start, _lettersEnd);
        }
        else if (_lettersMark < 0)
        {
            _lettersMark = LastMark(start, _lettersStart);
        }

        _lettersStart = start;
    }

    private readonly void Mark(int index, int position) =>
        _marks[index * _wordsPerPlaceholder + position / BitsPerWord] |= 1UL << position % BitsPerWord;

    /// <summary>The last of the placeholder's marks between two positions, either included, -1 if there is none.</summary>
    private int LastMark(int first, int last)
    {
        if (last < first) return -1;
        var words = _marks.Slice(_index * _wordsPerPlaceholder, _wordsPerPlaceholder);
        var at = last / BitsPerWord;
        var word = words[at] & ulong.MaxValue >> BitsPerWord - 1 - last % BitsPerWord;
        _steps++;
        while (word == 0)
        {
            if (--at < first / BitsPerWord) return -1;
            word = words[at];
            _steps++;
        }

        var mark = at * BitsPerWord + BitOperations.Log2(word);
        return mark >= first ? mark : -1;
    }
}
