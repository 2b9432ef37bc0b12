namespace Http.Server.Generators;

/// <summary>The media types that are sent compressed: those of mime-db, but for the exceptions below.</summary>
internal static class CompressibleTypes
{
    /// <summary>Types that mime-db calls compressible and that are sent as they are.</summary>
    /// <remarks>
    /// application/octet-stream stands for unknown content, which is compressed already as often as not. Archives and disk images
    /// are downloads: their ranges, by which a broken download is resumed, are worth more than what compression would save.
    /// </remarks>
    private static readonly string[] Left =
    [
        "application/octet-stream", "application/tar", "application/x-tar", "application/x-virtualbox-hdd",
        "application/x-virtualbox-ova", "application/x-virtualbox-vdi", "application/x-virtualbox-vhd",
        "application/x-virtualbox-vmdk",
    ];

    /// <summary>Types of which mime-db does not say whether they shrink: text, and uncompressed fonts and models.</summary>
    private static readonly string[] Added =
    [
        "application/hjson", "application/json-seq", "application/json5", "application/jsonl", "application/sql",
        "application/typescript", "application/x-font-bdf", "application/x-ndjson", "application/x-perl", "application/x-subrip",
        "application/x-tcl", "application/x-tex", "application/xml-external-parsed-entity", "application/yaml",
        "font/collection", "font/sfnt", "model/mtl", "model/obj",
    ];

    /// <summary>
    /// The types beside those that the rule of the package <c>compressible</c> takes for text (text/*, +json, +text, +xml),
    /// in ordinal order.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// An exception changes nothing, or the rule takes a type for text that mime-db says is not.
    /// </exception>
    public static IReadOnlyList<string> Decide(MimeDatabase database)
    {
        foreach (var (type, shrinks) in database.Compressible)
        {
            if (!shrinks && IsText(type))
            {
                throw new InvalidDataException(
                    $"'{type}' looks like text but is not compressible: the table has no way to say so.");
            }

        }

        var types = database.Compressible
            .Where(static entry => entry.Value && !IsText(entry.Key))
            .Select(static entry => entry.Key)
            .ToHashSet();
        if (Array.Find(Left, type => !types.Remove(type)) is { } left)
            throw new InvalidDataException($"Leaving '{left}' out changes nothing.");
        if (Array.Find(Added, type => !types.Add(type)) is { } added)
            throw new InvalidDataException($"Adding '{added}' changes nothing.");
        return [.. types.Order(StringComparer.Ordinal)];
    }

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+json", StringComparison.Ordinal)
        || type.EndsWith("+text", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal);
}
