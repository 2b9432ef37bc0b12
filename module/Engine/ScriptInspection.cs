using System.Collections.Frozen;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// Reads from a script's text what it may leave changed in its runspace. Looking at the runspace after a request costs several times what
/// a short handler costs, and most handlers provably change nothing. In doubt the answer is <see cref="GlobalUse.Everything"/>.
/// </summary>
internal sealed partial class ScriptInspection
{
    /// <summary>Variables that lead to the engine, or whose content is shared by all that runs in the runspace.</summary>
    private static readonly FrozenSet<string> EngineVariables = FrozenSet.ToFrozenSet(
        ["ExecutionContext", "Host", "PSDefaultParameterValues", "PSCmdlet", "MyInvocation", "PSStyle", "Error"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Variables whose objects have no way to the engine, whatever method is called.</summary>
    private static readonly FrozenSet<string> PlainVariables = FrozenSet.ToFrozenSet(
        ["this", "Request", "Response", "_", "PSItem", "Matches"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> PlainTypes = FrozenSet.ToFrozenSet(
        [
            "string", "char", "int", "long", "double", "decimal", "bool", "byte", "byte[]", "math", "datetime", "datetimeoffset", "timespan", "guid",
            "convert", "bitconverter", "regex", "uri", "version", "environment", "random", "xml", "bigint",
            "text.encoding", "system.text.encoding", "io.file", "system.io.file", "io.path", "system.io.path", "io.directory",
            "system.io.directory", "text.stringbuilder", "system.text.stringbuilder", "io.memorystream", "system.io.memorystream",
            "collections.arraylist", "system.collections.arraylist", "system.convert", "system.math", "system.guid", "system.datetime",
            "system.string", "system.environment", "web.httputility", "system.web.httputility", "net.webutility", "system.net.webutility",
            "threading.thread", "system.threading.thread", "threading.interlocked", "system.threading.interlocked",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Commands that change nothing in their runspace; whether the name still means the cmdlet is for the worker to find out.</summary>
    private static readonly FrozenSet<string> PlainCommands = FrozenSet.ToFrozenSet(
        [
            "Write-Output", "Write-Error", "Write-Warning", "Write-Verbose", "Write-Debug", "Write-Information", "Write-Host", "Get-Date",
            "Get-Random", "Get-Process", "Get-Service", "Get-Item", "Get-ChildItem", "Get-Content", "Get-FileHash", "Test-Path", "Join-Path",
            "Split-Path", "Resolve-Path", "Select-Object", "Where-Object", "ForEach-Object", "Sort-Object", "Group-Object", "Measure-Object",
            "Select-String", "ConvertTo-Json", "ConvertFrom-Json", "ConvertTo-Html", "ConvertTo-Csv", "ConvertFrom-Csv", "ConvertTo-Xml",
            "Out-String", "Format-Table", "Format-List", "Out-Null", "Start-Sleep", "New-Guid", "New-TimeSpan", "Get-Uptime", "Get-Culture",
            "Set-StrictMode",
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _locals = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _ownFunctions = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _commands = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Inspects a script.</summary>
    public ScriptInspection(Ast script)
    {
        foreach (var node in script.FindAll(static _ => true, searchNestedScriptBlocks: true))
        {
            if (node is FunctionDefinitionAst function)
                _ownFunctions.Add(function.Name);
            else if (node is ParameterAst parameter)
                _locals.Add(parameter.Name.VariablePath.UserPath);
            else if (node is ForEachStatementAst loop)
                _locals.Add(loop.Variable.VariablePath.UserPath);
            else if (node is AssignmentStatementAst { Left: var left })
                AddTargets(left);
        }

        foreach (var node in script.FindAll(static _ => true, searchNestedScriptBlocks: true))
            Note(UseOf(node));
    }

    /// <summary>What the script may change.</summary>
    public GlobalUse Use { get; private set; }

    /// <summary>The commands on which that judgement rests: if one of these names means a function, it does not hold.</summary>
    public IReadOnlyCollection<string> Commands => _commands;

    private void Note(GlobalUse use) => Use = use > Use ? use : Use;

    private void AddTargets(Ast left)
    {
        foreach (var node in left.FindAll(static node => node is VariableExpressionAst, searchNestedScriptBlocks: false))
            _locals.Add(((VariableExpressionAst)node).VariablePath.UserPath);
    }

    private GlobalUse UseOf(Ast node) => node switch
    {
        VariableExpressionAst variable => UseOf(variable),
        CommandAst command => UseOf(command),
        CommandParameterAst parameter => VariableParameter().IsMatch(parameter.ParameterName) ? GlobalUse.Variables : GlobalUse.None,
        InvokeMemberExpressionAst call => UseOf(call),
        FunctionDefinitionAst function => function.Name.Contains(':') ? GlobalUse.Everything : GlobalUse.None,
        TypeDefinitionAst or ConfigurationDefinitionAst or DynamicKeywordStatementAst => GlobalUse.Everything,
        _ => GlobalUse.None,
    };

    private static GlobalUse UseOf(VariableExpressionAst variable)
    {
        var path = variable.VariablePath;
        if (path.IsDriveQualified)
            return path.DriveName.Equals("env", StringComparison.OrdinalIgnoreCase) ? GlobalUse.None : GlobalUse.Everything;
        if (EngineVariables.Contains(path.UserPath))
            return GlobalUse.Everything;
        return path.IsGlobal || path.IsScript ? GlobalUse.Variables : GlobalUse.None;
    }

    private GlobalUse UseOf(CommandAst command)
    {
        if (command.GetCommandName() is not { } name || command.InvocationOperator == TokenKind.Dot)
            return GlobalUse.Everything;
        if (_ownFunctions.Contains(name))
            return GlobalUse.None;
        if (!PlainCommands.Contains(name))
            return GlobalUse.Everything;
        _commands.Add(name);
        return command.CommandElements.Any(static element => element is VariableExpressionAst { Splatted: true }) ? GlobalUse.Variables : GlobalUse.None;
    }

    private GlobalUse UseOf(InvokeMemberExpressionAst call)
    {
        if (call.Member is not StringConstantExpressionAst { Value: var method } || method.StartsWith("Invoke", StringComparison.OrdinalIgnoreCase))
            return GlobalUse.Everything;
        return RootOf(call.Expression) switch
        {
            TypeExpressionAst type => PlainTypes.Contains(type.TypeName.FullName) ? GlobalUse.None : GlobalUse.Everything,
            VariableExpressionAst { VariablePath: { IsUnqualified: true, UserPath: var name } } when PlainVariables.Contains(name) || _locals.Contains(name) =>
                GlobalUse.None,
            StringConstantExpressionAst or ExpandableStringExpressionAst or ConstantExpressionAst or ConvertExpressionAst or ArrayExpressionAst
                or HashtableAst or ParenExpressionAst or ScriptBlockExpressionAst or SubExpressionAst => GlobalUse.None,
            _ => GlobalUse.Everything,
        };
    }

    private static Ast RootOf(Ast expression)
    {
        while (true)
        {
            switch (expression)
            {
                case MemberExpressionAst member:
                    expression = member.Expression;
                    break;
                case IndexExpressionAst index:
                    expression = index.Target;
                    break;
                default:
                    return expression;
            }
        }
    }

    /// <summary>The common parameters that name a variable, abbreviated in any way, and those of web cmdlets and Tee-Object.</summary>
    [GeneratedRegex("^(ov|ev|wv|iv|pv|sv|outv.*|errorv.*|warningv.*|informationv.*|pipelinev.*|sessionv.*|var.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex VariableParameter();
}
