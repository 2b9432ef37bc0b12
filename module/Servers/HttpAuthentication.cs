using System.Management.Automation;
using Http.Server.PowerShell.Handlers.Schemes;

namespace Http.Server.PowerShell;

/// <summary>A way in which clients say who they are: what <c>Register-HttpAuthentication</c> makes.</summary>
public sealed class HttpAuthentication
{
    internal HttpAuthentication(RegisteredScheme registered, ScriptBlock? script) =>
        (Registered, ScriptBlock) = (registered, script);

    /// <summary>The name by which handlers and servers ask for it.</summary>
    public string Name => Registered.Name;

    /// <summary>How requests are authenticated: <c>Bearer</c>, <c>ApiKey</c>, <c>Basic</c>, <c>ClientCertificate</c>,
    /// <c>Negotiate</c>, <c>Session</c>.</summary>
    public string Type => Registered.Type;

    /// <summary>The scriptblock that gives the user of a credential; null for a scheme that needs none.</summary>
    public ScriptBlock? ScriptBlock { get; }

    internal RegisteredScheme Registered { get; }

    /// <summary>The name and the type.</summary>
    public override string ToString() => $"{Name} ({Type})";
}
