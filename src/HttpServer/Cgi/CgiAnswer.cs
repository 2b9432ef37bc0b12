using Http.Server.Files;

namespace Http.Server.Cgi;

/// <summary>Sends what the head of a program's answer says.</summary>
/// <param name="handler">The handler of the request.</param>
/// <param name="scriptName">The program.</param>
/// <param name="copyFile">Sends a file's content.</param>
internal sealed class CgiAnswer(SimpleHttpRequestHandler handler, string scriptName, Func<FileContent, ValueTask> copyFile)
{
    /// <summary>Sends the head of an answer whose body follows.</summary>
    public void SendHead(CgiHead head)
    {
        handler.SendResponse(head.Status != 0 ? head.Status : head.Location is not null ? 302 : 200, head.Reason);
        if (head.Location is { } location)
            handler.SendHeader("Location", location);
        foreach (var (name, value) in head.Headers)
            handler.SendHeader(name, value);
        handler.EndHeaders();
    }

    /// <summary>Sends the file that the head names in <c>X-Sendfile</c>, if it lies below the site's directory.</summary>
    public async ValueTask SendFileAsync(CgiHead head)
    {
        var path = System.IO.Path.GetFullPath(head.SendFile!, handler.FindSite().Root.FullPath);
        var opened = handler.FindSite().Root.Covers(path) ? handler.FindSite().Root.Open(path) : OpenedEntry.None;
        if (opened.Kind != EntryKind.File)
        {
            handler.LogError("CGI {0}: X-Sendfile names no file below {1}: {2}", scriptName,
                handler.FindSite().Root.FullPath,
                head.SendFile);
            handler.SendError(500);
            return;
        }

        using var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.Default, handler.RequestTime);
        handler.SendResponse(head.Status != 0 ? head.Status : 200, head.Reason);
        foreach (var (name, value) in head.Headers)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                handler.SendHeader(name, value);
        }

        if (content.Length >= 0)
            handler.SendHeader("Content-Length", content.LengthText);
        handler.EndHeaders();
        if (handler.Command != "HEAD")
            await copyFile(content).ConfigureAwait(false);
    }
}
