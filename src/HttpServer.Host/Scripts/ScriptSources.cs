using System.Management.Automation.Language;

namespace Http.Server.Host.Scripts;

/// <summary>A script and the files that it dot-sources by a path that can be read from its text.</summary>
internal sealed class ScriptSources
{
    private readonly Dictionary<string, ParseError?> _files = new(StringComparer.Ordinal);

    private ScriptSources()
    {
    }

    /// <summary>Full paths, the script's first.</summary>
    public IReadOnlyCollection<string> Files => _files.Keys;

    /// <summary>The first mistake that keeps one of the files from being run; null if all parse.</summary>
    public ParseError? Error => _files.Values.FirstOrDefault(static error => error is not null);

    /// <summary>
    /// Reads a script and what it dot-sources. A file that is not there, or cannot be read just now, counts as empty.
    /// </summary>
    /// <param name="script">The full path.</param>
    /// <param name="others">More files that are known to be its.</param>
    public static ScriptSources Read(string script, IEnumerable<string> others)
    {
        var sources = new ScriptSources();
        sources.Add(script);
        foreach (var other in others)
            sources.Add(other);
        return sources;
    }

    private void Add(string path)
    {
        if (_files.ContainsKey(path))
            return;
        _files.Add(path, null);
        if (!File.Exists(path))
            return;
        try
        {
            var tree = Parser.ParseFile(path, out _, out var errors);
            _files[path] = errors.FirstOrDefault();
            var dots = tree.FindAll(
                static part => part is CommandAst { InvocationOperator: TokenKind.Dot }, searchNestedScriptBlocks: true);
            foreach (var command in dots.Cast<CommandAst>())
            {
                if (PathOf(command.CommandElements[0], Path.GetDirectoryName(path)!) is { } dotted)
                    Add(dotted);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // An editor is replacing the file. When it is done, that is another change, and the file is read again.
        }
    }

    private static string? PathOf(CommandElementAst element, string folder)
    {
        var text = element switch
        {
            StringConstantExpressionAst constant => constant.Value,
            ExpandableStringExpressionAst { NestedExpressions: [VariableExpressionAst variable] } expandable
                when variable.VariablePath.UserPath.Equals("PSScriptRoot", StringComparison.OrdinalIgnoreCase) =>
                expandable.Value.Replace(variable.Extent.Text, folder, StringComparison.Ordinal),
            _ => null,
        };
        // A path without $PSScriptRoot is relative to the current directory.
        return text is null ? null : Path.GetFullPath(text.Replace('\\', Path.DirectorySeparatorChar));
    }
}
