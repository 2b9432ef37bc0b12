namespace Http.Server.Headers;

/// <summary>The names of content codings.</summary>
internal static class ContentCodings
{
    /// <summary>The codings beside identity, the preferred one first.</summary>
    public static ReadOnlySpan<ContentCoding> All => [ContentCoding.Brotli, ContentCoding.Zstandard, ContentCoding.Gzip];

    /// <summary>The name of the coding in Content-Encoding.</summary>
    public static string NameOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "gzip",
        ContentCoding.Zstandard => "zstd",
        ContentCoding.Brotli => "br",
        _ => "identity",
    };

    /// <summary>What the name of a file that holds another one compressed ends in.</summary>
    public static string ExtensionOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => ".gz",
        ContentCoding.Zstandard => ".zst",
        ContentCoding.Brotli => ".br",
        _ => "",
    };
}
