using System.Globalization;
using System.Text.Json.Nodes;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>
/// Writes a document as a page in the style of the listings, for people. It has no script at all: what is folded up are elements
/// that browsers fold themselves.
/// </summary>
internal sealed class DocumentPage
{
    public const string ContentType = "text/html; charset=utf-8";

    private static readonly OutputAsset Style = new(OutputAsset.PageStyle, "openapi.css");

    private readonly OutputText _page = new();
    private readonly JsonObject _document;

    private DocumentPage(JsonObject document) => _document = document;

    /// <summary>What the page may load: its own style, and nothing else.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src {Style.HashSource}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Writes the page.</summary>
    public static byte[] Write(JsonObject document)
    {
        var page = new DocumentPage(document);
        page.Write();
        return page._page.ToBytes();
    }

    private static string Text(JsonNode? node, string name) => node?[name]?.GetValue<string>() ?? "";

    private void Write()
    {
        var title = SchemaText.Encode(Text(_document["info"], "title"));
        _page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n<title>").Append(title).Append("</title>\n<style>")
            .Append(Style.Text).Append("</style>\n</head>\n<body>\n<h1>").Append(title).Append("</h1>\n");
        var operations = Operations().ToList();
        _page.Append("<p class=\"bar\">").Append(operations.Count.ToString(CultureInfo.InvariantCulture))
            .Append(operations.Count == 1 ? " operation" : " operations")
            .Append(" <a href=\"openapi.json\">OpenAPI 3.1 document</a></p>\n");
        foreach (var group in operations.GroupBy(static operation => operation.Operation["tags"]?[0]?.GetValue<string>() ?? ""))
        {
            _page.Append("<section>\n<h2>/").Append(SchemaText.Encode(group.Key)).Append("</h2>\n");
            foreach (var (method, path, operation) in group)
                WriteOperation(method, path, operation);
            _page.Append("</section>\n");
        }

        WriteSchemes();
        WriteClasses();
        _page.Append("</body>\n</html>\n");
    }

    private IEnumerable<(string Method, string Path, JsonObject Operation)> Operations() =>
        ((JsonObject)_document["paths"]!).SelectMany(static path => ((JsonObject)path.Value!)
            .SelectMany(static entry => entry.Key == DocumentWriter.OtherMethods
                ? ((JsonObject)entry.Value!).AsEnumerable() : Enumerable.Repeat(entry, 1))
            .Select(entry => (entry.Key.ToUpperInvariant(), path.Key, (JsonObject)entry.Value!)));

    private void WriteOperation(string method, string path, JsonObject operation)
    {
        _page.Append("<details id=\"").Append(SchemaText.Encode(Text(operation, "operationId")))
            .Append("\">\n<summary><b class=\"")
            .Append(method is "GET" or "HEAD" or "OPTIONS" ? "look" : method == "DELETE" ? "drop" : "change").Append("\">")
            .Append(SchemaText.Encode(method)).Append("</b> <code>").Append(SchemaText.Encode(path)).Append("</code> <span>")
            .Append(SchemaText.Encode(Text(operation, "summary"))).Append("</span></summary>\n");
        WriteText(Text(operation, "description"));
        if (Text(operation["externalDocs"], "url") is { Length: > 0 } link)
            _page.Append("<p><a rel=\"noreferrer\" href=\"").Append(SchemaText.Encode(link)).Append("\">")
                .Append(SchemaText.Encode(link)).Append("</a></p>\n");
        WriteSecurity(operation);
        WriteParameters(operation);
        WriteBody(operation);
        WriteAnswers(operation);
        _page.Append("</details>\n");
    }

    private void WriteText(string text)
    {
        if (text.Length > 0)
            _page.Append("<p class=\"text\">").Append(SchemaText.Encode(text)).Append("</p>\n");
    }

    private void WriteSecurity(JsonObject operation)
    {
        if (operation["security"] is not JsonArray requirements)
            return;
        var names = requirements.OfType<JsonObject>().Select(static one => one.Count == 0 ? "nothing"
            : $"<a href=\"#security-{SchemaText.Encode(one.First().Key)}\">{SchemaText.Encode(one.First().Key)}</a>");
        _page.Append("<p>Log in by ").Append(string.Join(" or ", names)).Append(".</p>\n");
    }

    private void WriteParameters(JsonObject operation)
    {
        if (operation["parameters"] is not JsonArray parameters)
            return;
        BeginTable("Parameters", "Name", "In", "Type", "Description");
        foreach (var parameter in parameters.OfType<JsonObject>().Select(Resolve))
            WriteRow(NameOf(Text(parameter, "name"), parameter["required"] is not null), Text(parameter, "in"),
                SchemaText.TypeOf(parameter["schema"]), Describe(parameter, parameter["schema"]));
        EndTable();
    }

    private void WriteBody(JsonObject operation)
    {
        if (operation["requestBody"] is not JsonObject { } body || body["content"] is not JsonObject content)
            return;
        var schema = content.First().Value!["schema"];
        var types = SchemaText.Encode(string.Join(", ", content.Select(static media => media.Key)));
        if (schema?["properties"] is JsonObject)
        {
            WriteMembers("Body: " + types, schema);
            return;
        }

        BeginTable("Body", "Form", "Type", "Description");
        WriteRow(types, SchemaText.TypeOf(schema), Describe(body, schema));
        EndTable();
    }

    private void WriteAnswers(JsonObject operation)
    {
        BeginTable("Answers", "Status", "Form", "Type", "Description");
        foreach (var (status, answer) in (JsonObject)operation["responses"]!)
        {
            var known = Resolve((JsonObject)answer!);
            var content = known["content"] as JsonObject ?? [];
            WriteRow(SchemaText.Encode(status), SchemaText.Encode(string.Join(", ", content.Select(static media => media.Key))),
                content.Count == 0 ? "" : SchemaText.TypeOf(content.First().Value!["schema"]), Describe(known, null));
        }

        EndTable();
    }

    private void WriteSchemes()
    {
        if (_document["components"]?["securitySchemes"] is not JsonObject schemes)
            return;
        _page.Append("<section>\n<h2>Authentication</h2>\n");
        BeginTable("", "Name", "Kind", "Place");
        foreach (var (name, scheme) in schemes)
        {
            var (kind, place) = Text(scheme, "type") switch
            {
                "apiKey" => ("key", $"{Text(scheme, "in")} {Text(scheme, "name")}"),
                "mutualTLS" => ("certificate", "the handshake of TLS"),
                _ when Text(scheme, "bearerFormat") is { Length: > 0 } format => ($"bearer, {format}", "header Authorization"),
                _ => (Text(scheme, "scheme"), "header Authorization"),
            };
            WriteRow($"<span id=\"security-{SchemaText.Encode(name)}\">{NameOf(name, isRequired: false)}</span>",
                SchemaText.Encode(kind), SchemaText.Encode(place));
        }

        EndTable();
        _page.Append("</section>\n");
    }

    private void WriteClasses()
    {
        _page.Append("<section>\n<h2>Types</h2>\n");
        foreach (var (name, schema) in (JsonObject)_document["components"]!["schemas"]!)
        {
            var id = SchemaText.Encode(name);
            _page.Append("<h3 id=\"schema-").Append(id).Append("\">").Append(id).Append("</h3>\n");
            WriteText(Text(schema, "description"));
            WriteMembers("", schema!);
        }

        _page.Append("</section>\n");
    }

    private void WriteMembers(string caption, JsonNode schema)
    {
        var required = (schema["required"] as JsonArray ?? []).Select(static name => name!.GetValue<string>()).ToHashSet();
        BeginTable(caption, "Name", "Type", "Description");
        foreach (var (name, member) in (JsonObject)schema["properties"]!)
            WriteRow(NameOf(name, required.Contains(name)), SchemaText.TypeOf(member), Describe(member, member));
        EndTable();
    }

    private JsonObject Resolve(JsonObject node) => Text(node, "$ref") is { Length: > 0 } reference
        ? (JsonObject)reference.Split('/')[1..].Aggregate((JsonNode)_document, static (around, name) => around[name]!)
        : node;

    private static string NameOf(string name, bool isRequired) =>
        $"<code>{SchemaText.Encode(name)}</code>{(isRequired ? " <i>required</i>" : "")}";

    private static string Describe(JsonNode? described, JsonNode? schema)
    {
        string[] parts = [SchemaText.Encode(Text(described, "description")), SchemaText.LimitsOf(schema)];
        return string.Join('\n', parts.Where(static part => part.Length > 0));
    }

    private void BeginTable(string caption, params IEnumerable<string> columns)
    {
        _page.Append("<table>\n");
        if (caption.Length > 0)
            _page.Append("<caption>").Append(caption).Append("</caption>\n");
        _page.Append("<thead><tr>");
        foreach (var column in columns)
            _page.Append("<th>").Append(column).Append("</th>");
        _page.Append("</tr></thead>\n<tbody>\n");
    }

    private void WriteRow(params IEnumerable<string> cells)
    {
        _page.Append("<tr>");
        foreach (var cell in cells)
            _page.Append("<td>").Append(cell).Append("</td>");
        _page.Append("</tr>\n");
    }

    private void EndTable() => _page.Append("</tbody>\n</table>\n");
}
