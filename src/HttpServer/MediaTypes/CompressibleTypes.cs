using System.Text;

namespace Http.Server.MediaTypes;

/// <summary>
/// Which media types shrink when they are compressed: text in all its forms, and formats that are not compressed in
/// themselves.
/// </summary>
internal static partial class CompressibleTypes
{
    /// <summary>Longer than any type of the list.</summary>
    private const int MaxType = 128;

    /// <summary>Whether content of this type is worth compressing.</summary>
    /// <param name="contentType">A value of Content-Type; parameters do not count.</param>
    public static bool Contains(string contentType)
    {
        var end = contentType.IndexOf(';');
        var type = contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim(' ');
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+text", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || IsListed(type);
    }

    private static bool IsListed(ReadOnlySpan<char> type)
    {
        if (type.Length is 0 or > MaxType || !Ascii.IsValid(type) || type.ContainsAnyInRange('\0', ' '))
            return false;
        Span<byte> line = stackalloc byte[MaxType + 2];
        Ascii.ToLower(type, line[1..], out var length);
        line[0] = line[length + 1] = (byte)'\n';
        return Lines.IndexOf(line[..(length + 2)]) >= 0;
    }
}
