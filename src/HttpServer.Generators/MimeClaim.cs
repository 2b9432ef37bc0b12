namespace Http.Server.Generators;

/// <summary>One media type's claim to an extension.</summary>
/// <param name="MediaType">The type without parameters.</param>
/// <param name="Source">Where mime-db has it from: <c>iana</c>, <c>apache</c>, <c>nginx</c>; null for its own additions.</param>
/// <param name="Position">The extension's place in the type's list; a type names its usual extension first.</param>
internal sealed record MimeClaim(string MediaType, string? Source, int Position) : IComparable<MimeClaim>
{
    /// <summary>
    /// The better claim sorts first: a registered type before Apache's, nginx's and other names, then the type that puts the
    /// extension nearer to the front of its list, then the name, so that the outcome never depends on the file's order.
    /// </summary>
    public int CompareTo(MimeClaim? other)
    {
        if (other is null)
            return -1;
        int order = Rank(Source).CompareTo(Rank(other.Source));
        if (order == 0)
            order = Position.CompareTo(other.Position);
        return order != 0 ? order : string.CompareOrdinal(MediaType, other.MediaType);
    }

    private static int Rank(string? source) => source switch
    {
        "iana" => 0,
        "apache" => 1,
        "nginx" => 2,
        _ => 3,
    };
}
