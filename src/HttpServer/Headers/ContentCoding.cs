namespace Http.Server.Headers;

/// <summary>The content codings (RFC 9110, section 8.4.1) that this server sends; among equals it prefers later ones.</summary>
internal enum ContentCoding
{
    /// <summary>None: content as it is.</summary>
    Identity,

    /// <summary>RFC 1952.</summary>
    Gzip,

    /// <summary>RFC 8878.</summary>
    Zstandard,

    /// <summary>RFC 7932.</summary>
    Brotli,
}
