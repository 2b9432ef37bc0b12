using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>A scheme as it was registered: each server makes its own of it, whose scriptblock its workers call.</summary>
/// <param name="name">The name by which handlers and servers ask for it.</param>
/// <param name="type">What <see cref="AuthenticationScheme.Type"/> will be.</param>
/// <param name="script">The scriptblock; null for a scheme without one.</param>
/// <param name="make">Makes the scheme for the workers of a server.</param>
internal sealed class RegisteredScheme(
    string name, string type, CallableScript? script, Func<Func<WorkerPool>, AuthenticationScheme> make)
{
    /// <summary>The type of the schemes that need TLS.</summary>
    public const string Certificate = "ClientCertificate";

    /// <summary>The type of the schemes that need sessions.</summary>
    public const string Session = "Session";

    public string Name => name;

    public string Type => type;

    public CallableScript? Script => script;

    /// <summary>What clients send, and where.</summary>
    public SchemePlaces Places { get; init; } = new();

    /// <summary>The path of the page by which users log in; null for none.</summary>
    public string? LoginPath { get; init; }

    public AuthenticationScheme Make(Func<WorkerPool> workers) => make(workers);
}
