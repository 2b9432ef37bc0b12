using System.Net;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// What a request object needs of its connection. It stays valid after the request, when the connection serves the next
/// one.
/// </summary>
internal sealed class RequestFacts(ScriptHttpRequestHandler handler)
{
    public string Id { get; } = handler.RequestId;

    public string RawUrl { get; } = handler.Path;

    public string Protocol { get; } = handler.RequestVersion;

    public HttpHeaders Headers { get; } = handler.Headers;

    public IPEndPoint? Remote { get; } = handler.Remote;

    public string? Host { get; } = handler.Host;

    public string Scheme { get; } = handler.Scheme;

    public bool IsSecure { get; } = handler.IsSecure;

    public HttpUser? User { get; } = handler.User;
}
