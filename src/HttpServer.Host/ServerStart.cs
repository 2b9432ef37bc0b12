using System.Collections;
using System.Management.Automation;

namespace Http.Server.Host;

/// <summary>
/// Binds words of the command line to the parameters of <c>Start-HttpServer</c>. They are handed to PowerShell's own binder as values, never
/// as text that it reads; only lists and tables, for which a command line has no form, are put together here.
/// </summary>
internal static class ServerStart
{
    private const string Name = "Start-HttpServer";

    /// <summary>Adds the command with the options to a pipeline.</summary>
    /// <exception cref="UsageException">There is no such option, or a value belongs to none.</exception>
    public static void AddTo(Shell shell, EngineIntrinsics engine, IReadOnlyList<string> options)
    {
        shell.AddCommand(Name);
        if (options.Count == 0)
            return;
        var command = engine.InvokeCommand.GetCommand(Name, CommandTypes.Cmdlet);
        foreach (var (parameter, values) in Group(command, options))
            Add(shell, parameter, values);
    }

    private static List<(ParameterMetadata Parameter, List<string> Values)> Group(CommandInfo command, IReadOnlyList<string> options)
    {
        var groups = new List<(ParameterMetadata Parameter, List<string> Values)>();
        foreach (var word in options)
        {
            if (IsOption(word))
            {
                var colon = word.IndexOf(':', StringComparison.Ordinal);
                var parameter = Find(command, colon < 0 ? word[1..] : word[1..colon]);
                var group = groups.Find(group => group.Parameter.Name == parameter.Name);
                if (group.Parameter is null)
                    groups.Add(group = (parameter, []));
                else if (!TakesSeveral(parameter))
                    throw new UsageException($"-{parameter.Name} is there twice.");
                if (colon >= 0 && colon + 1 < word.Length)
                    group.Values.Add(word[(colon + 1)..]);
                // What follows belongs to this one, although it may have been named before.
                groups.Remove(group);
                groups.Add(group);
            }
            else
            {
                var (parameter, values) = groups.Count > 0 ? groups[^1] : throw new UsageException($"'{word}' belongs to no option.");
                if (parameter.ParameterType == typeof(SwitchParameter) || (values.Count > 0 && !TakesSeveral(parameter)))
                    throw new UsageException($"'{word}' belongs to no option: -{parameter.Name} {(values.Count > 0 ? "has its value already" : "takes none")}. A script comes before everything else.");
                values.Add(word);
            }
        }

        return groups;
    }

    /// <summary>A dash and a digit are a number.</summary>
    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static ParameterMetadata Find(CommandInfo command, string name)
    {
        var exact = command.Parameters.Values.FirstOrDefault(known => IsNamed(known, other => other.Equals(name, StringComparison.OrdinalIgnoreCase)));
        if (exact is not null)
            return exact;
        var begun = name.Length == 0 ? [] : command.Parameters.Values.Where(known => IsNamed(known, other => other.StartsWith(name, StringComparison.OrdinalIgnoreCase))).ToList();
        return begun switch
        {
            [var only] => only,
            [] => throw new UsageException($"Start-HttpServer has no option -{name}. " + (Nearest(command, name) is { } near ? $"Did you mean -{near}?" : "Get-Help Start-HttpServer lists them.")),
            _ => throw new UsageException($"-{name} can be {string.Join(" or ", begun.Select(static parameter => "-" + parameter.Name).Order())}: write it out."),
        };
    }

    private static string? Nearest(CommandInfo command, string name) => Hosting.NearName.Find(name.TrimStart('-').Replace("-", "", StringComparison.Ordinal), command.Parameters.Keys);

    private static bool IsNamed(ParameterMetadata parameter, Func<string, bool> test) => test(parameter.Name) || parameter.Aliases.Any(test);

    private static bool TakesSeveral(ParameterMetadata parameter) => parameter.ParameterType.IsArray || parameter.ParameterType == typeof(Hashtable);

    private static void Add(Shell shell, ParameterMetadata parameter, List<string> values)
    {
        var type = parameter.ParameterType;
        if (type == typeof(SwitchParameter))
            shell.AddParameter(parameter.Name, values.Count == 0 || ReadSwitch(parameter.Name, values[0]));
        else if (values.Count == 0)
            throw new UsageException($"-{parameter.Name} needs a value.");
        else if (type == typeof(Hashtable))
            shell.AddParameter(parameter.Name, ReadTable(parameter.Name, values));
        else if (type == typeof(ScriptBlock))
            throw new UsageException($"-{parameter.Name} takes a scriptblock, which a command line has no form for: write a script, or use -Command.");
        else if (type.IsArray)
            shell.AddParameter(parameter.Name, values.SelectMany(static value => value.Split(',')).ToArray());
        else
            shell.AddParameter(parameter.Name, values[0]);
    }

    private static bool ReadSwitch(string name, string value) => value.TrimStart('$').ToUpperInvariant() switch
    {
        "TRUE" => true,
        "FALSE" => false,
        _ => throw new UsageException($"-{name} is a switch: give it alone, or -{name}:$false."),
    };

    private static Hashtable ReadTable(string name, List<string> values)
    {
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
        foreach (var value in values)
        {
            var at = value.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new UsageException($"-{name} takes NAME=VALUE, which '{value}' is not.");
            table[value[..at]] = value[(at + 1)..];
        }

        return table;
    }
}
