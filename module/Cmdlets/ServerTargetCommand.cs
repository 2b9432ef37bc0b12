using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>A cmdlet that is told which servers it is about, in one of several ways; in none for all of the session.</summary>
public abstract class ServerTargetCommand : HttpServerCommand
{
    private protected const string ByName = "Name";

    /// <summary>
    /// Names come by the pipeline. Only a set without positions has them: otherwise the engine keeps a scriptblock that stands
    /// in the place of a name for the pipeline, and says no more than that it has no input.
    /// </summary>
    private protected const string ByPipedName = "PipedName";

    private protected const string ById = "Id";
    private protected const string ByPort = "Port";
    private protected const string ByObject = "InputObject";

    /// <summary>The names of the servers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ParameterSetName = ByName)]
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPipedName)]
    [Names]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The numbers of the servers.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ById)]
    [Ids]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The ports of the servers.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPort)]
    [ArgumentCompleter(typeof(ServerPortCompleter))]
    public int[] Port { get; set; } = [];

    /// <summary>The servers themselves.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public HttpServerInstance[] InputObject { get; set; } = [];

    /// <summary>What no other parameter takes.</summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    public object[] Rest { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Rest is [var first, ..])
            Fail($"There is no parameter for '{first}': {MyInvocation.MyCommand.Name} takes names, -Id, -Port or servers by "
                + "the pipeline.", "ArgumentUnknown", ErrorCategory.InvalidArgument, first);
    }

    /// <summary>The servers that the cmdlet is about; those that are named and are not there are reported.</summary>
    private protected IReadOnlyList<HttpServerInstance> Targets() => ParameterSetName switch
    {
        ById => [.. FindById(Id).Distinct()],
        ByPort => [.. FindByPort(Port).Distinct()],
        ByObject => InputObject,
        _ => Name is null ? Session.Servers : [.. FindByName(Name).Distinct()],
    };
}
