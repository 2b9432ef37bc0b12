namespace Http.Server.Pages;

/// <summary>
/// A style sheet or a script of pages: a file in a folder <c>Assets</c>, which is embedded as it is, and read when it is first
/// needed.
/// </summary>
/// <param name="name">The file's name.</param>
internal sealed class PageAsset(string name)
{
    private byte[]? _content;

    /// <summary>The file in UTF-8.</summary>
    public ReadOnlyMemory<byte> Content => _content ??= Read();

    /// <summary>
    /// What allows it in a Content-Security-Policy where it stands in a page itself (CSP Level 3, section 2.3.1). The build has
    /// hashed it: here that would load a cryptographic library, 5 MB, into a server that needs it for nothing else.
    /// </summary>
    public string HashSource { get; } = $"'{PageAssetHashes.Of(name)}'";

    private byte[] Read()
    {
        using var file = typeof(PageAsset).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly has no resource {name}.");
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
