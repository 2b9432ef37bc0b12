using System.Buffers;
using System.Text;
using System.Text.Json;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Uploads;

namespace Http.Server;

/// <content>Files that clients send in a form.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>Answers POST of a form to a directory. All its files get their names when all are there, or none does.</summary>
    private protected async ValueTask TakeFormAsync()
    {
        await Task.Yield();
        var (url, path) = FindUploadTarget();
        if (Headers["Content-Type"] is not { } type || !type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new RequestFaultException(415, "Files are posted as a form, multipart/form-data; a single one is sent with PUT");
        if (MultipartReader.BoundaryOf(type) is not { } boundary)
            throw new RequestFaultException(400, "The form's Content-Type has no boundary");
        if (HideDotfiles && url.HasHiddenSegment)
            throw new RequestFaultException(403, "Names that begin with a dot are hidden here");
        if (IsForPrograms(url, path))
            throw new RequestFaultException(403, "Programs are not uploaded");
        using var folder = OpenFolder(path);
        var files = new List<UploadFile>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var most = Server.Options.MaxFormFields;
        try
        {
            var reader = new MultipartReader(Rfile, boundary);
            while (await reader.ReadPartAsync().ConfigureAwait(false) is { } part)
            {
                if (reader.PartCount > most)
                    throw new RequestFaultException(413, $"The form has more than {most} parts");
                if (await FindFileNameAsync(part).ConfigureAwait(false) is not { } name)
                    continue;
                // Reading may have gone on where nothing may wait for the disk.
                if (InlineCompletions.IsEnabled)
                    await Task.Yield();
                CheckUpload(url.Append(name), System.IO.Path.Join(path, name));
                MayReplace(folder, name);
                if (!names.Add(name) && !AllowOverwrite)
                    throw UploadFault.IsThere();
                var file = UploadFile.Create(folder, name);
                files.Add(file);
                await file.FillAsync(part.Body).ConfigureAwait(false);
            }

            if (files.Count == 0)
                throw new RequestFaultException(400, "The form has no file");
            if (InlineCompletions.IsEnabled)
                await Task.Yield();
            Publish(files, folder);
        }
        finally
        {
            foreach (var file in files)
                await file.DisposeAsync().ConfigureAwait(false);
        }

        SendStored(url, files);
    }

    /// <summary>The name of a part's file; null if it is a field without one, or one in which no file was chosen.</summary>
    private static async ValueTask<string?> FindFileNameAsync(MultipartPart part)
    {
        // Without a Content-Disposition that can be read there is no telling what would be lost (RFC 7578, section 4.2).
        if (part.Name is null && part.FileName is null)
            throw new RequestFaultException(400, "A part of the form has no valid Content-Disposition");
        if (part.FileName is not { Length: 0 })
        {
            return part.FileName is null || UploadName.FindFault(part.FileName, OperatingSystem.IsWindows()) is not { } fault
                ? part.FileName
                : throw new RequestFaultException(400, fault);
        }

        return await part.Body.ReadAsync(new byte[1]).ConfigureAwait(false) == 0 ? null : throw new RequestFaultException(400, "A file of the form has no name");
    }

    private void Publish(List<UploadFile> files, UploadFolder folder)
    {
        for (var count = 0; count < files.Count; count++)
        {
            try
            {
                files[count].Publish(() => MayReplace(folder, files[count].Name));
            }
            catch (RequestFaultException fault) when (count > 0)
            {
                // Somebody was quicker with this name while the form arrived.
                throw new RequestFaultException(fault.Status, $"{fault.Message}; of {files.Count} files the first {count} are stored", fault.InnerException);
            }
        }
    }

    /// <summary>Tells what was stored: a page goes back to the listing, a program gets what it accepts.</summary>
    private void SendStored(UrlPath url, List<UploadFile> files)
    {
        ReadOnlySpan<string> types = ["text/plain", "application/json", "text/html"];
        var type = types[AcceptHeader.Choose(Encoding.Latin1.GetBytes(string.Join(',', Headers.GetAll("Accept"))), types)];
        if (type == "text/html")
        {
            SendResponse(303);
            SendHeader("Location", url.Encoded.TrimEnd('/') + "/");
            SendHeader("Content-Length", "0");
            EndHeaders();
            return;
        }

        var isJson = type == "application/json";
        var body = isJson ? Describe(url, files) : Encoding.ASCII.GetBytes(string.Concat(files.Select(file => url.Append(file.Name).Encoded + "\n")));
        SendResponse(201);
        if (files.Count == 1)
            SendHeader("Location", url.Append(files[0].Name).Encoded);
        SendHeader("Content-Type", isJson ? "application/json" : "text/plain; charset=utf-8");
        SendHeader("Content-Length", body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        EndHeaders();
        Wfile.Write(body);
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
