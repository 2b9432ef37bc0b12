using System.Management.Automation.Runspaces;

namespace Http.Server.Host.Scripts;

/// <summary>A word of the command line as an argument of a script: <c>-Name</c>, <c>-Name:value</c> or a value.</summary>
internal static class ScriptArgument
{
    public static CommandParameter Read(string word)
    {
        // A dash and a digit are a number.
        if (word.Length < 2 || word[0] != '-' || !(char.IsLetter(word[1]) || word[1] is '_' or '?'))
            return new CommandParameter(null, word);
        var colon = word.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return new CommandParameter(word, null);
        if (colon == word.Length - 1)
            return new CommandParameter(word[..^1], null);
        return new CommandParameter(word[1..colon], ReadValue(word[(colon + 1)..]));
    }

    private static object ReadValue(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };
}
