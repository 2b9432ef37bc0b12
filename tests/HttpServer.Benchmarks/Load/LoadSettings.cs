namespace Http.Server.Benchmarks.Load;

/// <summary>What the command line asked for.</summary>
internal sealed record LoadSettings
{
    public required IReadOnlyList<string> Scenarios { get; init; }

    public required IReadOnlyList<string> Peers { get; init; }

    public required int Rounds { get; init; }

    public required int Seconds { get; init; }

    /// <summary>Directory of a published program, or the program itself; null for the built one.</summary>
    public string? Published { get; init; }

    /// <summary>The published host program; null where it is not measured.</summary>
    public string? Host { get; init; }

    /// <summary>Shell command of the PowerShell that the host is compared with; null for the installed one.</summary>
    public string? PowerShell { get; init; }

    /// <summary>Shell command for our server, with {port} and {root}; null for the usual one.</summary>
    public string? Ours { get; init; }
}
