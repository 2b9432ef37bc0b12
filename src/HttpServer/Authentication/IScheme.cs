namespace Http.Server.Authentication;

/// <summary>One way in which a client says who it is.</summary>
internal interface IScheme
{
    /// <summary>Its name in AUTH_TYPE of programs: <c>Basic</c>.</summary>
    string Type { get; }

    /// <summary>The value of WWW-Authenticate; null if clients cannot be asked in that way.</summary>
    string? Challenge { get; }

    /// <summary>The path of the page by which users log in, as requests have it; null for none.</summary>
    string? LoginPath => null;

    /// <summary>What the client sends could be used by others who read it on its way.</summary>
    bool SendsSecret { get; }

    /// <summary>Finds out who asks, if that takes no waiting.</summary>
    /// <returns>False if <see cref="CheckAsync"/> has to be asked.</returns>
    bool TryCheck(SchemeRequest request, out SchemeAnswer answer);

    /// <summary>Finds out who asks.</summary>
    /// <param name="request">The request, unchanged until the task has ended.</param>
    /// <param name="cancellationToken">The client has left.</param>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    ValueTask<SchemeAnswer> CheckAsync(SchemeRequest request, CancellationToken cancellationToken);

    /// <summary>True once: a hint is worth one line in the log, not one for each request.</summary>
    bool TakeHint();
}
