namespace Http.Server.Generators;

/// <summary>Writes the list of compressible types as C#.</summary>
internal static class CompressibleTypesWriter
{
    /// <summary>Writes the file and returns the number of types in it.</summary>
    /// <exception cref="InvalidDataException">A choice changes nothing.</exception>
    public static int Write(MimeDatabase database, string path)
    {
        var types = CompressibleTypes.Decide(database);
        var text = GeneratedFile.Begin(database);
        text.Append("internal static partial class CompressibleTypes\n{\n");
        text.Append("    /// <summary>Types, one a line and each in line ends, beside those that are text by their name.")
            .Append("</summary>\n");
        text.Append("    internal static ReadOnlySpan<byte> Lines =>\n        \"\"\"\n\n");
        foreach (string type in types)
            text.Append("        ").Append(type).Append('\n');
        text.Append("\n        \"\"\"u8;\n}\n");
        File.WriteAllText(path, text.ToString());
        return types.Count;
    }
}
