using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Http.Server.Files;
using Http.Server.Pages;
using Http.Server.Protocol;

namespace Http.Server.Listings;

/// <summary>
/// A listing for programs: an array of objects with <c>name</c>, <c>type</c> (<c>file</c> or <c>directory</c>), <c>size</c>
/// (files alone), <c>modified</c> (ISO 8601, UTC) and <c>link</c> (a reference relative to the listing); <c>symlink</c> is true
/// for links.
/// </summary>
internal static class ListingJson
{
    /// <summary>Bytes after which the page takes them over.</summary>
    private const int MaxPending = 16 * 1024;

    // Letters of all scripts are written as they are; characters that HTML could take for markup are escaped.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static PageBytes Render(IReadOnlyList<DirectoryEntry> entries)
    {
        var page = new PageBytes();
        var bytes = new ArrayBufferWriter<byte>(MaxPending * 2);
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartArray();
            foreach (var entry in entries)
            {
                Write(json, entry);
                if (json.BytesPending + json.BytesCommitted - page.Length >= MaxPending)
                    Take(json);
            }

            json.WriteEndArray();
            Take(json);
        }

        return page.Complete();

        void Take(Utf8JsonWriter json)
        {
            json.Flush();
            page.Append(bytes.WrittenSpan);
            bytes.ResetWrittenCount();
        }
    }

    private static void Write(Utf8JsonWriter json, in DirectoryEntry entry)
    {
        var isDirectory = entry.Kind == EntryKind.Directory;
        json.WriteStartObject();
        json.WriteString("name", entry.Name);
        json.WriteString("type", isDirectory ? "directory" : "file");
        if (entry.IsLink)
            json.WriteBoolean("symlink", true);
        if (!isDirectory)
            json.WriteNumber("size", entry.Size);
        json.WriteString("modified",
            entry.ModifiedUtc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteString("link", PercentEncoding.EncodeSegment(entry.Name) + (isDirectory ? "/" : ""));
        json.WriteEndObject();
    }
}
