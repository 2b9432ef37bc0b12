using System.Text.RegularExpressions;

namespace Http.Server.Documentation.Tests.Support;

/// <summary>A document in Markdown, as far as its tests read it: headings, links, and blocks of code.</summary>
internal sealed partial class Document
{
    private readonly List<Section> _sections = [];
    private readonly HashSet<string> _anchors = [];
    private readonly List<(int Line, string Target)> _links = [];

    private Document(string name)
    {
        Name = name;
        var section = new Section("");
        List<string>? block = null;
        var (words, start, number) = (Array.Empty<string>(), 0, 0);
        foreach (var line in File.ReadLines(System.IO.Path.Combine(Build.Root, name)))
        {
            number++;
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                if (block is null)
                {
                    (words, start, block) = (line[3..].Split(' ', StringSplitOptions.RemoveEmptyEntries), number, []);
                }
                else
                {
                    var file = Array.Find(words, static word => word.StartsWith("file=", StringComparison.Ordinal))?["file=".Length..];
                    section.Fences.Add(new(words.FirstOrDefault() ?? "", words.Skip(1).Contains("runs"), file, start, string.Join('\n', block)));
                    block = null;
                }
            }
            else if (block is not null)
            {
                block.Add(line);
            }
            else
            {
                if (HeadingPattern().Match(line) is { Success: true } heading)
                {
                    _sections.Add(section);
                    section = new(heading.Groups[1].Value);
                    AddAnchor(section.Heading);
                }

                _links.AddRange(LinkPattern().Matches(CodePattern().Replace(line, "")).Select(match => (number, match.Groups[1].Value)));
            }
        }

        Assert.True(block is null, $"{name}:{start}: the block of code has no end.");
        _sections.Add(section);
    }

    /// <summary>README, what it leads to, and the changelog.</summary>
    public static IReadOnlyList<Document> All { get; } =
    [
        .. new[] { "README.md", "CHANGELOG.md" }
            .Concat(Directory.EnumerateFiles(System.IO.Path.Combine(Build.Root, "docs"), "*.md", SearchOption.AllDirectories)
                .Select(static path => System.IO.Path.GetRelativePath(Build.Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal))
            .Select(static name => new Document(name)),
    ];

    /// <summary>Its path in the repository, with slashes.</summary>
    public string Name { get; }

    public IReadOnlyList<Section> Sections => _sections;

    /// <summary>The targets of links and images, each with the line in which it stands.</summary>
    public IReadOnlyList<(int Line, string Target)> Links => _links;

    /// <summary>Whether a heading has this anchor, made as GitHub makes it.</summary>
    public bool HasAnchor(string anchor) => _anchors.Contains(anchor);

    private void AddAnchor(string heading)
    {
        var anchor = NoAnchorPattern().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');
        // Headings that read the same are numbered.
        for (var (number, numbered) = (1, anchor); !_anchors.Add(numbered); number++)
            numbered = $"{anchor}-{number}";
    }

    [GeneratedRegex(@"^#{1,6} +(.*?) *$")]
    private static partial Regex HeadingPattern();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NoAnchorPattern();
}
