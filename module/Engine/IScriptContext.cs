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

    /// <summary>Null for a call that is not one of a handler.</summary>
    string? RequestId { get; }

    string? Client { get; }

    /// <summary>Ends when the request has been answered; made when it is first asked for, while the request runs.</summary>
    Task Answered => Task.CompletedTask;
}
