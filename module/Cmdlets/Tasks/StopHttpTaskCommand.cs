using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Cancels tasks. Those that have ended stay what they are.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HttpTask", DefaultParameterSetName = ById, SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpTask))]
public sealed class StopHttpTaskCommand : HttpServerCommand
{
    private const string ById = "Id";

    /// <summary>The ids of the tasks.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <summary>The tasks themselves.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public HttpTask[] InputObject { get; set; } = [];

    /// <summary>The tasks are put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in ParameterSetName == ById ? Id : InputObject.Select(static task => task.Id))
            Stop(id);
    }

    private void Stop(string id)
    {
        foreach (var tasks in Session.Servers.Select(static server => server.Tasks))
        {
            if (tasks?.Find(id) is not { Task: var task })
                continue;
            if (ShouldProcess(task.ToString(), "Stop"))
                tasks.Cancel(task);
            if (PassThru)
                WriteObject(task);
            return;
        }

        Report($"There is no task with the id '{id}', or no more. Get-HttpTask shows those that are known.", "TaskNotFound",
            ErrorCategory.ObjectNotFound, id);
    }
}
