using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Gets the tasks of servers: those that wait and run, and those that have ended a while ago.</summary>
[Cmdlet(VerbsCommon.Get, "HttpTask", DefaultParameterSetName = ByName, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpTask))]
public sealed class GetHttpTaskCommand : HttpServerCommand
{
    private const string ByName = "Name";

    /// <summary>The names of the tasks; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(TaskNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The ids of the tasks.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var tasks = Session.AllTasks().ToList();
        if (Name.Length + Id.Length == 0)
            WriteObject(tasks, enumerateCollection: true);
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = tasks.Where(task => pattern.IsMatch(task.Name)).ToList();
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Report($"There is no task named '{name}'. Get-HttpTask shows those that are known.", "TaskNotFound",
                    ErrorCategory.ObjectNotFound, name);
            WriteObject(found, enumerateCollection: true);
        }

        foreach (var id in Id)
        {
            if (tasks.Find(task => task.Id == id) is { } task)
                WriteObject(task);
            else
                Report($"There is no task with the id '{id}', or no more. Get-HttpTask shows those that are known.",
                    "TaskNotFound", ErrorCategory.ObjectNotFound, id);
        }
    }
}
