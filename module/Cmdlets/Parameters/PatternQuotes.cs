using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// Tells a pattern that was written without quotes: PowerShell takes the braces of /items/{id} for a scriptblock, which is an
/// argument of its own.
/// </summary>
internal static class PatternQuotes
{
    public const string Missing = "Without quotes the braces of a path are a scriptblock: write '/items/{id}', in quotes.";

    /// <summary>Whether the scriptblock was written right behind other text, as the braces of /items/{id} are.</summary>
    public static bool IsPartOfWord(ScriptBlock script)
    {
        var extent = script.Ast.Extent;
        return extent.StartOffset > 0 && extent.StartScriptPosition.GetFullScript() is var text
            && text[extent.StartOffset] == '{' &&
            (char.IsAsciiLetterOrDigit(text[extent.StartOffset - 1])
                || "/-._~}".Contains(text[extent.StartOffset - 1], StringComparison.Ordinal));
    }
}
