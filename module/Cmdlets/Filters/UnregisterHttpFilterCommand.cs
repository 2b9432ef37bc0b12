using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Filters;

/// <summary>Takes filters away. Requests that they see now are seen to their end.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "HttpFilter", DefaultParameterSetName = ByName, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
public sealed class UnregisterHttpFilterCommand : HttpServerCommand
{
    private const string ByName = "Name";

    /// <summary>The names of the filters; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName)]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The filters themselves.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public HttpFilter[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var filter in ParameterSetName == ByName ? Name.SelectMany(Find) : InputObject)
        {
            if (ShouldProcess($"{filter.Name} ({filter})", "Unregister"))
                Session.Remove(filter);
        }
    }

    private HttpFilter[] Find(string name)
    {
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        var found = Session.Filters.Where(filter => pattern.IsMatch(filter.Name)).ToArray();
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            Report($"There is no filter named '{name}'. Get-HttpFilter shows those there are.", "FilterNotFound",
                ErrorCategory.ObjectNotFound, name);
        return found;
    }
}
