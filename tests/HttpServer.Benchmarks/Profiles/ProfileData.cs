namespace Http.Server.Benchmarks.Profiles;

/// <summary>What the values of a profile's record are, by the runtime's own numbers.</summary>
internal enum ProfileData
{
    None = 0,
    FourBytes = 1,
    EightBytes = 2,
    Type = 3,
    Method = 4,
}
