using System.Text;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Work;

namespace Http.Server.Uploads;

/// <summary>Answers a request that brings files. A refusal is sent before the body is asked for.</summary>
internal sealed class UploadReceiver(UploadArea area, UploadTarget target, IHandlerContext context)
{
    /// <summary>Answers PUT of a file.</summary>
    /// <exception cref="RequestFaultException">The file is not stored; the fault says why.</exception>
    public async ValueTask ReceiveFileAsync()
    {
        var head = context.Connection.Input.Head;
        // Part of a file would be taken for the whole of it (RFC 9110, section 14.5).
        if (context.Headers["Content-Range"] is not null)
            throw new RequestFaultException(400, "A part of a file cannot be uploaded, so PUT has no Content-Range");
        if (context.Headers["Content-Encoding"] is { } coding && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new RequestFaultException(415, "A file is stored as it is sent, so PUT has no Content-Encoding");
        if (head.ContentLength < 0 && !head.IsChunked)
            throw new RequestFaultException(411, "PUT needs a Content-Length, which may be 0, or a body in chunks");
        if (target.Url.HasTrailingSlash)
            throw new RequestFaultException(409, "The path is that of a directory: give it the name of a file");
        Check(target.Url, target.Path);
        using var folder = area.Open(System.IO.Path.GetDirectoryName(target.Path)!, context.Connection.Options.Log);
        var name = System.IO.Path.GetFileName(target.Path);
        MayReplace(folder, name);
        var file = UploadFile.Create(folder, name);
        await using (file.ConfigureAwait(false))
        {
            await file.FillAsync(context.Rfile).ConfigureAwait(false);
            file.Publish(() => MayReplace(folder, name));
            await file.SettleAsync(context.Connection.Clock).ConfigureAwait(false);
        }

        context.SendResponse(file.HasReplaced ? 204 : 201);
        if (file.Stamp != default)
            context.SendHeader("ETag", FileContent.ETagOf(file.Stamp, !file.Stamp.IsDistinct(context.Connection.Clock.UtcNow)));
        if (!file.HasReplaced)
        {
            context.SendHeader("Location", target.Url.Encoded);
            context.SendHeader("Content-Length", "0");
        }

        context.EndHeaders();
    }

    /// <summary>Answers POST of a form to a directory. All its files get their names when all are there, or none does.</summary>
    /// <exception cref="RequestFaultException">No file is stored, or not all; the fault says why.</exception>
    public async ValueTask ReceiveFormAsync()
    {
        if (context.Headers["Content-Type"] is not { } type
            || !type.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new RequestFaultException(415,
                "Files are posted as a form, multipart/form-data; a single one is sent with PUT");
        if (MultipartReader.BoundaryOf(type) is not { } boundary)
            throw new RequestFaultException(400, "The form's Content-Type has no boundary");
        CheckPlace(target.Url, target.Path);
        using var folder = area.Open(target.Path, context.Connection.Options.Log);
        var files = new List<UploadFile>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var most = context.Server.Options.MaxFormFields;
        var reader = new MultipartReader(context.Rfile, boundary, WorkLimits.Shared.Received);
        try
        {
            while (await reader.ReadPartAsync().ConfigureAwait(false) is { } part)
            {
                if (reader.PartCount > most)
                    throw new RequestFaultException(413, $"The form has more than {most} parts");
                if (await FindFileNameAsync(part).ConfigureAwait(false) is not { } name)
                    continue;
                // The last read may have continued on a thread that must not wait for the disk.
                if (InlineCompletions.IsEnabled)
                    await Task.Yield();
                Check(target.Url.Append(name), System.IO.Path.Join(target.Path, name));
                MayReplace(folder, name);
                if (!names.Add(name) && !area.Overwrites)
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
            reader.Release();
            foreach (var file in files)
                await file.DisposeAsync().ConfigureAwait(false);
        }

        StoredFiles.Send(context, target.Url, files);
    }

    /// <summary>The name of a part's file; null if it is a field without one, or one in which no file was chosen.</summary>
    private static async ValueTask<string?> FindFileNameAsync(MultipartPart part)
    {
        // Without a valid Content-Disposition it is not known what the part is, and it could be lost (RFC 7578, section 4.2).
        if (part.Name is null && part.FileName is null)
            throw new RequestFaultException(400, "A part of the form has no valid Content-Disposition");
        if (part.FileName is not { Length: 0 })
        {
            return part.FileName is null || UploadName.FindFault(part.FileName, OperatingSystem.IsWindows()) is not { } fault
                ? part.FileName
                : throw new RequestFaultException(400, fault);
        }

        return await part.Body.ReadAsync(new byte[1]).ConfigureAwait(false) == 0
            ? null
            : throw new RequestFaultException(400, "A file of the form has no name");
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
                // Another request was quicker with this name while the form arrived.
                throw new RequestFaultException(fault.Status,
                    $"{fault.Message}; of {files.Count} files the first {count} are stored", fault.InnerException);
            }
        }
    }

    /// <summary>Checks the path of a new file without looking at the disk's files.</summary>
    private void Check(UrlPath url, string path)
    {
        if (UploadName.FindFault(System.IO.Path.GetFileName(path), OperatingSystem.IsWindows()) is { } fault)
            throw new RequestFaultException(400, fault);
        CheckPlace(url, path);
    }

    private void CheckPlace(UrlPath url, string path)
    {
        if (target.HidesDotfiles && url.HasHiddenSegment)
            throw new RequestFaultException(403, "Names that begin with a dot are hidden here");
        if (target.IsClosed(url, path))
            throw new RequestFaultException(403, "Nothing is uploaded to this path");
    }

    /// <summary>Decides on what has the name that a file is to get.</summary>
    /// <returns>Whether it is replaced; false if there is nothing.</returns>
    /// <exception cref="RequestFaultException">It stays.</exception>
    private bool MayReplace(UploadFolder folder, string name)
    {
        var exists = folder.TryStat(name, out var kind, out var stamp);
        if (exists && kind != EntryKind.File)
            throw UploadFault.IsNoFile();
        var conditions = ConditionalHeaders.Read(context.Connection.Input.Head, context.Connection.Input.HeadBytes, out _);
        // The rule not to overwrite is a condition of the server; the client's conditions are answered first. The date is that
        // of the last change of any kind (ctime): a file with an old date that has replaced another one counts as changed.
        if (exists ? !Holds(conditions, stamp) : conditions.HasIfMatch)
            throw new RequestFaultException(412, "The file is not as the request's condition wants it");
        if (!area.Overwrites && (exists || StandsForAnother(folder, name)))
            throw exists ? UploadFault.IsThere() : new RequestFaultException(409,
                "The file would be sent in place of another one, and this server overwrites none");
        return exists;
    }

    private bool Holds(in ConditionalHeaders conditions, FileStamp stamp)
    {
        var etag = Encoding.ASCII.GetBytes(FileContent.ETagOf(stamp, !stamp.IsDistinct(context.RequestTime)));
        return Preconditions.Evaluate(conditions, etag, stamp.LastChangeUtc, context.RequestTime,
            isGetOrHead: false) != PreconditionOutcome.Failed;
    }

    private bool StandsForAnother(UploadFolder folder, string name)
    {
        if (!target.PrefersPrecompressed)
            return false;
        foreach (var coding in ContentCodings.All)
        {
            var extension = ContentCodings.ExtensionOf(coding);
            if (name.Length > extension.Length && name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)
                && folder.TryStat(name[..^extension.Length], out _, out _))
                return true;
        }

        return false;
    }
}
