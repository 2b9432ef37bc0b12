namespace Http.Server.Proxies;

/// <summary>What the bytes at the start of a connection are as a header of the PROXY protocol.</summary>
internal enum ProxyHeaderStatus
{
    /// <summary>The beginning of one: more must come.</summary>
    Incomplete,

    /// <summary>A whole one.</summary>
    Complete,

    /// <summary>None.</summary>
    Malformed,
}
