using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// Answers with objects in the form that the client asks for, by <c>?format=</c> or its Accept header; in JSON if it asks for
/// none.
/// </summary>
internal static partial class ObjectAnswer
{
    private const string FormatName = "format";

    private const string Json = "application/json; charset=utf-8";

    /// <summary>Sends the answer. Called on the worker's thread, for values may have script properties.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="values">What the scriptblock has put out.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="parameters">The handler's own parameters: if one of them is Format, the query's is meant for it.</param>
    public static void Send(
        ScriptHttpRequestHandler handler, List<PSObject> values, ScriptWorker worker, IReadOnlyCollection<string> parameters)
    {
        var query = handler.Path.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? handler.Path[(mark + 1)..] : "";
        var format = query.Contains(FormatName, StringComparison.OrdinalIgnoreCase)
            && !parameters.Contains(FormatName, StringComparer.OrdinalIgnoreCase) ? FormatOf(query) : null;
        if (format is null && OutputChoice.Choose(handler.Headers["Accept"]) is { } accepted)
            Send(handler, values, worker, accepted, query, variesByAccept: true);
        else if (format is null)
            handler.SendError(406, null, $"The answer can be had as {OutputChoice.Names}.");
        else if (OutputChoice.Find(format) is { } asked)
            Send(handler, values, worker, asked, query, variesByAccept: false);
        else
            ParameterProblem.Send(handler, [new ParameterFault(
                FormatName, $"The parameter {FormatName} takes one of {OutputChoice.Names}.")]);
    }

    /// <summary>Writes values as CSV.</summary>
    public static byte[] Csv(List<PSObject> values, ScriptWorker worker) =>
        Write(worker, () => CsvOutput.Write(TableOf(values, worker, isForPeople: false)));

    private static void Send(ScriptHttpRequestHandler handler, List<PSObject> values, ScriptWorker worker, OutputForm form,
        string query, bool variesByAccept)
    {
        var (bytes, type) = form switch
        {
            OutputForm.Csv => (Csv(values, worker), CsvOutput.ContentType),
            OutputForm.Xml => (Write(worker, () => XmlOutput.Write(JsonNodes.Join(values))), XmlOutput.ContentType),
            OutputForm.Html => (Write(worker, () => HtmlOutput.Write(
                TableOf(values, worker, isForPeople: true), ScriptRequest.PathOf(handler), query)), HtmlOutput.ContentType),
            OutputForm.Text => (Encoding.UTF8.GetBytes(EscapeSequence().Replace(worker.Format(values), "")),
                "text/plain; charset=utf-8"),
            _ => (JsonOutput.Write(JsonNodes.Join(values), worker), Json),
        };
        var policy = form == OutputForm.Html && !handler.Response.Headers.Contains("Content-Security-Policy")
            ? HtmlOutput.Policy : null;
        ScriptAnswer.SendBytes(handler, bytes, type, variesByAccept, policy);
    }

    private static OutputTable TableOf(List<PSObject> values, ScriptWorker worker, bool isForPeople)
    {
        var table = new OutputTable(JsonNodes.Join(values), isForPeople);
        if (table.HasMore)
            worker.Warn(
                $"The objects have more than {table.Columns.Count} properties of different names: the rest are not sent.");
        return table;
    }

    /// <summary>Script properties, and the code of classes, run in a command, which has streams and can be stopped.</summary>
    private static byte[] Write(ScriptWorker worker, Func<byte[]> write)
    {
        var bytes = Array.Empty<byte>();
        worker.RunAsCommand(() => bytes = write());
        return bytes;
    }

    /// <summary>The format that a query asks for; empty for several, null for none.</summary>
    private static string? FormatOf(string query) =>
        FormFields.Parse(Encoding.Latin1.GetBytes(query), Encoding.UTF8)[FormatName] switch
        {
            null => null,
            string text => text,
            _ => "",
        };

    /// <summary>Colours of the console.</summary>
    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex EscapeSequence();
}
