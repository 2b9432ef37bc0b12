namespace Http.Server.Benchmarks.Profiles;

/// <summary>One thing that the runtime has counted at a place of a method's code, as its profile has it.</summary>
/// <param name="Kind">What is counted; its low four bits say what the values are.</param>
/// <param name="Offset">The place in the method's IL.</param>
/// <param name="Count">The number of values.</param>
/// <param name="Other">For an edge the place it leads to, for a call what the call is like.</param>
/// <param name="Values">The values, a line each.</param>
internal sealed record ProfileRecord(int Kind, int Offset, int Count, int Other, IReadOnlyList<string> Values)
{
    private const int DataMask = 0xf;

    /// <summary>Of which kind the values are.</summary>
    public ProfileData Data => (ProfileData)(Kind & DataMask);

    /// <summary>The same, with every second type from another run; what is no list of types, or one of another place, stays.</summary>
    public ProfileRecord Mix(ProfileRecord other) => Data == ProfileData.Type && (Kind, Offset, Count) == (other.Kind, other.Offset, other.Count)
        ? this with { Values = [.. Values.Select((value, at) => at % 2 == 0 ? value : other.Values[at])] }
        : this;
}
