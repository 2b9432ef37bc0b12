namespace Http.Server.Tests.Support;

/// <summary>A server that a handler can be bound to where none listens.</summary>
internal sealed class IdleServer(HttpServerOptions options) : IHttpServer
{
    public string ServerName => "localhost";

    public int ServerPort => 0;

    public HttpServerOptions Options => options;

    public bool IsStopping => false;
}
