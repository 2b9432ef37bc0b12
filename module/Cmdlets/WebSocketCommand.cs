using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>The parameters of handlers of WebSockets, which go with the method WEBSOCKET alone.</summary>
public abstract class WebSocketCommand : HttpServerCommand
{
    private protected WebSocketCommand()
    {
    }

    /// <summary>Called when a WebSocket has opened.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public ScriptBlock? OnOpen { get; set; }

    /// <summary>Called when a WebSocket has ended.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public ScriptBlock? OnClose { get; set; }

    /// <summary>The subprotocols that the handler speaks.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SubProtocol { get; set; } = [];

    /// <summary>Longest message that is taken, in bytes.</summary>
    [Parameter]
    [ValidateRange(1, 1 << 30)]
    public int MaxMessageSize { get; set; } = HttpWebSocketOptions.Default.MaxMessageSize;

    /// <summary>How many messages a client may send, 10/s or 100/m; none for any number.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? MessageRate { get; set; }

    /// <summary>Seconds without a message after which a WebSocket is ended; 0 for never.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0d, 31_536_000d)]
    public double IdleTimeout { get; set; }

    /// <summary>Seconds of silence after which a client is sent a ping; 0 for none.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0d, 86_400d)]
    public double PingInterval { get; set; } = HttpWebSocketOptions.Default.PingInterval.TotalSeconds;

    /// <summary>Messages that may wait for a client; one further behind is disconnected.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Backlog { get; set; } = HttpWebSocketOptions.Default.Backlog;

    /// <summary>Messages are compressed for clients that know how.</summary>
    [Parameter]
    public SwitchParameter Compress { get; set; }

    /// <summary>The parameters that were given and are for WebSockets alone.</summary>
    private protected IEnumerable<string> GivenForWebSockets => MyInvocation.BoundParameters
        .Where(static entry => entry.Value is not null && typeof(WebSocketCommand).GetProperty(entry.Key)?.DeclaringType
            == typeof(WebSocketCommand))
        .Select(static entry => entry.Key);

    /// <summary>What is granted.</summary>
    /// <param name="allowsCrossOrigin">Pages of other origins may open WebSockets.</param>
    private protected HttpWebSocketOptions ReadOptions(bool allowsCrossOrigin)
    {
        foreach (var name in SubProtocol)
        {
            if (!HttpToken.Is(name))
                Fail($"'{name}' is no subprotocol: give one such as graphql-ws, without spaces.", "SubProtocolInvalid",
                    ErrorCategory.InvalidArgument, name);
        }

        if (!string.IsNullOrEmpty(MessageRate) && !RateLimit.TryParse(MessageRate, "Address", out _))
            Fail($"-MessageRate takes a number and a time such as 10/s, 100/m or 20/10s, not '{MessageRate}'.",
                "MessageRateInvalid", ErrorCategory.InvalidArgument, MessageRate);
        return new HttpWebSocketOptions
        {
            SubProtocols = SubProtocol,
            MaxMessageSize = MaxMessageSize,
            MessageRate = string.IsNullOrEmpty(MessageRate) ? null : RateLimit.Parse(MessageRate),
            IdleTimeout = TimeSpan.FromSeconds(IdleTimeout),
            PingInterval = TimeSpan.FromSeconds(PingInterval),
            Backlog = Backlog,
            AllowCompression = Compress,
            AllowCrossOrigin = allowsCrossOrigin,
        };
    }
}
