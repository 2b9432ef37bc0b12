using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine.Scripts;

/// <summary>
/// Handlers that define classes. The engine's copy of a class forgets what its constructors are, so the script is not copied but
/// read anew, with everything around it blanked out: positions stay what they are. A second function around it has its errors
/// end it.
/// </summary>
/// <remarks>Each worker reads it for itself: classes belong to the runspace that defines them.</remarks>
internal sealed class ClassScript
{
    private readonly string _text;
    private readonly string? _file;

    private ClassScript(string text, string? file) => (_text, _file) = (text, file);

    /// <summary>What follows the handler's name in that of the function with the script.</summary>
    public const string Suffix = "Script";

    /// <summary>Reads a script anew.</summary>
    /// <returns>Null if it has no class, or cannot be read by itself.</returns>
    public static ClassScript? Read(ScriptBlockAst script)
    {
        if (script.Find(static node => node is TypeDefinitionAst, searchNestedScriptBlocks: true) is null
            || script.Parent is FunctionDefinitionAst { Parameters: not null })
            return null;
        var text = script.Extent.StartScriptPosition.GetFullScript().ToCharArray();
        var (start, end) = (script.Extent.StartOffset, script.Extent.EndOffset);
        // The braces of a block are not part of it.
        if (script.Parent is not null && text[start] == '{' && text[end - 1] == '}')
            (start, end) = (start + 1, end - 1);
        var usings = script.Parent is null ? [] : RootOf(script).UsingStatements;
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsControl(text[at]) && (at < start || at >= end)
                && !usings.Any(statement => statement.Extent.StartOffset <= at && at < statement.Extent.EndOffset))
                text[at] = ' ';
        }

        Parser.ParseInput(new string(text), script.Extent.File, out _, out var errors);
        return errors.Length == 0 ? new ClassScript(new string(text), script.Extent.File) : null;
    }

    /// <summary>The script for the worker of this thread.</summary>
    public ScriptBlockAst Make() => Parser.ParseInput(_text, _file, out _, out _);

    /// <summary>The function that is called as the handler.</summary>
    /// <param name="name">The name of the function with the script.</param>
    /// <param name="parameters">What its parameters are given.</param>
    public static ScriptBlock Around(string name, ScriptParameters parameters)
    {
        var table = parameters.MakeBinder is null ? "@args " : $"@{ScriptParameters.Variable} ";
        return ScriptBlock.Create(parameters.Request is not { } request
            ? $"try {{ {name} {table}{OwnScript.EndOfCall}"
            : $"param(${{{request}}}) try {{ {name} -{request}:${{{request}}} {table}{OwnScript.EndOfCall}");
    }

    /// <summary>The script that a block was written in.</summary>
    public static ScriptBlockAst RootOf(Ast node)
    {
        while (node.Parent is not null)
            node = node.Parent;
        return (ScriptBlockAst)node;
    }
}
