using System.Text.RegularExpressions;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A source file of the module as words, without comments and texts. One type a file makes a file's name a type's name.</summary>
/// <param name="Name">The path below the module's folder.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record Source(string Name, string Text)
{
    public static IReadOnlyList<Source> Module { get; } = Read();

    public string Folder { get; } = Path.GetDirectoryName(Name)!;

    public string Type { get; } = Path.GetFileName(Name).Split('.')[0];

    public string Code { get; } = NotCode().Replace(Text, " ");

    /// <summary>The words that may name a type: those behind a dot name a member.</summary>
    public IEnumerable<string> Uses => Word().Matches(Code).Where(match => match.Index == 0 || Code[match.Index - 1] != '.').Select(match => match.Value).Distinct();

    /// <summary>The types at the top of the file: their modifiers, and their names.</summary>
    public IEnumerable<(string Modifiers, string Name)> TopLevelTypes =>
        TopLevelType().Matches(Code).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    private static List<Source> Read()
    {
        var root = Path.Combine(Repository.Root, "module");
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(name => !name.StartsWith("bin/", StringComparison.Ordinal) && !name.StartsWith("obj/", StringComparison.Ordinal))
            .Select(name => new Source(name, File.ReadAllText(Path.Combine(root, name))))];
    }

    [GeneratedRegex(""" "{3}[\s\S]*?"{3} | @"(?:""|[^"])*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | //[^\n]* | /\*[\s\S]*?\*/ """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();

    [GeneratedRegex(@"^((?:public |internal |sealed |static |abstract |partial |readonly |unsafe |ref )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate)) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
