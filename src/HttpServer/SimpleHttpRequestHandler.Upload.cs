using System.Text;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Uploads;

namespace Http.Server;

/// <content>Files that clients send.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>
    /// Whether clients may put files into <see cref="Directory"/>, default false: with PUT of the file's path, or with POST of a form
    /// (<c>multipart/form-data</c>) to a directory. A file is seen when it has arrived whole, never through a link, never in a CGI
    /// directory, and not in place of another one. A page of another origin may not, unless <see cref="CorsOrigins"/> names that origin.
    /// A class's own <c>DoPut</c> and <c>DoPost</c> come first.
    /// </summary>
    public bool AllowUpload { get; set; }

    /// <summary>Whether a file that is uploaded takes the place of another one of its name; default false: 409.</summary>
    public bool AllowOverwrite { get; set; }

    /// <summary>Whether files on their way have temporary names where they need none: for tests of file systems that cannot do otherwise.</summary>
    internal bool NamesUploadsAtOnce { get; set; }

    /// <summary>
    /// Removes what servers that were killed have left of uploads below <see cref="Directory"/>: files that were to be renamed when they are whole, and
    /// that no process writes into. Most file systems of Linux need no names for such files, and nothing stays. To be called when a server starts; else
    /// the first upload has it done.
    /// </summary>
    /// <remarks>Reads the directory and those below it on a thread of its own, up to a million names.</remarks>
    /// <param name="log">Told how many were removed, if any were.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>How many files were removed; 0 at once if <see cref="AllowUpload"/> is false.</returns>
    public async Task<int> RemoveAbandonedUploadsAsync(IHttpLog? log = null, CancellationToken cancellationToken = default)
    {
        if (!AllowUpload)
            return 0;
        var (root, directory) = (Root, Directory);
        root.IsClearedOfUploads = true;
        try
        {
            var count = await Task.Factory.StartNew(
                () => root.RemoveAbandonedUploads(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(false);
            if (count > 0)
                log?.Message(LogLevel.Information, null, $"Removed {count} unfinished {(count == 1 ? "upload" : "uploads")} that a server has left in {directory}.");
            return count;
        }
        catch (TaskSchedulerException)
        {
            // The system has no thread to give: the next start finds them.
            return 0;
        }
    }

    /// <summary>The verbs for an Allow header.</summary>
    private protected virtual IEnumerable<string> Verbs => AllowUpload ? Methods.Verbs.Union(["POST", "PUT"]).Order(StringComparer.Ordinal) : Methods.Verbs;

    /// <inheritdoc/>
    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) =>
        base.FindMethod(command) ?? (AllowUpload ? FindUploadMethod(command) : null);

    /// <summary>Whether programs are run where a path leads; nothing is uploaded there.</summary>
    private protected virtual bool IsForPrograms(UrlPath url, string path) => false;

    private static Func<BaseHttpRequestHandler, ValueTask>? FindUploadMethod(string command) => command switch
    {
        "PUT" => static handler => ((SimpleHttpRequestHandler)handler).TakeFileAsync(),
        "POST" => static handler => ((SimpleHttpRequestHandler)handler).TakeFormAsync(),
        _ => null,
    };

    /// <summary>Answers PUT of a file. Whatever stands against it is said before the body is asked for.</summary>
    private async ValueTask TakeFileAsync()
    {
        // Looking at directories waits for the disk.
        await Task.Yield();
        var (url, path) = FindUploadTarget();
        // Part of a file would be taken for the whole of it (RFC 9110, section 14.5).
        if (Headers["Content-Range"] is not null)
            throw new RequestFaultException(400, "A part of a file cannot be uploaded, so PUT has no Content-Range");
        if (Headers["Content-Encoding"] is { } coding && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw new RequestFaultException(415, "A file is stored as it is sent, so PUT has no Content-Encoding");
        if (Head.ContentLength < 0 && !Head.IsChunked)
            throw new RequestFaultException(411, "PUT needs a Content-Length, which may be 0, or a body in chunks");
        if (url.HasTrailingSlash)
            throw new RequestFaultException(409, "The path is that of a directory: give it the name of a file");
        CheckUpload(url, path);
        using var folder = OpenFolder(System.IO.Path.GetDirectoryName(path)!);
        var name = System.IO.Path.GetFileName(path);
        MayReplace(folder, name);
        var file = UploadFile.Create(folder, name);
        await using (file.ConfigureAwait(false))
        {
            await file.FillAsync(Rfile).ConfigureAwait(false);
            file.Publish(() => MayReplace(folder, name));
            await file.SettleAsync(Connection.Clock).ConfigureAwait(false);
        }

        SendResponse(file.HasReplaced ? 204 : 201);
        if (file.Stamp != default)
            SendHeader("ETag", FileContent.ETagOf(file.Stamp, !file.Stamp.IsDistinct(Connection.Clock.UtcNow)));
        if (!file.HasReplaced)
        {
            SendHeader("Location", url.Encoded);
            SendHeader("Content-Length", "0");
        }

        EndHeaders();
    }

    private UploadFolder OpenFolder(string path)
    {
        if (!Root.IsClearedOfUploads)
            _ = RemoveAbandonedUploadsAsync(Connection.Options.Log);
        return Root.OpenFolder(path, NamesUploadsAtOnce);
    }

    /// <summary>The canonical path that something is uploaded to, and where it lies.</summary>
    private (UrlPath Url, string Path) FindUploadTarget()
    {
        if (IsCrossOrigin())
            throw new RequestFaultException(403, "Pages of other origins may not upload here");
        var target = FindTarget();
        if (target?.Url is not { HasEncodedSlash: false, HasRawBytes: false } url)
            throw new RequestFaultException(400, target?.Fault is UrlPathFault.TemporaryName ? "The name of the file is reserved" : "The path is none that a file could have");
        if (!_translatesPaths)
            return (url, target.FilePath!);
        var path = TranslatePath(Path) is { } own ? System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(own)) : null;
        return path is not null && Root.Covers(path) ? (url, path) : throw new RequestFaultException(403, "Nothing is uploaded to this path");
    }

    /// <summary>Checks the path of a new file without looking at the disk's files.</summary>
    private void CheckUpload(UrlPath url, string path)
    {
        if (UploadName.FindFault(System.IO.Path.GetFileName(path), OperatingSystem.IsWindows()) is { } fault)
            throw new RequestFaultException(400, fault);
        if (HideDotfiles && url.HasHiddenSegment)
            throw new RequestFaultException(403, "Names that begin with a dot are hidden here");
        if (IsForPrograms(url, path))
            throw new RequestFaultException(403, "Programs are not uploaded");
    }

    /// <summary>Decides on what has the name that a file is to get.</summary>
    /// <returns>Whether it is replaced; false if there is nothing.</returns>
    /// <exception cref="RequestFaultException">It stays.</exception>
    private bool MayReplace(UploadFolder folder, string name)
    {
        var exists = folder.TryStat(name, out var kind, out var stamp);
        if (exists && kind != EntryKind.File)
            throw UploadFault.IsNoFile();
        ReadConditions(out var conditions);
        // Not to overwrite is a condition as well, only the server's own: the client's is answered first. A date is that of the last change of
        // any kind, lest what has taken another one's place with its date be overwritten by who has never seen it.
        if (exists ? !Holds(conditions, stamp) : conditions.HasIfMatch)
            throw new RequestFaultException(412, "The file is not as the request's condition wants it");
        if (!AllowOverwrite && (exists || StandsForAnother(folder, name)))
            throw exists ? UploadFault.IsThere() : new RequestFaultException(409, "The file would be sent in place of another one, and this server overwrites none");
        return exists;
    }

    private bool Holds(in ConditionalHeaders conditions, FileStamp stamp)
    {
        var etag = Encoding.ASCII.GetBytes(FileContent.ETagOf(stamp, !stamp.IsDistinct(RequestTime)));
        return Preconditions.Evaluate(conditions, etag, stamp.LastChangeUtc, RequestTime, isGetOrHead: false) != PreconditionOutcome.Failed;
    }

    /// <summary>The compressed form of a file that is there is sent in its place (<see cref="Compression"/>), which is as good as overwriting it.</summary>
    private bool StandsForAnother(UploadFolder folder, string name)
    {
        if (Compression == CompressionPolicy.Off)
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

    /// <summary>
    /// The request comes from a page of another origin that nobody has named: any page that a user opens could have the browser send a form
    /// here, with the user's password. Not even <c>*</c> in <see cref="CorsOrigins"/>, which is about reading, lets it.
    /// </summary>
    private bool IsCrossOrigin() =>
        !RequestOrigin.IsOwn(Headers["Sec-Fetch-Site"], Headers["Origin"], Host, IsSecure)
        && !(Headers["Origin"] is { } origin && origin != "*" && CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase));
}
