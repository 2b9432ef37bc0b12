using System.Net;
using System.Net.Sockets;
using Http.Server.Transport;

namespace Http.Server.Tests.Support;

/// <summary>A handler that serves a connection without a server, and without a socket unless one is to be looked at.</summary>
internal sealed class Conversation : IHttpServer, IDisposable
{
    private readonly Clock _clock;
    private readonly Task _serving;

    public Conversation(BaseHttpRequestHandler handler, HttpServerOptions? options = null, Socket? socket = null)
    {
        Options = (options ?? new()) with { Log = Log };
        _clock = new Clock(Options.TimeProvider);
        Connection = new Connection(Stream, socket, new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4711), Options, _clock);
        handler.Bind(Connection, this);
        _serving = ServeAsync(handler);
    }

    public ScriptedStream Stream { get; } = new();

    public RecordingLog Log { get; } = new();

    public Connection Connection { get; }

    public string ServerName => "test";

    public int ServerPort => 80;

    public HttpServerOptions Options { get; }

    public bool IsStopping { get; set; }

    /// <summary>Sends all of this, ends the input, and gives all of the answer.</summary>
    public static async Task<string> AskAsync(BaseHttpRequestHandler handler, string request, HttpServerOptions? options = null)
    {
        using var conversation = new Conversation(handler, options);
        conversation.Stream.Feed(request);
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        return conversation.Stream.Output;
    }

    /// <summary>What the server's sweep does twice a second.</summary>
    public void Sweep() => Connection.CheckDeadlines(_clock.Milliseconds);

    /// <summary>Waits until the connection has been served to its end.</summary>
    public Task EndAsync() => _serving.WaitAsync(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        Connection.Dispose();
        Stream.Dispose();
    }

    // A read of the first request may complete at once, and a handler may block: neither may hold up the test.
    private async Task ServeAsync(BaseHttpRequestHandler handler)
    {
        await Task.Yield();
        try
        {
            await handler.HandleAsync();
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception))
        {
        }
        finally
        {
            Connection.Dispose();
        }
    }
}
