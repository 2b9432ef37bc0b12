using System.Collections;
using System.Management.Automation;
using Http.Server.Host.CommandLine;
using Http.Server.Hosting;

namespace Http.Server.Host;

/// <summary>
/// Binds words of the command line to the parameters of <c>Start-HttpServer</c>. PowerShell's binder gets them as values,
/// never as text that it parses. Lists and tables, for which a command line has no form, are made here.
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

    private static List<(ParameterMetadata Parameter, List<string> Values)> Group(
        CommandInfo command, IReadOnlyList<string> options)
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
                // The words that follow belong to this parameter, so it goes to the end, also if it was named before.
                groups.Remove(group);
                groups.Add(group);
            }
            else
            {
                if (groups.Count == 0)
                    throw new UsageException($"'{word}' belongs to no option.");
                var (parameter, values) = groups[^1];
                if (parameter.ParameterType == typeof(SwitchParameter) || (values.Count > 0 && !TakesSeveral(parameter)))
                {
                    var reason = values.Count > 0 ? "has its value already" : "takes none";
                    throw new UsageException($"'{word}' belongs to no option: -{parameter.Name} {reason}. "
                        + "A script comes before everything else.");
                }

                values.Add(word);
            }
        }

        return groups;
    }

    /// <summary>A dash and a digit are a number.</summary>
    private static bool IsOption(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static ParameterMetadata Find(CommandInfo command, string name)
    {
        bool IsSame(string other) => other.Equals(name, StringComparison.OrdinalIgnoreCase);
        bool IsBegun(string other) => name.Length > 0 && other.StartsWith(name, StringComparison.OrdinalIgnoreCase);
        var known = command.Parameters.Values;
        if (known.FirstOrDefault(parameter => IsNamed(parameter, IsSame)) is { } exact)
            return exact;
        return known.Where(parameter => IsNamed(parameter, IsBegun)).ToList() switch
        {
            [var only] => only,
            [] => throw new UsageException($"Start-HttpServer has no option -{name}. {Suggest(command, name)}"),
            var several => throw new UsageException($"-{name} can be {NamesOf(several)}: write it out."),
        };
    }

    private static string NamesOf(List<ParameterMetadata> parameters) =>
        string.Join(" or ", parameters.Select(static parameter => "-" + parameter.Name).Order());

    private static string Suggest(CommandInfo command, string name)
    {
        var typed = name.TrimStart('-').Replace("-", "", StringComparison.Ordinal);
        return NearName.Find(typed, command.Parameters.Keys) is { } near
            ? $"Did you mean -{near}?"
            : "Get-Help Start-HttpServer lists them.";
    }

    private static bool IsNamed(ParameterMetadata parameter, Func<string, bool> test) =>
        test(parameter.Name) || parameter.Aliases.Any(test);

    private static bool TakesSeveral(ParameterMetadata parameter) =>
        parameter.ParameterType.IsArray || parameter.ParameterType == typeof(Hashtable);

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
        {
            throw new UsageException(
                $"-{parameter.Name} takes a scriptblock, which a command line has no form for: write a script, or use -Command.");
        }
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
