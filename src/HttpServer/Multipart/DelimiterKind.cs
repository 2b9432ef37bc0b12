namespace Http.Server.Multipart;

/// <summary>What a line of a multipart body is.</summary>
internal enum DelimiterKind
{
    /// <summary>Content.</summary>
    None,

    /// <summary>A delimiter that a part follows.</summary>
    Part,

    /// <summary>The delimiter behind the last part.</summary>
    Close,
}
