using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Handlers.Binding;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// A command as a handler: a function that has the command's own parameters, as far as they are published, with their types and
/// what validates them, and calls it with those that a request gives.
/// </summary>
internal sealed class PublishedCommand
{
    /// <summary>Verbs of commands that only look: a link, or an image of another site, may call them without harm.</summary>
    private static readonly HashSet<string> Looking = new(StringComparer.OrdinalIgnoreCase)
    {
        "Compare", "ConvertFrom", "ConvertTo", "Find", "Format", "Get", "Group", "Join", "Measure", "Read", "Resolve", "Search",
        "Select", "Show", "Split", "Test",
    };

    private readonly CommandInfo _command;
    private readonly CommandMetadata _metadata;

    /// <param name="command">A cmdlet or a function.</param>
    /// <param name="parameters">The names of the parameters to publish, in any case, or their aliases.</param>
    /// <exception cref="CommandFailure">One is not there, is a common one, or takes scripts.</exception>
    public PublishedCommand(CommandInfo command, IEnumerable<string> parameters)
    {
        _command = command;
        _metadata = new CommandMetadata(command);
        var all = _metadata.Parameters.Values.ToArray();
        var wanted = parameters.Select(name => Find(all, name)).ToHashSet();
        foreach (var parameter in all.Except(wanted))
        {
            foreach (var (set, _) in parameter.ParameterSets.Where(static set => set.Value.IsMandatory))
                RemoveSet(set, wanted, parameter);
            _metadata.Parameters.Remove(parameter.Name);
        }
    }

    /// <summary>The method that fits the command's verb: GET for one that only looks, else POST.</summary>
    public string Method => Looking.Contains(_command.Name.Split('-')[0]) ? "GET" : "POST";

    /// <summary>The handler. What the command does not find is 404; any other error is one of the handler.</summary>
    public ScriptBlock MakeHandler()
    {
        var name = _command.ModuleName is { Length: > 0 } module ? $@"{module}\{_command.Name}" : _command.Name;
        var stops = _command.Parameters.ContainsKey("ErrorAction") ? " -ErrorAction Stop" : "";
        return ScriptBlock.Create($$"""
            {{Help()}}
            {{OutputTypes()}}
            {{ProxyCommand.GetCmdletBindingAttribute(_metadata)}}
            param(
            {{ProxyCommand.GetParamBlock(_metadata)}}
            )
            end {
                try {
                    & '{{CodeGeneration.EscapeSingleQuotedStringContent(name)}}' @PSBoundParameters{{stops}}
                }
                catch {
                    if ($_.CategoryInfo.Category -ne 'ObjectNotFound') { throw }
                    $this.SendError(404)
                }
            }
            """);
    }

    /// <summary>The comments that describe a function; empty if there are none.</summary>
    private string Help()
    {
        var comments = (_command as FunctionInfo)?.ScriptBlock.Ast is FunctionDefinitionAst function
            ? function.GetHelpContent()?.GetCommentBlock().Trim() : null;
        // Comments on lines of their own may have what ends one of several lines.
        return comments is not null && comments.IndexOf("#>", StringComparison.Ordinal) == comments.Length - 2 ? comments : "";
    }

    private string OutputTypes() => string.Concat(_command.OutputType.Select(static type =>
        $"[OutputType('{CodeGeneration.EscapeSingleQuotedStringContent(type.Name)}')]"));

    /// <summary>A set of parameters that wants one which is not published can never be meant.</summary>
    private void RemoveSet(string set, IReadOnlyCollection<ParameterMetadata> wanted, ParameterMetadata missing)
    {
        if (_metadata.DefaultParameterSetName == set)
            _metadata.DefaultParameterSetName = null;
        foreach (var parameter in wanted)
            parameter.ParameterSets.Remove(set);
        if (set == ParameterAttribute.AllParameterSets || wanted.Any(static parameter => parameter.ParameterSets.Count == 0))
            throw new CommandFailure($"{_command.Name} cannot be called so without -{missing.Name}: publish that too, "
                + $"-Parameter {missing.Name}.", "ParameterMandatory", ErrorCategory.InvalidArgument, missing.Name);
    }

    private ParameterMetadata Find(ParameterMetadata[] all, string name)
    {
        if (Cmdlet.CommonParameters.Contains(name) || Cmdlet.OptionalCommonParameters.Contains(name))
            throw new CommandFailure($"-{name} is a common parameter, which no client is given.", "ParameterCommon",
                ErrorCategory.InvalidArgument, name);
        var found = Array.Find(all, parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? Array.Find(all, parameter => parameter.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase))
            ?? throw new CommandFailure($"{_command.Name} has no parameter -{name}.", "ParameterNotFound",
                ErrorCategory.ObjectNotFound, name);
        return !BoundParameter.IsScript(found.ParameterType)
            ? found
            : throw new CommandFailure($"-{name} of {_command.Name} takes a script: no client's text becomes one.",
                "ParameterIsScript", ErrorCategory.InvalidArgument, name);
    }
}
