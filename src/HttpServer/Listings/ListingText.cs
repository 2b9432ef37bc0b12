using System.Text;
using Http.Server.Files;
using Http.Server.Logging;
using Http.Server.Pages;
using Http.Server.Protocol;

namespace Http.Server.Listings;

/// <summary>
/// A listing for scripts and terminals: a name a line, directories with a slash. What could forge a line or steer a terminal is
/// escaped as in the log, a backslash too, and bytes that are no UTF-8.
/// </summary>
internal static class ListingText
{
    public static PageBytes Render(IReadOnlyList<DirectoryEntry> entries)
    {
        var page = new PageBytes();
        foreach (var entry in entries)
        {
            page.Text.Append(Escape(entry.Name)).Append(entry.Kind == EntryKind.Directory ? "/\n" : "\n");
            page.Take();
        }

        return page.Complete();
    }

    private static string Escape(string name)
    {
        var bytes = RawText.Encode(name);
        var escaped = new byte[bytes.Length * LogText.MaxExpansion];
        return Encoding.UTF8.GetString(escaped, 0, LogText.Escape(bytes, escaped));
    }
}
