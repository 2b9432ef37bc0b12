using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.SocketCalls;
using Http.Server.State;

namespace Http.Server.PowerShell.Cmdlets.WebSockets;

/// <summary>Sends messages to all WebSockets that are in a channel.</summary>
[Cmdlet(VerbsCommunications.Send, "HttpMessage", HelpUri = HelpPage.Uri)]
public sealed class SendHttpMessageCommand : HttpServerCommand
{
    /// <summary>The channel's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(SocketChannelCompleter))]
    [ValidateNotNullOrEmpty]
    public string Channel { get; set; } = "";

    /// <summary>The message: a text or bytes as they are, anything else as JSON.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>A WebSocket that does not get it, as an object or by its id.</summary>
    [Parameter]
    [AllowNull]
    public object? Except { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var message = SocketOutput.MessageOf(InputObject);
        var except = Unwrap(Except) switch
        {
            ScriptWebSocket socket => socket.Id,
            null or "" => null,
            var id => id.ToString(),
        };
        foreach (var channels in Session.SocketChannels.Of(Session.Servers.Select(static server => server.Settings.StateStore)))
            Send(message is byte[] bytes
                ? channels.SendAsync(Channel, bytes, except)
                : channels.SendAsync(Channel, (string)message, except));
    }

    private void Send(ValueTask sending)
    {
        try
        {
            sending.AsTask().GetAwaiter().GetResult();
        }
        catch (ArgumentException exception)
        {
            Fail(new ErrorRecord(exception, "ChannelInvalid", ErrorCategory.InvalidArgument, Channel));
        }
        catch (HttpStateStoreException exception)
        {
            Fail(new ErrorRecord(exception, "StoreUnavailable", ErrorCategory.ResourceUnavailable, Channel));
        }
    }
}
