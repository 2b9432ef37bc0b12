using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.Transport;

namespace Http.Server.Uploads;

/// <summary>
/// Tells a client what of its form was stored: a page goes back to the listing, a program gets what it
/// accepts.
/// </summary>
internal static class StoredFiles
{
    public static void Send(IHandlerContext context, UrlPath url, List<UploadFile> files)
    {
        ReadOnlySpan<string> types = ["text/plain", "application/json", "text/html"];
        var type = types[AcceptHeader.Choose(
            Encoding.Latin1.GetBytes(string.Join(',', context.Headers.GetAll("Accept"))), types)];
        if (type == "text/html")
        {
            context.SendResponse(303);
            context.SendHeader("Location", url.Encoded.TrimEnd('/') + "/");
            context.SendHeader("Content-Length", "0");
            context.EndHeaders();
            return;
        }

        var isJson = type == "application/json";
        var body = isJson ? Describe(url,
            files) : Encoding.ASCII.GetBytes(string.Concat(files.Select(file => url.Append(file.Name).Encoded + "\n")));
        context.SendResponse(201);
        if (files.Count == 1)
            context.SendHeader("Location", url.Append(files[0].Name).Encoded);
        context.SendHeader("Content-Type", isJson ? "application/json" : "text/plain; charset=utf-8");
        context.SendHeader("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        context.EndHeaders();
        context.Wfile.Write(body);
    }

    private static byte[] Describe(UrlPath url, List<UploadFile> files)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteStartArray("files");
            foreach (var file in files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteString("path", url.Append(file.Name).Encoded);
                json.WriteNumber("size", file.Length);
                json.WriteBoolean("replaced", file.HasReplaced);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }
}
