using System.Text.Json;

namespace Http.Server.Generators;

/// <summary>What is taken from an unpacked npm package <c>mime-db</c>.</summary>
/// <param name="Version">The package's version.</param>
/// <param name="License">The text of its licence, which asks to go with every copy of the data.</param>
/// <param name="Claims">Extension, without its dot, to the types that claim it.</param>
/// <param name="Compressible">The types of which it is known whether they shrink when they are compressed.</param>
internal sealed record MimeDatabase(
    string Version, string License, IReadOnlyDictionary<string, List<MimeClaim>> Claims,
    IReadOnlyDictionary<string, bool> Compressible)
{
    /// <summary>Reads <c>db.json</c>, and <c>package.json</c> and <c>LICENSE</c> beside it.</summary>
    public static MimeDatabase Load(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "package.json")));
        using var types = JsonDocument.Parse(File.ReadAllText(path));

        var claims = new Dictionary<string, List<MimeClaim>>();
        var compressible = new Dictionary<string, bool>();
        foreach (var type in types.RootElement.EnumerateObject())
        {
            if (type.Value.TryGetProperty("compressible", out var shrinks))
                compressible[type.Name] = shrinks.GetBoolean();
            if (!type.Value.TryGetProperty("extensions", out var extensions))
                continue;
            string? source = type.Value.TryGetProperty("source", out var value) ? value.GetString() : null;
            int position = 0;
            foreach (var extension in extensions.EnumerateArray())
            {
                string name = extension.GetString()!;
                if (!claims.TryGetValue(name, out var list))
                    claims[name] = list = [];
                list.Add(new MimeClaim(type.Name, source, position++));
            }
        }

        string version = package.RootElement.GetProperty("version").GetString()!;
        return new MimeDatabase(version, File.ReadAllText(Path.Combine(folder, "LICENSE")), claims, compressible);
    }
}
