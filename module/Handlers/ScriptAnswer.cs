using System.Globalization;
using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Handlers.Tasks;

namespace Http.Server.PowerShell.Handlers;

/// <summary>Makes an answer of what a scriptblock has put out, unless it has answered by itself.</summary>
internal static class ScriptAnswer
{
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>
    /// An answer up to this length, in bytes, goes into the buffer of the connection, which is sent without
    /// waiting.
    /// </summary>
    private const int SentAtOnce = 16 * 1024;

    /// <summary>A longer answer, in bytes, waits for its client in a temporary file.</summary>
    private const int MaxInMemory = 256 * 1024;

    private const int CopyBlock = 32 * 1024;

    /// <summary>Sends the answer. Called on the worker's thread, for values may have script properties.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="output">What the scriptblock has put out.</param>
    /// <param name="contentType">The type that was registered; null for none.</param>
    /// <param name="parameters">The names of the script's own parameters.</param>
    /// <param name="worker">The worker.</param>
    public static void Send(ScriptHttpRequestHandler handler, List<PSObject> output, string? contentType,
        IReadOnlyCollection<string> parameters, ScriptWorker worker)
    {
        var values = output.Count == 0 ? [] : Finish(handler, output);
        if (handler.HasAnswered || handler.IsRaw)
        {
            if (values.Count > 0)
            {
                worker.Warn($"The handler has answered by itself: what it put out as well is not sent ({Sketch(values[0])}). "
                    + "Assign it to $null.");
            }

            DisposeStreams(values);
            return;
        }

        contentType = handler.Response.ContentType ?? contentType;
        if (values.Count == 0)
            SendNothing(handler);
        else if (values.Count == 1 && values[0].BaseObject is HttpTask task)
            TaskAnswer.SendStarted(handler, task, handler.Response.OwnStatus ?? 202,
                handler.Response.Headers.ContainsKey("Location"));
        else if (values.Count == 1 && values[0].BaseObject is Stream own && own.GetType().Assembly.IsDynamic)
            worker.RunAsCommand(() => SendStream(handler, own, contentType));
        else if (values.Count == 1 && values[0].BaseObject is Stream stream)
            SendStream(handler, stream, contentType);
        else if (BytesOf(values) is { } bytes)
            SendBytes(handler, bytes, contentType ?? "application/octet-stream");
        else if (values.TrueForAll(static value => value.BaseObject is string or char))
            SendText(handler, string.Join('\n', values.Select(static value => value.BaseObject.ToString())), contentType
                ?? PlainText);
        else if (values.TrueForAll(static value => value.BaseObject is System.Xml.XmlNode))
            SendText(handler, string.Concat(values.Select(static value => ((System.Xml.XmlNode)value.BaseObject).OuterXml)),
                contentType ?? "application/xml; charset=utf-8");
        else if (values[0].BaseObject.GetType()
            .FullName!.StartsWith("Microsoft.PowerShell.Commands.Internal.Format", StringComparison.Ordinal))
            SendText(handler, (string)(worker.Format(values) ?? ""), contentType ?? PlainText);
        else if (contentType is null)
            ObjectAnswer.Send(handler, values, worker, parameters);
        else if (contentType.Contains("json", StringComparison.OrdinalIgnoreCase))
            SendEncoded(handler, JsonOutput.Write(JsonNodes.Join(values), worker), contentType);
        else if (contentType.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase))
            SendEncoded(handler, ObjectAnswer.Csv(values, worker), contentType);
        else
            SendText(handler, TextOf(values, worker), contentType);
    }

    /// <summary>
    /// Waits for tasks among the output, what <c>$this.DoGet()</c> gives say, and puts their results in their
    /// place.
    /// </summary>
    private static List<PSObject> Finish(ScriptHttpRequestHandler handler, List<PSObject> output)
    {
        var values = new List<PSObject>(output.Count);
        foreach (var value in output)
        {
            switch (value?.BaseObject)
            {
                case null:
                    break;
                case ValueTask { IsCompleted: false } when handler.HasAnswered:
                    // A file that is being sent: the request waits for it, the worker need not.
                    break;
                case ValueTask task:
                    task.AsTask().GetAwaiter().GetResult();
                    break;
                case Task task:
                    task.GetAwaiter().GetResult();
                    if (task.GetType().GetProperty("Result")?.GetValue(task) is { } result
                        && result.GetType().Name != "VoidTaskResult")
                        values.Add(PSObject.AsPSObject(result));
                    break;
                default:
                    values.Add(value);
                    break;
            }
        }

        return values;
    }

    /// <summary>
    /// Values as lines. Custom objects, and those of PowerShell's classes, may have scripts that make text of them.
    /// </summary>
    private static string TextOf(List<PSObject> values, ScriptWorker worker)
    {
        var text = "";
        if (values.TrueForAll(static value => value.BaseObject is not PSCustomObject
            && !value.BaseObject.GetType().Assembly.IsDynamic))
            Make();
        else
            worker.RunAsCommand(Make);
        return text;

        void Make() => text = string.Join('\n', values.Select(static value =>
            Convert.ToString(value.BaseObject is PSCustomObject ? value : value.BaseObject, CultureInfo.InvariantCulture)));
    }

    /// <summary>A value in a few words, for the log.</summary>
    private static string Sketch(PSObject value)
    {
        var text = value.BaseObject is string or ValueType ? value.BaseObject.ToString()! : value.BaseObject.GetType().Name;
        return text.Length > 100 ? text[..100] + "..." : text;
    }

    private static void SendNothing(ScriptHttpRequestHandler handler)
    {
        var status = handler.Response.OwnStatus ?? 204;
        handler.SendResponse(status, handler.Response.Reason);
        if (status is not (204 or 304))
            handler.SendHeader("Content-Length", "0");
        handler.EndHeaders();
    }

    private static void SendText(ScriptHttpRequestHandler handler, string text, string contentType)
    {
        var encoding = EncodingOf(ref contentType);
        if (text.Length <= MaxInMemory)
            SendBytes(handler, encoding.GetBytes(text), contentType);
        else
            SendStored(handler, contentType, file => AnswerFile.Write(file, text, encoding));
    }

    /// <summary>Sends text that is there in UTF-8, in the encoding of its type.</summary>
    private static void SendEncoded(ScriptHttpRequestHandler handler, byte[] text, string contentType)
    {
        if (EncodingOf(ref contentType) is UTF8Encoding)
            SendBytes(handler, text, contentType);
        else
            SendText(handler, Encoding.UTF8.GetString(text), contentType);
    }

    /// <summary>Sends bytes.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="contentType">Their Content-Type.</param>
    /// <param name="variesByAccept">Another Accept header would have been answered in another form.</param>
    /// <param name="policy">What a page may load; null for no word of it.</param>
    public static void SendBytes(ScriptHttpRequestHandler handler, byte[] bytes, string contentType,
        bool variesByAccept = false, string? policy = null)
    {
        if (bytes.Length > MaxInMemory)
        {
            SendStored(handler, contentType, file => file.Write(bytes), variesByAccept, policy);
            return;
        }

        Begin(handler, contentType, variesByAccept, policy);
        EndHead(handler, bytes.Length);
        if (bytes.Length <= SentAtOnce)
            handler.Body.Write(bytes);
        else
            handler.SendLater(body => body.WriteAsync(bytes));
    }

    /// <summary>A client that takes its time shall not hold the answer in memory.</summary>
    private static void SendStored(ScriptHttpRequestHandler handler, string contentType, Action<Stream> write,
        bool variesByAccept = false, string? policy = null)
    {
        var file = AnswerFile.Create(write);
        try
        {
            Begin(handler, contentType, variesByAccept, policy);
            EndHead(handler, file.Length);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        handler.SendLater(body => SendAsync(handler, file, body));
    }

    private static void SendStream(ScriptHttpRequestHandler handler, Stream stream, string? contentType)
    {
        if (!stream.CanRead)
            throw new ObjectDisposedException(stream.GetType().Name, "The stream that the handler put out has been closed.");
        try
        {
            Begin(handler, contentType
                ?? (stream is FileStream file ? MimeTypes.GuessType(file.Name) : "application/octet-stream"));
            if (stream.CanSeek)
                handler.SendHeader("Content-Length", (stream.Length - stream.Position).ToString(CultureInfo.InvariantCulture));
            handler.EndHeaders();
            // The code of a PowerShell class needs the worker's runspace.
            if (stream.GetType().Assembly.IsDynamic && handler.Command != "HEAD")
                stream.CopyTo(handler.Body);
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        if (stream.GetType().Assembly.IsDynamic)
            stream.Dispose();
        else
            handler.SendLater(body => SendAsync(handler, stream, body));
    }

    private static async ValueTask SendAsync(ScriptHttpRequestHandler handler, Stream stream, Stream body)
    {
        await using (stream.ConfigureAwait(false))
        {
            if (handler.Command == "HEAD")
                return;
            // The stream may block its reader, and this may be the worker's thread still.
            await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
            await stream.CopyToAsync(body, CopyBlock).ConfigureAwait(false);
        }
    }

    private static void EndHead(ScriptHttpRequestHandler handler, long length)
    {
        if (handler.ResponseStatus is not (204 or 304))
            handler.SendHeader("Content-Length", length.ToString(CultureInfo.InvariantCulture));
        handler.EndHeaders();
    }

    private static void Begin(
        ScriptHttpRequestHandler handler, string contentType, bool variesByAccept = false, string? policy = null)
    {
        handler.SendResponse(handler.Response.StatusCode, handler.Response.Reason);
        if (!handler.Response.Headers.Contains("Content-Type"))
            handler.SendHeader("Content-Type", contentType);
        if (variesByAccept)
            handler.SendHeader("Vary", "Accept");
        if (policy is not null)
            handler.SendHeader("Content-Security-Policy", policy);
    }

    private static void DisposeStreams(List<PSObject> values)
    {
        foreach (var value in values)
            (value.BaseObject as Stream)?.Dispose();
    }

    /// <summary>The engine puts out an array byte by byte, unless it is kept whole with a comma.</summary>
    public static byte[]? BytesOf(List<PSObject> values)
    {
        if (!values.TrueForAll(static value => value.BaseObject is byte or byte[]))
            return null;
        if (values is [{ BaseObject: byte[] whole }])
            return whole;
        using var bytes = new MemoryStream(values.Count);
        foreach (var value in values)
        {
            if (value.BaseObject is byte single)
                bytes.WriteByte(single);
            else
                bytes.Write((byte[])value.BaseObject);
        }

        return bytes.ToArray();
    }

    /// <summary>The encoding that a type names; one without a charset, where that matters, is given UTF-8.</summary>
    private static Encoding EncodingOf(ref string contentType)
    {
        var at = contentType.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            if (contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
                contentType += "; charset=utf-8";
            return Encoding.UTF8;
        }

        var name = contentType[(at + 8)..].Split(';')[0].Trim().Trim('"');
        return name.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? Encoding.UTF8 : Encoding.GetEncoding(name);
    }
}
