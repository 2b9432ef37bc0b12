namespace Http.Server.Cgi;

/// <summary>
/// What is said of programs; the properties are those of <see cref="CgiHttpRequestHandler"/>, which describes them.
/// </summary>
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
