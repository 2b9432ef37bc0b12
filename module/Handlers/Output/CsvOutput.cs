using System.Buffers;
using System.Globalization;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>
/// Writes a table as CSV (RFC 4180): a line of names, then one for each row, CRLF between them. Text that a spreadsheet would
/// take for a formula has an apostrophe before it, as OWASP advises ("CSV Injection"): a file that one client's text is in is
/// opened by another.
/// </summary>
internal static class CsvOutput
{
    public const string ContentType = "text/csv; charset=utf-8";

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    public static byte[] Write(OutputTable table)
    {
        var text = new OutputText();
        WriteLine(text, table.Columns.Select(Guard));
        foreach (var row in table.Rows)
        {
            WriteLine(text, Enumerable.Range(0, table.Columns.Count).Select(column =>
                OutputTable.Cell(row, column) is var cell && cell.IsNumber ? cell.Text : Guard(cell.Text)));
        }

        return text.ToBytes();
    }

    private static void WriteLine(OutputText text, IEnumerable<string> fields)
    {
        var isFirst = true;
        foreach (var field in fields)
        {
            if (!isFirst)
                text.Append(",");
            isFirst = false;
            if (field.AsSpan().ContainsAny(Quoted) || field is [' ', ..] or [.., ' '])
                text.Append("\"").Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append("\"");
            else
                text.Append(field);
        }

        text.Append("\r\n");
    }

    /// <summary>Text that is a number is no formula.</summary>
    private static string Guard(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..]
        && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? "'" + text : text;
}
