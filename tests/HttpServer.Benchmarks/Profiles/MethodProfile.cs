namespace Http.Server.Benchmarks.Profiles;

/// <summary>What the runtime has counted in one method.</summary>
/// <param name="Name">The full name of the type, as reflection writes it, without assemblies, a dot, and the method's name, which may have dots too.</param>
/// <param name="Signature">What it takes and gives, in the runtime's words.</param>
/// <param name="CodeSize">The bytes of its IL: overloads differ in it nearly always, and so does code that has changed since.</param>
/// <param name="Records">What was counted.</param>
internal sealed record MethodProfile(string Name, string Signature, int CodeSize, IReadOnlyList<ProfileRecord> Records)
{
    /// <summary>The method has type parameters of its own, and the profile does not say for which types it was run.</summary>
    public bool IsGeneric { get; } = Signature.StartsWith("generic ", StringComparison.Ordinal)
        || Signature.StartsWith("instance generic ", StringComparison.Ordinal);

    /// <summary>The same, with the types of another run beside its own wherever types were counted.</summary>
    /// <param name="other">The profile of the same method.</param>
    public MethodProfile Mix(MethodProfile other) => other.Records.Count == Records.Count
        ? this with { Records = [.. Records.Zip(other.Records, static (own, others) => own.Mix(others))] }
        : this;
}
