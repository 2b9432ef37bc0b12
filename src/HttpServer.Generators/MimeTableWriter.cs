namespace Http.Server.Generators;

/// <summary>Decides on one type for each extension and writes the table as C#.</summary>
internal static class MimeTableWriter
{
    /// <summary>Writes the file and returns the number of extensions in it.</summary>
    /// <exception cref="InvalidDataException">
    /// An override repeats another one or changes nothing, or a name has a character the table cannot hold.
    /// </exception>
    public static int Write(MimeDatabase database, string path)
    {
        var table = Decide(database);
        var text = GeneratedFile.Begin(database);
        text.Append("internal static partial class MimeTable\n{\n");
        text.Append("    /// <summary>The number of extensions. Indexes run from 0 in their ordinal order.</summary>\n");
        text.Append("    public const int Count = ").Append(table.Count).Append(";\n\n");
        text.Append("    /// <summary>Lines of an extension, a space and its media type.</summary>\n");
        text.Append("    internal static ReadOnlySpan<byte> Lines =>\n        \"\"\"\n");
        foreach (var (extension, mediaType) in table)
            text.Append("        ").Append(extension).Append(' ').Append(mediaType).Append('\n');
        text.Append("        \"\"\"u8;\n}\n");
        File.WriteAllText(path, text.ToString());
        return table.Count;
    }

    private static SortedDictionary<string, string> Decide(MimeDatabase database)
    {
        var table = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (extension, claims) in database.Claims)
            table[extension] = claims.Min()!.MediaType;

        var overridden = new HashSet<string>();
        foreach (var choice in MimeOverrides.All)
        {
            foreach (string extension in choice.Extensions.Split(' '))
            {
                if (!overridden.Add(extension))
                    throw new InvalidDataException($"Two overrides for .{extension}.");
                if (table.TryGetValue(extension, out string? ruled) && ruled == choice.MediaType)
                    throw new InvalidDataException($"The override for .{extension} changes nothing.");
                table[extension] = choice.MediaType;
            }
        }

        foreach (var (extension, mediaType) in table)
        {
            if (!extension.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
                throw new InvalidDataException($"The extension '{extension}' has a character the table cannot hold.");
            if (!mediaType.Contains('/') || !mediaType.All(c => c is > ' ' and < '\x7f' and not ';'))
                throw new InvalidDataException($"'{mediaType}' is not a media type without parameters.");
        }

        return table;
    }
}
