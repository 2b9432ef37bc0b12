using System.Collections.Frozen;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using Http.Server.PowerShell.Engine.Leftovers;

namespace Http.Server.PowerShell.Engine.Scripts;

/// <summary>
/// Reads from a script's text what it may leave changed in its runspace. Looking at the runspace after a request costs several
/// times what a short handler costs, and most handlers provably change nothing. In doubt the answer is
/// <see cref="GlobalUse.Everything"/>.
/// </summary>
internal sealed partial class ScriptInspection
{
    /// <summary>Variables that lead to the engine, or whose content is shared by all that runs in the runspace.</summary>
    private static readonly FrozenSet<string> EngineVariables = FrozenSet.ToFrozenSet(
        ["ExecutionContext", "Host", "PSDefaultParameterValues", "PSCmdlet", "MyInvocation", "PSStyle", "Error"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Variables whose objects have no way to the engine, whatever method is called.</summary>
    private static readonly FrozenSet<string> PlainVariables = FrozenSet.ToFrozenSet(
        ["this", "Request", "Response", "Session", "_", "PSItem", "Matches"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> RequestVariables =
        FrozenSet.ToFrozenSet(["this", "Request", "Response", "Session"], StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> PlainTypes = FrozenSet.ToFrozenSet(
        [
            "string", "char", "int", "long", "double", "decimal", "bool", "byte", "byte[]", "math", "datetime", "datetimeoffset",
            "timespan", "guid", "convert", "bitconverter", "regex", "uri", "version", "environment", "random", "xml", "bigint",
            "text.encoding", "system.text.encoding", "io.file", "system.io.file", "io.path", "system.io.path", "io.directory",
            "system.io.directory", "text.stringbuilder", "system.text.stringbuilder", "io.memorystream",
            "system.io.memorystream", "collections.arraylist", "system.collections.arraylist", "system.convert", "system.math",
            "system.guid", "system.datetime", "system.string", "system.environment", "web.httputility", "system.web.httputility",
            "net.webutility", "system.net.webutility", "threading.thread", "system.threading.thread", "threading.interlocked",
            "system.threading.interlocked",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Commands that change nothing in their runspace; whether the name still means the cmdlet is for the worker to find out.
    /// </summary>
    private static readonly FrozenSet<string> PlainCommands = FrozenSet.ToFrozenSet(
        [
            "Write-Output", "Write-Error", "Write-Warning", "Write-Verbose", "Write-Debug", "Write-Information", "Write-Host",
            "Get-Date", "Get-Random", "Get-Process", "Get-Service", "Get-Item", "Get-ChildItem", "Get-Content", "Get-FileHash",
            "Test-Path", "Join-Path", "Split-Path", "Resolve-Path", "Select-Object", "Where-Object", "ForEach-Object",
            "Sort-Object", "Group-Object", "Measure-Object", "Select-String", "ConvertTo-Json", "ConvertFrom-Json",
            "ConvertTo-Html", "ConvertTo-Csv", "ConvertFrom-Csv", "ConvertTo-Xml", "Out-String", "Format-Table", "Format-List",
            "Out-Null", "Start-Sleep", "New-Guid", "New-TimeSpan", "Get-Uptime", "Get-Culture", "Set-StrictMode",
            "Send-HttpFile", "Start-HttpTask",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Commands that may give parts of the engine, the items of its drives: <c>(Get-Item Variable:x).Value = 1</c>.
    /// </summary>
    private static readonly FrozenSet<string> ItemCommands = FrozenSet.ToFrozenSet(
        ["Get-Item", "Get-ChildItem", "Get-Content", "Resolve-Path"], StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _assigned = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _locals = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _ownFunctions = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _commands = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _globals = new(StringComparer.OrdinalIgnoreCase);
    private bool _namesGlobals = true;
    private bool _readsItems;
    private bool _namesRequest;
    private bool _changesObjects;

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
                AddTargets(loop.Variable);
            else if (node is AssignmentStatementAst { Left: var left })
                AddTargets(left);
            else if (MayAssign(node))
                AddAssigned(node);
        }

        foreach (var node in script.FindAll(static _ => true, searchNestedScriptBlocks: true))
            Record(UseOf(node));
        if (_readsItems && _changesObjects)
            Record(GlobalUse.Everything);
    }

    /// <summary>What the script may change.</summary>
    public GlobalUse Use { get; private set; }

    /// <summary>The global variables that it may change; null if its text does not name them all.</summary>
    public IReadOnlyCollection<string>? Variables => _namesGlobals && Use != GlobalUse.Everything ? _globals : null;

    /// <summary>The variables, local ones too, that its text gives values; a command may give others theirs.</summary>
    public IReadOnlySet<string> Assigned => _assigned;

    /// <summary>The script names <c>$Session</c>; what it calls may do so too.</summary>
    public bool NamesSession { get; private set; }

    /// <summary>The script reads <c>$?</c>.</summary>
    public bool AsksForSuccess { get; private set; }

    /// <summary>
    /// The script may put <c>$Request</c> where it outlives the request. One that names only members of it cannot, nor can one
    /// whose commands are all known.
    /// </summary>
    public bool KeepsRequest => _namesRequest || Use == GlobalUse.Everything;

    /// <summary>The commands on which that judgement rests: if one of these names means a function, it does not hold.</summary>
    public IReadOnlyCollection<string> Commands => _commands;

    private void Record(GlobalUse use) => Use = use > Use ? use : Use;

    private void AddTargets(Ast left)
    {
        foreach (var node in left.FindAll(static node => node is VariableExpressionAst, searchNestedScriptBlocks: false))
            _locals.Add(((VariableExpressionAst)node).VariablePath.UserPath);
        AddAssigned(left);
    }

    private void AddAssigned(Ast left)
    {
        foreach (var node in left.FindAll(static node => node is VariableExpressionAst, searchNestedScriptBlocks: false))
        {
            var name = ((VariableExpressionAst)node).VariablePath.UserPath;
            _assigned.Add(name[(name.LastIndexOf(':') + 1)..]);
        }
    }

    /// <summary>It counts a variable up or down, or gives a reference to it away.</summary>
    private static bool MayAssign(Ast node) => node switch
    {
        UnaryExpressionAst unary => unary.TokenKind is TokenKind.PlusPlus or TokenKind.MinusMinus
            or TokenKind.PostfixPlusPlus or TokenKind.PostfixMinusMinus,
        ConvertExpressionAst convert => convert.Type.TypeName.FullName.Equals("ref", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private GlobalUse UseOf(Ast node) => node switch
    {
        VariableExpressionAst variable => UseOf(variable),
        CommandAst command => UseOf(command),
        CommandParameterAst parameter =>
            VariableParameter().IsMatch(parameter.ParameterName) ? UseOfUnnamedVariables() : GlobalUse.None,
        InvokeMemberExpressionAst call => UseOf(call),
        FunctionDefinitionAst function => function.Name.Contains(':') ? GlobalUse.Everything : GlobalUse.None,
        TypeDefinitionAst or ConfigurationDefinitionAst or DynamicKeywordStatementAst => GlobalUse.Everything,
        TypeExpressionAst type => EngineType().IsMatch(type.TypeName.FullName) ? GlobalUse.Everything : GlobalUse.None,
        // A file may be one of the drive Variable.
        FileRedirectionAst file =>
            file.Location is VariableExpressionAst { VariablePath.UserPath: "null" } ? GlobalUse.None : GlobalUse.Everything,
        AssignmentStatementAst assignment => RecordChange(assignment.Left),
        UnaryExpressionAst
        {
            TokenKind: TokenKind.PlusPlus or TokenKind.MinusMinus or TokenKind.PostfixPlusPlus or TokenKind.PostfixMinusMinus
        } unary => RecordChange(unary.Child),
        _ => GlobalUse.None,
    };

    private GlobalUse UseOf(VariableExpressionAst variable)
    {
        var path = variable.VariablePath;
        if (path.IsDriveQualified)
            return path.DriveName.Equals("env", StringComparison.OrdinalIgnoreCase) ? GlobalUse.None : GlobalUse.Everything;
        var name = path.UserPath[(path.UserPath.LastIndexOf(':') + 1)..];
        if (EngineVariables.Contains(name))
            return GlobalUse.Everything;
        _readsItems |= name.Equals("PWD", StringComparison.OrdinalIgnoreCase);
        _namesRequest |= name.Equals("Request", StringComparison.OrdinalIgnoreCase)
            && !(variable.Parent is MemberExpressionAst member && member.Expression == variable);
        NamesSession |= name.Equals("Session", StringComparison.OrdinalIgnoreCase);
        AsksForSuccess |= name == "?";
        if (!path.IsGlobal && !path.IsScript)
            return GlobalUse.None;
        _globals.Add(name);
        // What is no plain name may be looked for under another.
        return PlainName().IsMatch(name) ? GlobalUse.Variables : UseOfUnnamedVariables();
    }

    private GlobalUse UseOfUnnamedVariables()
    {
        _namesGlobals = false;
        return GlobalUse.Variables;
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
        _readsItems |= ItemCommands.Contains(name);
        if (name.Equals("ForEach-Object", StringComparison.OrdinalIgnoreCase))
        {
            // A text names a member, which may be a method.
            _changesObjects |= command.CommandElements.Skip(1).Any(static element => element is StringConstantExpressionAst);
            if (!command.CommandElements.Skip(1).All(IsWritten))
                return GlobalUse.Everything;
        }
        else if (name.Equals("Where-Object", StringComparison.OrdinalIgnoreCase))
        {
            for (var at = 1; at < command.CommandElements.Count; at++)
            {
                if (!IsWritten(command.CommandElements[at])
                    && !(command.CommandElements[at - 1] is CommandParameterAst parameter
                        && Comparison().IsMatch(parameter.ParameterName)))
                    return GlobalUse.Everything;
            }
        }

        return command.CommandElements.Any(static element => element is VariableExpressionAst { Splatted: true })
            ? UseOfUnnamedVariables()
            : GlobalUse.None;
    }

    /// <summary>A value that stands in the script's text, and was inspected with it: no scriptblock from elsewhere.</summary>
    private static bool IsWritten(Ast element) => element switch
    {
        CommandParameterAst parameter => parameter.Argument is null || IsWritten(parameter.Argument),
        ArrayLiteralAst array => array.Elements.All(IsWritten),
        ConstantExpressionAst or ExpandableStringExpressionAst or ScriptBlockExpressionAst => true,
        _ => false,
    };

    private GlobalUse UseOf(InvokeMemberExpressionAst call)
    {
        if (call.Member is not StringConstantExpressionAst { Value: var method }
            || method.StartsWith("Invoke", StringComparison.OrdinalIgnoreCase))
            return GlobalUse.Everything;
        // A type that is not written here may be any type, and so may a scriptblock.
        if (call.Static && call.Expression is not TypeExpressionAst)
            return GlobalUse.Everything;
        if (Iteration().IsMatch(method) && call.Arguments?.All(IsWritten) == false)
            return GlobalUse.Everything;
        RecordChange(call);
        return RootOf(call.Expression) switch
        {
            TypeExpressionAst type => PlainTypes.Contains(type.TypeName.FullName) ? GlobalUse.None : GlobalUse.Everything,
            VariableExpressionAst { VariablePath: { IsUnqualified: true, UserPath: var name } }
                when PlainVariables.Contains(name) || _locals.Contains(name) => GlobalUse.None,
            StringConstantExpressionAst or ExpandableStringExpressionAst or ConstantExpressionAst or ConvertExpressionAst
                or ArrayExpressionAst or HashtableAst or ParenExpressionAst or ScriptBlockExpressionAst or SubExpressionAst =>
                GlobalUse.None,
            _ => GlobalUse.Everything,
        };
    }

    /// <summary>Members of objects that are set or called, unless the object is the request or the answer.</summary>
    private GlobalUse RecordChange(Ast target)
    {
        _changesObjects |= target.Find(
            static node => node is MemberExpressionAst or IndexExpressionAst && !IsOfRequest(RootOf(node)),
            searchNestedScriptBlocks: false) is not null;
        return GlobalUse.None;
    }

    private static bool IsOfRequest(Ast root) => root is TypeExpressionAst
        || (root is VariableExpressionAst { VariablePath.UserPath: var name } && RequestVariables.Contains(name));

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
                case ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst inner] } }
                    when inner.Expression is VariableExpressionAst or UsingExpressionAst or MemberExpressionAst
                        or IndexExpressionAst or ParenExpressionAst:
                    expression = inner.Expression;
                    break;
                default:
                    return expression;
            }
        }
    }

    /// <summary>
    /// The common parameters that name a variable, abbreviated in any way, and those of web cmdlets and Tee-Object.
    /// </summary>
    [GeneratedRegex("^(ov|ev|wv|iv|pv|sv|outv.*|errorv.*|warningv.*|informationv.*|pipelinev.*|sessionv.*|var.*)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex VariableParameter();

    [GeneratedRegex("^[ci]?(eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in|notin|is|isnot)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"^[A-Za-z0-9_]+\z")]
    private static partial Regex PlainName();

    [GeneratedRegex("^(foreach|where)$", RegexOptions.IgnoreCase)]
    private static partial Regex Iteration();

    /// <summary>Types that lead to the engine, or make scripts of text.</summary>
    [GeneratedRegex("automation|runspace|powershell|scriptblock|psvariable", RegexOptions.IgnoreCase)]
    private static partial Regex EngineType();
}
