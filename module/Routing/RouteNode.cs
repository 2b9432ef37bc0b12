namespace Http.Server.PowerShell.Routing;

/// <summary>
/// A literal path, and the patterns that begin with just that and go on with something else. Nodes are a tree: one step down is
/// one literal segment.
/// </summary>
internal sealed class RouteNode<T>(RouteNode<T>? parent)
{
    private readonly Dictionary<string, RouteNode<T>> _children = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<RouteGroup<T>> _groups = [];

    /// <summary>The node one segment up; null for the root.</summary>
    public RouteNode<T>? Parent => parent;

    /// <summary>The routes whose pattern is this literal path and nothing more.</summary>
    public RouteGroup<T>? Literal { get; private set; }

    /// <summary>The routes that go on with a placeholder, in the order they were added.</summary>
    public IReadOnlyList<RouteGroup<T>> Groups => _groups;

    /// <summary>Adds a group below this node, the root. To be called with the most specific pattern first.</summary>
    public void Add(RouteGroup<T> group)
    {
        var node = this;
        foreach (var segment in group.Pattern.LiteralPrefix)
        {
            if (!node._children.TryGetValue(segment, out var child))
            {
                child = new RouteNode<T>(node);
                node._children.Add(segment, child);
            }

            node = child;
        }

        if (group.Pattern.IsLiteral) node.Literal = group;
        else node._groups.Add(group);
    }

    /// <summary>The node of the longest literal path that the segments begin with.</summary>
    /// <param name="segments">The segments of a path.</param>
    /// <param name="depth">How many of them lead to the node.</param>
    public RouteNode<T> FindDeepest(IReadOnlyList<string> segments, out int depth)
    {
        var node = this;
        for (depth = 0; depth < segments.Count && node._children.TryGetValue(segments[depth], out var child); depth++)
            node = child;
        return node;
    }
}
