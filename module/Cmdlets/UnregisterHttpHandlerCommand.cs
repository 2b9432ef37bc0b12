using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Takes handlers away. Requests that they answer now are answered to their end.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "HttpHandler", DefaultParameterSetName = ByPipedName, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
public sealed class UnregisterHttpHandlerCommand : HttpServerCommand
{
    /// <summary>As with the cmdlets for servers: names come by the pipeline in a set without positions alone.</summary>
    private const string ByPipedName = "PipedName";

    private const string Usage = "Unregister-HttpHandler takes names, -Id, -Path or handlers.";

    /// <summary>The names of the handlers; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")]
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByPipedName)]
    [Names]
    [ArgumentCompleter(typeof(HandlerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The numbers of the handlers.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Id")]
    [Ids]
    [ArgumentCompleter(typeof(HandlerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The handlers themselves.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public HttpHandler[] InputObject { get; set; } = [];

    /// <summary>The pattern of the handlers, in quotes; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [ArgumentCompleter(typeof(PatternCompleter))]
    [SupportsWildcards]
    public string Path { get; set; } = "";

    /// <summary>What no other parameter takes.</summary>
    [Parameter(ValueFromRemainingArguments = true, DontShow = true)]
    [NoParameters]
    public object[] Rest { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Refuse(Rest, Usage);
        if (ParameterSetName == ByPipedName && Name.Length == 0 && !MyInvocation.ExpectingInput)
            Fail($"There is no handler named: {Usage}", "NameMissing", ErrorCategory.InvalidArgument, null);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var handler in Targets())
        {
            if (ShouldProcess($"{handler.Name} ({handler})", "Unregister"))
                Session.Remove(handler);
        }
    }

    private List<HttpHandler> Targets()
    {
        if (ParameterSetName == "InputObject")
            return [.. InputObject];
        var found = new List<HttpHandler>();
        foreach (var id in Id)
            Collect(found, Session.Handlers.Where(handler => handler.Id == id), id, isRequired: true);
        if (ParameterSetName == "Path")
            Collect(found, Session.Handlers.Where(PathIs(Path)), Path, !WildcardPattern.ContainsWildcardCharacters(Path));
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            Collect(found, Session.Handlers.Where(handler => pattern.IsMatch(handler.Name)), name,
                !WildcardPattern.ContainsWildcardCharacters(name));
        }

        return found;
    }

    private void Collect(List<HttpHandler> found, IEnumerable<HttpHandler> handlers, object wanted, bool isRequired)
    {
        var before = found.Count;
        found.AddRange(handlers);
        if (isRequired && found.Count == before)
            Report($"There is no handler '{wanted}'. Get-HttpHandler shows those there are.", "HandlerNotFound",
                ErrorCategory.ObjectNotFound, wanted);
    }
}
