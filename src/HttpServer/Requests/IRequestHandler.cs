using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>What the cycle of a request sees of the handler, the members that a class may override among it.</summary>
internal interface IRequestHandler : IHandlerContext
{
    string ProtocolVersion { get; }

    string RequestLine { get; }

    /// <summary>What messages about the handler's own faults call it.</summary>
    string LogName { get; }

    /// <summary>The class has a log method of its own.</summary>
    bool LogsByItself { get; }

    BasicAuthentication? Authentication { get; }

    /// <summary>The user who was authenticated; null if there is none.</summary>
    string? RemoteUser { get; }

    /// <summary>The class has a say in what an error's answer looks like.</summary>
    bool MakesErrors { get; }

    /// <summary>Who may ask for anything; null if that is everybody.</summary>
    AccessPolicy? Access { get; }

    /// <summary>The canonical path that is asked for, as routes, programs and files see it; null if there is none.</summary>
    UrlPath? FindUrl();

    /// <summary>Who may ask for what this request asks for; null if nothing more is said of it.</summary>
    AccessPolicy? FindAccess();

    /// <summary>A host has requests answered on threads of its own.</summary>
    bool HasInvoker { get; }

    /// <summary>The status of an answer that turned out to be less than it announced.</summary>
    int BrokenAnswerStatus { get; }

    /// <summary>Forgets what the handler itself knew of the request before.</summary>
    void ResetRequest();

    /// <summary>A method's bytes as text, without a new object for one that the class knows.</summary>
    string NameOf(ReadOnlySpan<byte> method);

    /// <summary>The class has a <c>HandleOneRequestAsync</c> of its own.</summary>
    bool HandlesOneRequest { get; }

    ValueTask HandleOneRequestAsync();

    bool HandleExpect100();

    /// <summary>
    /// Finds the method that answers; its type is the handler's business, which calls it in
    /// <see cref="CallAsync"/>.
    /// </summary>
    /// <param name="isPreflight">A preflight is answered before a password is asked for.</param>
    /// <returns>Null if there is none: 501.</returns>
    Delegate? FindMethod(bool isPreflight);

    ValueTask CallAsync(Delegate method);

    /// <summary>Has the host call what answers the request.</summary>
    ValueTask InvokeAsync(Func<ValueTask> answer);

    /// <summary>Finds out whether the method will answer from memory, without waiting for anything.</summary>
    bool TryPrepare();

    bool IsPreflight();

    void LogRequest(int code, long size);

    void LogError(string format, params object?[] args);
}
