namespace Http.Server.Benchmarks.Instances;

/// <summary>How many servers there are, and how they are reached.</summary>
/// <param name="Kind">What they answer with.</param>
/// <param name="Instances">How many there are.</param>
/// <param name="IsPinned">Whether each has one processor, the next one for the next; else one server has them all.</param>
/// <param name="IsBalanced">Whether clients come through HAProxy; else each server has clients of its own.</param>
internal sealed record InstanceLayout(InstanceKind Kind, int Instances, bool IsPinned, bool IsBalanced)
{
    private static readonly bool[] Ways = [false, true];

    private static readonly (int Instances, bool IsPinned)[] Sizes = [(1, false), (1, true), (2, true), (4, true)];

    /// <summary>All that are measured, in the order of the table.</summary>
    public static IReadOnlyList<InstanceLayout> AllOf(IEnumerable<InstanceKind> kinds, bool hasBalancer) =>
    [
        .. from kind in kinds
           from isBalanced in Ways
           where hasBalancer || !isBalanced
           from size in Sizes
           select new InstanceLayout(kind, size.Instances, size.IsPinned, isBalanced),
    ];

    public override string ToString() => $"{Kind.Name} | {(IsBalanced ? "HAProxy" : "none")} | {Instances} | {(IsPinned ? "one each" : "all")}";
}
