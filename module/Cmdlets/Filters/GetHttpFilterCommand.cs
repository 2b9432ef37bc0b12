using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Filters;

/// <summary>Gets the filters that have been registered.</summary>
[Cmdlet(VerbsCommon.Get, "HttpFilter", HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpFilter))]
public sealed class GetHttpFilterCommand : HttpServerCommand
{
    /// <summary>The names of the filters; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0)
            WriteObject(Session.Filters, enumerateCollection: true);
        foreach (var name in Name)
        {
            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            var found = Session.Filters.Where(filter => pattern.IsMatch(filter.Name)).ToArray();
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                Report($"There is no filter named '{name}'. Get-HttpFilter shows those there are.", "FilterNotFound",
                    ErrorCategory.ObjectNotFound, name);
            WriteObject(found, enumerateCollection: true);
        }
    }
}
