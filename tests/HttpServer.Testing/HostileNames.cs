namespace Http.Server.Tests.Support;

/// <summary>Names that a file may have and that break a page, a link or a log if anything is not escaped.</summary>
internal static class HostileNames
{
    /// <summary>Names that every file system here takes.</summary>
    public static IReadOnlyList<string> Everywhere { get; } =
    [
        "plain.txt", "a&amp;b", "&lt;", "it's", "50%", "%41", "%2e%2e", "%2F", "%00", "a#b", "#", "  spaces in  it", "-dash", "--help",
        "...a", "..a", ".hidden", "~", "~user", "a;b=c", "+plus+", "[x]", "{y}", "`tick`", "^", "$HOME", "!", "(1)", "a,b", "=", "@",
        "@at@", "日本語", "ünï 😀", "e\u0301", "\u00e9", "\u202Etxt.exe", "\uFFFD", "\u00a0", "\u2028", "\u0085",
        new string('x', 255), string.Concat(Enumerable.Repeat("é", 127)),
    ];

    /// <summary>Names that Windows refuses.</summary>
    public static IReadOnlyList<string> OnUnix { get; } =
    [
        "\"", "say \"hi\" onclick=\"x", "<script>alert(1)<script>", "<!--", "]]>", "a?b=c", "?", "a:b", "javascript:alert(1)", "http:",
        "back\\slash", "\\", "\\\\evil.example", "..\\up", "tab\there", "new\nline", "cr\rlf\n", "\u0001\u001b[31m", "\u007f", " ", "trailing ",
        "trailing.", "...", "con", "*", "|",
    ];

    public static IEnumerable<string> All => OperatingSystem.IsWindows() ? Everywhere : Everywhere.Concat(OnUnix);
}
