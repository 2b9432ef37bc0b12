using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>
/// Completes the tables of <c>-ContentType</c>: one entry with a type, in which the extension is to be
/// written.
/// </summary>
public sealed class MediaTypeTableCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        MediaTypeCompleter.Types.Select(static type => ($"@{{ '.ext' = '{type}' }}", $"Files named *.ext are {type}"));

    private protected override string Quote(string text) => text;
}
