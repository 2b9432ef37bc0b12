using System.Text;

namespace Http.Server.MediaTypes;

/// <summary>
/// Extension to media type, without parameters. The machine's registry and files are never asked (cpython#88141), so that
/// the same file has the same type everywhere.
/// </summary>
/// <remarks>
/// The table is one UTF-8 literal in the assembly's data and is searched where it lies. A dictionary would run some 1,300
/// insertions, and a switch would compile a method with as many string literals, before the first file is answered; here the
/// first use costs one scan for line ends. A type becomes a string when it is first asked for, and is kept: the same
/// extension always gives the same instance, and the memory is bounded by the table.
/// </remarks>
internal static partial class MimeTable
{
    private static readonly int[] LineStarts = FindLineStarts();
    private static readonly string?[] MediaTypes = new string?[Count];

    /// <summary>The index of an extension without its dot, in any ASCII case, or -1.</summary>
    public static int IndexOf(ReadOnlySpan<char> extension)
    {
        int low = 0;
        int high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int order = Compare(extension, Lines[LineStarts[middle]..]);
            if (order == 0)
                return middle;
            if (order < 0)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return -1;
    }

    /// <summary>The media type at an index; one instance for each index.</summary>
    public static string MediaTypeAt(int index) => MediaTypes[index] ?? Remember(index);

    private static string Remember(int index)
    {
        var line = Lines[LineStarts[index]..];
        int end = line.IndexOf((byte)'\n');
        if (end >= 0)
            line = line[..end];
        string mediaType = Encoding.UTF8.GetString(line[(line.IndexOf((byte)' ') + 1)..]);
        return Interlocked.CompareExchange(ref MediaTypes[index], mediaType, null) ?? mediaType;
    }

    // A space ends the line's extension. It is below every character of an extension, so the shorter of two extensions with
    // a common start comes first, as it does in ordinal order.
    private static int Compare(ReadOnlySpan<char> extension, ReadOnlySpan<byte> line)
    {
        for (int i = 0; i < extension.Length; i++)
        {
            if (line[i] == ' ')
                return 1;
            char c = extension[i];
            int order = (char.IsAsciiLetterUpper(c) ? c | 0x20 : c) - line[i];
            if (order != 0)
                return order;
        }

        return line[extension.Length] == ' ' ? 0 : -1;
    }

    private static int[] FindLineStarts()
    {
        var lines = Lines;
        var starts = new int[Count];
        for (int i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + lines[starts[i - 1]..].IndexOf((byte)'\n') + 1;
        return starts;
    }
}
