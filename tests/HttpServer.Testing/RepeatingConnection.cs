using System.Net;
using System.Text;
using Http.Server.Transport;

namespace Http.Server.Tests.Support;

/// <summary>A handler bound to a connection whose client, a <see cref="RepeatingStream"/>, asks for the same thing for ever.</summary>
internal sealed class RepeatingConnection : IDisposable
{
    private readonly Connection _connection;
    private readonly BaseHttpRequestHandler _handler;

    /// <param name="handler">Answers; bound here.</param>
    /// <param name="request">A whole request, empty line included.</param>
    /// <param name="time">The server's clock; null for the system's.</param>
    public RepeatingConnection(BaseHttpRequestHandler handler, string request, TimeProvider? time = null)
    {
        var options = new HttpServerOptions { Log = NullLog.Instance, TimeProvider = time ?? TimeProvider.System };
        Client = new RepeatingStream(Encoding.Latin1.GetBytes(request));
        _connection = new Connection(Client, socket: null, new IPEndPoint(IPAddress.Loopback, 50_000), options, new Clock(options.TimeProvider));
        _handler = handler;
        _handler.Bind(_connection, new IdleServer(options));
    }

    public RepeatingStream Client { get; }

    /// <summary>Whether the handler would end the connection after the latest request.</summary>
    public bool IsClosing => _handler.CloseConnection;

    /// <summary>Serves one more request to its end, on the calling thread.</summary>
    /// <exception cref="InvalidOperationException">It had to wait for something.</exception>
    public void ServeOne()
    {
        var serving = _handler.HandleOneRequestAsync();
        if (!serving.IsCompletedSuccessfully)
            throw new InvalidOperationException("The request was not served synchronously.");
        serving.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _connection.Dispose();
        _connection.Input.Release();
        _connection.Output.Release();
    }
}
