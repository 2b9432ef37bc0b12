namespace Http.Server.StaticFiles.Sites;

/// <summary>Media types by file names, as a site has them.</summary>
internal static class TypeMap
{
    /// <summary>The type of a file by its name: the site's own extensions go before the built-in table.</summary>
    /// <param name="path">A path or a name.</param>
    /// <param name="options">The site's options.</param>
    public static string GuessType(string path, SiteOptions options)
    {
        var name = System.IO.Path.GetFileName(path);
        if (options.ExtensionsMap.Count > 0)
        {
            // The longest suffix first: .tar.gz before .gz. A dot at the start begins a hidden name, not an extension.
            for (var dot = name.IndexOf('.', Math.Min(1, name.Length)); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                if (FindExtension(options, name.AsSpan(dot)) is { } type)
                    return MimeTypes.WithCharset(type);
            }
        }

        var known = MimeTypes.GuessType(name);
        if (!ReferenceEquals(known, MimeTypes.Default)
            || MimeTypes.TryGetType(System.IO.Path.GetExtension(name.TrimStart('.')), out _))
            return known;
        return options.ExtensionsMap.TryGetValue("", out var fallback)
            ? MimeTypes.WithCharset(fallback)
            : options.DefaultContentType;
    }

    private static string? FindExtension(SiteOptions options, ReadOnlySpan<char> extension)
    {
        foreach (var (known, type) in options.ExtensionsMap)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase))
                return type;
        }

        return null;
    }
}
