using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>
/// Completes media types that are in use for files and answers, by their beginning or by that of what follows the
/// slash.
/// </summary>
public sealed class MediaTypeCompleter : SessionCompleter
{
    /// <summary>Extensions of files that are often served, those of pages before those of pictures and the rest.</summary>
    private static readonly string[] Extensions =
    [
        "html", "json", "txt", "css", "js", "xml", "csv", "md", "yaml", "ics", "tsv", "svg", "png", "jpg", "gif", "webp", "avif",
            "ico", "pdf", "zip", "gz", "tar",
        "mp3", "wav", "mp4", "webm", "m3u8", "woff2", "wasm", "webmanifest", "xhtml", "jsonld", "rtf", "bin",
    ];

    /// <summary>Types of answers, which no file has.</summary>
    private static readonly string[] OfAnswers = ["application/problem+json", "application/x-ndjson", "text/event-stream"];

    /// <summary>The types.</summary>
    internal static IReadOnlyList<string> Types { get; } = [.. Extensions.Select(TypeOf).Concat(OfAnswers).Distinct()];

    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        Types.Select(static type => (type, MimeTypes.WithCharset(type)));

    private protected override bool Fits(string text, string word) =>
        base.Fits(text, word) || base.Fits(text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..], word);

    private static string TypeOf(string extension) => MimeTypes.TryGetType(extension, out var type) ? type : MimeTypes.Default;
}
