namespace Http.Server.Protocol;

/// <summary>The four forms of a request target (RFC 9112, section 3.2).</summary>
internal enum TargetForm
{
    /// <summary><c>/path?query</c></summary>
    Origin,

    /// <summary><c>http://host/path?query</c></summary>
    Absolute,

    /// <summary><c>host:port</c>, with CONNECT alone</summary>
    Authority,

    /// <summary><c>*</c>, with OPTIONS alone</summary>
    Asterisk,
}
