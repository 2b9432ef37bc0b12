namespace Http.Server.Cgi;

/// <summary>Options of programs: the properties of <see cref="CgiHttpRequestHandler"/> of the same names.</summary>
internal sealed record CgiOptions
{
    public required TimeSpan Timeout { get; init; }

    public required int MaxProcesses { get; init; }

    public required TimeSpan QueueTimeout { get; init; }

    public required IReadOnlyList<string> EnvironmentVariables { get; init; }

    public required string? User { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Interpreters { get; init; }

    public required bool SendFile { get; init; }
}
