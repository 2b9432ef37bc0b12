using System.Management.Automation.Language;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>What the comments of a handler's script say of it, as Get-Help would read them.</summary>
internal sealed class HandlerHelp
{
    private readonly CommentHelpInfo? _help;

    /// <param name="written">The handler as it was written.</param>
    public HandlerHelp(Ast written)
    {
        _help = written switch
        {
            ScriptBlockAst script => script.GetHelpContent(),
            FunctionDefinitionAst function => function.GetHelpContent(),
            _ => null,
        };
        Synopsis = Line(_help?.Synopsis);
        Description = Text(_help?.Description);
        Outputs = Text(string.Join('\n', _help?.Outputs ?? []));
        Link = (_help?.Links ?? []).Select(Line).OfType<string>().FirstOrDefault(static link =>
            Uri.TryCreate(link, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https");
    }

    /// <summary>The synopsis, on one line; null for none.</summary>
    public string? Synopsis { get; }

    /// <summary>The description; null for none.</summary>
    public string? Description { get; }

    /// <summary>What is said of the output; null for nothing.</summary>
    public string? Outputs { get; }

    /// <summary>The first link to a page; null for none.</summary>
    public string? Link { get; }

    /// <summary>What is said of a parameter; null for nothing.</summary>
    public string? Parameter(string name) =>
        _help?.Parameters is { } all && all.TryGetValue(name.ToUpperInvariant(), out var text) ? Text(text) : null;

    private static string? Line(string? text) => Text(text)?.Replace('\n', ' ');

    /// <summary>The text without the indentation that it has in the script.</summary>
    private static string? Text(string? text)
    {
        var lines = (text ?? "").ReplaceLineEndings("\n").Split('\n').Select(static line => line.Trim());
        return string.Join('\n', lines).Trim('\n') is { Length: > 0 } plain ? plain : null;
    }
}
