using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>A handler as the document describes it.</summary>
internal sealed record ApiHandler
{
    /// <summary>The name that its writer has given it; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The methods it answers; <c>*</c> for all.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>The paths it answers; null for every path.</summary>
    public RoutePattern? Pattern { get; init; }

    public required CallableScript Script { get; init; }

    /// <summary>The Content-Type of what it puts out; null to go by the output.</summary>
    public string? ContentType { get; init; }

    /// <summary>It reads the body by itself.</summary>
    public bool Stream { get; init; }

    /// <summary>Clients may call it so often and no more.</summary>
    public bool IsLimited { get; init; }

    /// <summary>The document has it; one that is hidden still takes its methods from those that come after it.</summary>
    public bool IsShown { get; init; } = true;

    public required ApiAccess Access { get; init; }
}
