namespace Http.Server;

/// <summary>What a handler does with symbolic links (and Windows' junctions) below its directory.</summary>
public enum SymlinkPolicy
{
    /// <summary>Links are followed as long as they end inside the directory; one that leaves it is 404. The default.</summary>
    Inside,

    /// <summary>Links are followed wherever they lead.</summary>
    Follow,

    /// <summary>Every link is 404.</summary>
    Refuse,
}
