namespace Http.Server.Authentication.Rules;

/// <summary>A path with rules, or one on the way to such a path.</summary>
/// <param name="comparer">How names are compared.</param>
internal sealed class RuleNode(StringComparer comparer)
{
    private readonly Dictionary<string, RuleNode> _children = new(comparer);
    private readonly List<RuleGrant> _grants = [];

    /// <summary>Adds a rule for a path below this one.</summary>
    public void Add(ReadOnlySpan<string> segments, RuleGrant grant)
    {
        var node = this;
        foreach (var segment in segments)
        {
            if (!node._children.TryGetValue(segment, out var child))
                node._children.Add(segment, child = new RuleNode(comparer));
            node = child;
        }

        node._grants.Add(grant);
    }

    /// <summary>
    /// Whether a user may, by the rules of the deepest path alone that has any and that the segments are at or below.
    /// </summary>
    public bool Allows(HttpUser? user, IEnumerable<string> segments, bool writes) =>
        FindDeepest(segments)?._grants.Exists(grant => grant.Allows(writes) && grant.IsFor(user)) == true;

    /// <summary>Whom these rules let in.</summary>
    public IReadOnlyList<string> FindSubjects(IEnumerable<string> segments, bool writes) =>
        [.. (FindDeepest(segments)?._grants ?? []).Where(grant => grant.Allows(writes)).Select(static grant => grant.Subject)
            .Distinct(StringComparer.Ordinal)];

    private RuleNode? FindDeepest(IEnumerable<string> segments)
    {
        var (node, deepest) = (this, _grants.Count > 0 ? this : null);
        foreach (var segment in segments)
        {
            if (!node._children.TryGetValue(segment, out var child))
                break;
            node = child;
            if (node._grants.Count > 0)
                deepest = node;
        }

        return deepest;
    }
}
