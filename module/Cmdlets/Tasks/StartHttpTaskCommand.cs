using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Tasks;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Has a scriptblock run as a task, which outlasts the request that starts it.</summary>
[Cmdlet(VerbsLifecycle.Start, "HttpTask", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpTask))]
public sealed class StartHttpTaskCommand : HttpServerCommand
{
    /// <summary>The scriptblock.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = ScriptBlock.Create("");

    /// <summary>What its parameters take, in their order.</summary>
    [Parameter(Position = 1)]
    [Alias("Args")]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? ArgumentList { get; set; } = [];

    /// <summary>A name for the task.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>
    /// The server, as an object, by name or by number; in a handler its own, elsewhere the only one of the session.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var server in Server is null ? [FindServer()] : FindServers(Server))
            Start(server);
    }

    private HttpServerInstance FindServer()
    {
        var servers = Session.Servers;
        if (servers.FirstOrDefault(static server => server.IsAnsweringHere) is { } own)
            return own;
        var running = servers.Where(static server => server.State == HttpServerState.Running).ToList();
        if (running.Count == 0)
            Fail("There is no server that runs: start one with Start-HttpServer, whose workers run the task.", "ServerNotFound",
                ErrorCategory.ObjectNotFound, null);
        if (running.Count > 1)
            Fail($"There are {running.Count} servers: say with -Server which one is to run the task.", "ServerAmbiguous",
                ErrorCategory.InvalidArgument, null);
        return running[0];
    }

    private void Start(HttpServerInstance server)
    {
        if (server.Settings.HandlerType is { } type)
            Fail($"The server {server.Name} answers all requests by its class {type.Name}, so nobody could ask for a task. "
                + "Start a server without -HandlerType.", "ServerHasHandlerType", ErrorCategory.InvalidOperation, server);
        if (!ShouldProcess(server.ToString(), "Start task"))
            return;
        var values = CapturedValues.Of(ScriptBlock, SessionState, "task", Fail);
        var script = new CallableScript(HttpHandler.NextId(), ScriptBlock, HandlerBody.Make, new ScriptParameters())
        {
            SessionValues = values,
        };
        var caller = server.IsAnsweringHere ? ScriptWorker.OfThisThread!.Context : null;
        try
        {
            if (server.Tasks is not { } tasks)
                throw new RequestFaultException(503, "The server is stopping");
            WriteObject(tasks.Start(new TaskRequest(script, ArgumentList ?? [], Name ?? "")
            {
                User = caller?.User,
                Schemes = caller?.Schemes ?? [],
                RequestId = caller?.RequestId,
                Client = caller?.Client,
            }));
        }
        catch (RequestFaultException exception)
        {
            // In a handler it becomes the answer.
            Fail(new ErrorRecord(exception, "TaskRefused", ErrorCategory.ResourceUnavailable, server));
        }
    }
}
