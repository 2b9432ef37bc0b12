using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>What a task is started with.</summary>
/// <param name="Script">The script.</param>
/// <param name="Arguments">What its parameters take.</param>
/// <param name="Name">Empty for a name that is made of a number.</param>
internal sealed record TaskRequest(CallableScript Script, IReadOnlyList<object?> Arguments, string Name)
{
    /// <summary>The user whose request starts it; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The schemes that users of the handler log in by; none for those of the server.</summary>
    public IReadOnlyList<string> Schemes { get; init; } = [];

    /// <summary>The id of that request; null if there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>The address of its client; null if there is none.</summary>
    public string? Client { get; init; }
}
