using System.Management.Automation;

namespace Http.Server.PowerShell.Engine;

/// <summary>What a script sees of the request that it answers, and what the log says of it.</summary>
internal interface IScriptContext
{
    /// <summary><c>$this</c>.</summary>
    object? This { get; }

    /// <summary><c>$Request</c>.</summary>
    object? Request { get; }

    /// <summary><c>$Response</c>.</summary>
    object? Response { get; }

    /// <summary><c>$Session</c>; null for a server that keeps none.</summary>
    object? Session => null;

    /// <summary>Null for a call that is not one of a handler.</summary>
    string? RequestId { get; }

    string? Client { get; }

    /// <summary>The name of the user whose request it is; null if there is none.</summary>
    string? User => null;

    /// <summary>The schemes that the handler's users log in by; none for those of the server.</summary>
    IReadOnlyList<string> Schemes => [];

    /// <summary>What the parameters of the script take in their order; none for a handler.</summary>
    IReadOnlyList<object?> Arguments => [];

    /// <summary>Ends when the request has been answered; made when it is first asked for, while the request runs.</summary>
    Task Answered => Task.CompletedTask;

    /// <summary>Takes what the script says of its progress, on the worker's thread.</summary>
    void Report(ProgressRecord progress)
    {
        // Requests are for programs, which have no use for it.
    }
}
