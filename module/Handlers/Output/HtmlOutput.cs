using System.Globalization;
using System.Net;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>
/// Writes a table as a page in the style of the listings, for people: a click on the head of a column sorts by it, and links lead
/// to the other forms.
/// </summary>
internal static class HtmlOutput
{
    public const string ContentType = "text/html; charset=utf-8";

    private static readonly OutputAsset Style = new(OutputAsset.PageStyle, OutputAsset.TableStyle);

    private static readonly OutputAsset Script = new("table.js");

    /// <summary>What the page may load: its own style and script, and nothing else.</summary>
    public static string Policy { get; } = $"default-src 'none'; style-src {Style.HashSource}; script-src {Script.HashSource}; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Writes the page.</summary>
    /// <param name="table">The table.</param>
    /// <param name="path">The decoded path of the request, the title.</param>
    /// <param name="query">The query as it was sent, without the question mark; the links to the other forms keep it.</param>
    public static byte[] Write(OutputTable table, string path, string query)
    {
        var page = new OutputText();
        var title = Encode(path);
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n<title>").Append(title).Append("</title>\n<style>")
            .Append(Style.Text).Append("</style>\n</head>\n<body>\n<h1>").Append(title).Append("</h1>\n");
        WriteLinks(page, query);
        if (table.IsOne)
            WriteOne(page, table);
        else
            WriteTable(page, table);
        page.Append("<script>").Append(Script.Text).Append("</script>\n</body>\n</html>\n");
        return page.ToBytes();
    }

    private static void WriteLinks(OutputText page, string query)
    {
        var kept = string.Concat(query.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(static pair => !pair.StartsWith("format=", StringComparison.OrdinalIgnoreCase))
            .Select(static pair => pair + "&"));
        page.Append("<p>");
        foreach (var form in new[] { OutputForm.Json, OutputForm.Csv, OutputForm.Xml, OutputForm.Text })
        {
            var name = form.ToString();
            page.Append("<a href=\"?").Append(Encode(kept)).Append("format=").Append(name.ToLowerInvariant()).Append("\">")
                .Append(form is OutputForm.Text ? name : name.ToUpperInvariant()).Append("</a>\n");
        }

        page.Append("</p>\n");
    }

    private static void WriteTable(OutputText page, OutputTable table)
    {
        page.Append("<table>\n<caption>").Append(table.Rows.Count.ToString(CultureInfo.InvariantCulture))
            .Append(table.Rows.Count == 1 ? " row" : " rows").Append("</caption>\n<thead>\n<tr>");
        for (var column = 0; column < table.Columns.Count; column++)
        {
            page.Append(IsOfNumbers(table, column) ? "<th class=\"n\">" : "<th>").Append("<button type=\"button\">")
                .Append(Encode(table.Columns[column])).Append("</button></th>");
        }

        page.Append("</tr>\n</thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>");
            for (var column = 0; column < table.Columns.Count; column++)
                WriteCell(page, OutputTable.Cell(row, column));
            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void WriteOne(OutputText page, OutputTable table)
    {
        page.Append("<table>\n<tbody>\n");
        for (var column = 0; column < table.Columns.Count; column++)
        {
            page.Append("<tr><th scope=\"row\">").Append(Encode(table.Columns[column])).Append("</th>");
            WriteCell(page, OutputTable.Cell(table.Rows[0], column));
            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    /// <summary>The head of a column stands above its values: on the right if none of them is text.</summary>
    private static bool IsOfNumbers(OutputTable table, int column)
    {
        var cells = table.Rows.Select(row => OutputTable.Cell(row, column)).Where(static cell => cell.Text.Length > 0);
        return cells.Any() && cells.All(static cell => cell.IsNumber);
    }

    private static void WriteCell(OutputText page, OutputCell cell) =>
        page.Append(cell.IsNumber ? "<td class=\"n\">" : "<td>").Append(Encode(cell.Text)).Append("</td>");

    /// <summary>Controls, which a page cannot have, become U+FFFD.</summary>
    private static string Encode(string text) => WebUtility.HtmlEncode(XmlOutput.Clean(text));
}
