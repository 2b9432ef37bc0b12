using System.Management.Automation;
using Http.Server.Events;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.State;

namespace Http.Server.PowerShell.Cmdlets.Events;

/// <summary>Sends events to all who listen to a channel.</summary>
[Cmdlet(VerbsCommunications.Send, "HttpEvent", HelpUri = HelpPage.Uri)]
[OutputType(typeof(string))]
public sealed class SendHttpEventCommand : HttpServerCommand
{
    /// <summary>The channel's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [ValidateNotNullOrEmpty]
    public string Channel { get; set; } = "";

    /// <summary>The event: a text as it is, anything else as JSON.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    /// <summary>The event's name; message for browsers without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Event { get; set; }

    /// <summary>The event's id; one is made without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Id { get; set; }

    /// <summary>The event's id is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var channels = Session.FindChannels(Channel);
        if (channels.Count == 0)
            Fail($"There is no channel '{Channel}' in this session: register it before with Register-HttpEventStream PATH "
                + $"-Channel {Channel}.", "ChannelNotFound", ErrorCategory.ObjectNotFound, Channel);
        var text = Unwrap(InputObject) is string or char ? Unwrap(InputObject)!.ToString()! : JsonOutput.WriteWithin(InputObject);
        var id = Id;
        foreach (var channel in channels)
            id = Send(channel, text, id);
        if (PassThru)
            WriteObject(id);
    }

    private string? Send(HttpEventChannel channel, string text, string? id)
    {
        try
        {
            return channel.SendAsync(text, Event, id).AsTask().GetAwaiter().GetResult();
        }
        catch (ArgumentException exception)
        {
            Fail(new ErrorRecord(exception, "EventInvalid", ErrorCategory.InvalidArgument, Channel));
        }
        catch (HttpStateStoreException exception)
        {
            Fail(new ErrorRecord(exception, "StoreUnavailable", ErrorCategory.ResourceUnavailable, Channel));
        }

        return id;
    }
}
