using System.IO.Enumeration;
using Http.Server.Files.Bodies;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.StaticFiles.Sites;
using Http.Server.Transport;

namespace Http.Server.StaticFiles;

/// <summary>Sends the heads of answers with files.</summary>
internal static class Responder
{
    /// <summary>
    /// What a client may do with an answer without asking again: nothing. It costs a 304 and never shows old
    /// content.
    /// </summary>
    public const string RevalidateAlways = "no-cache";

    /// <summary>A year, the longest that caches honour, and no asking even on a reload (RFC 8246).</summary>
    private const string ImmutableCacheControl = "public, max-age=31536000, immutable";

    /// <summary>Sends an error, which is the whole answer.</summary>
    /// <returns>Null, as there is no body to send.</returns>
    public static FileContent? Fail(IHandlerContext context, int code, string? message = null, string? explain = null)
    {
        context.SendError(code, message, explain);
        return null;
    }

    /// <summary>Redirects to the same path with a slash at its end, or without if it has one.</summary>
    public static FileContent? Redirect(IHandlerContext context, UrlPath url)
    {
        // Built from the canonical path alone, which has one slash at its start and no backslash: it stays on this host.
        context.SendResponse(301);
        context.SendHeader("Location", (url.HasTrailingSlash ? url.Encoded.TrimEnd('/') : url.Encoded + "/")
            + (url.Query.Length > 0 ? "?" + PercentEncoding.EncodeQuery(url.Query) : ""));
        context.SendHeader("Cache-Control", RevalidateAlways);
        context.SendHeader("Content-Length", "0");
        context.EndHeaders();
        return null;
    }

    /// <summary>Sends the head for a whole file.</summary>
    public static FileContent SendWhole(IHandlerContext context, SiteOptions options, FileContent content, string path,
        string type)
    {
        context.SendResponse(200);
        var output = context.Connection.Output;
        var start = output.Count;
        var mayKeep = MayKeepLines(context, content);
        if (mayKeep && content.WholeLines is { } lines && ReferenceEquals(lines.ContentType, type))
        {
            context.SendHeaders(lines);
        }
        else
        {
            context.SendHeader("Content-Type", type);
            SendCoding(context, content);
            SendValidators(context, options, content, path);
            if (content.IsWhole && content.Length >= 0)
                context.SendHeader("Accept-Ranges", "bytes");
            if (mayKeep)
                content.WholeLines = HeaderLines.Copy(output, start, type, content.Length);
        }

        context.EndHeaders();
        return content;
    }

    /// <summary>Sends the head for a file that the client has already.</summary>
    public static FileContent? SendNotModified(IHandlerContext context, SiteOptions options, FileContent content, string path)
    {
        content.Dispose();
        context.SendResponse(304);
        var output = context.Connection.Output;
        var start = output.Count;
        var mayKeep = MayKeepLines(context, content);
        if (mayKeep && content.ValidatorLines is { } lines)
        {
            context.SendHeaders(lines);
        }
        else
        {
            SendValidators(context, options, content, path);
            if (mayKeep)
                content.ValidatorLines = HeaderLines.Copy(output, start, "", contentLength: -1);
        }

        context.EndHeaders();
        return null;
    }

    /// <summary>Sends the head for parts of a file.</summary>
    public static FileContent SendRanges(
        IHandlerContext context, SiteOptions options, FileContent content, string path, string type, List<ByteRange> ranges)
    {
        FileContent parts;
        context.SendResponse(206);
        if (ranges.Count == 1)
        {
            parts = FileContent.OfParts(content, [new ContentPart(default, ranges[0].Start, ranges[0].Length)]);
            context.SendHeader("Content-Type", type);
            context.SendHeader("Content-Range", RangeAnswer.ContentRange(ranges[0], content.Length));
        }
        else
        {
            parts = FileContent.OfParts(content, RangeAnswer.Multipart(ranges, content.Length, type, out var boundary));
            context.SendHeader("Content-Type", $"multipart/byteranges; boundary={boundary}");
        }

        SendCoding(context, parts);
        SendValidators(context, options, content, path);
        context.SendHeader("Accept-Ranges", "bytes");
        context.EndHeaders();
        return parts;
    }

    /// <summary>
    /// Sends 416, which keeps the connection: unlike other errors it is part of a normal download's end, and its body is
    /// framed.
    /// </summary>
    public static FileContent? SendUnsatisfiable(IHandlerContext context, SiteOptions options, FileContent content, string path)
    {
        context.SendResponse(416);
        context.SendHeader("Content-Range", RangeAnswer.Unsatisfiable(content.Length));
        context.SendHeader("Content-Length", "0");
        SendValidators(context, options, content, path);
        context.EndHeaders();
        content.Dispose();
        return null;
    }

    /// <summary>Sends what tells the recipient how to read the body: its coding, and its length if that is known.</summary>
    public static void SendCoding(IHandlerContext context, FileContent content)
    {
        if (content.Coding != ContentCoding.Identity)
            context.SendHeader("Content-Encoding", ContentCodings.NameOf(content.Coding));
        if (content.Length >= 0)
            context.SendHeader("Content-Length", content.LengthText);
    }

    /// <summary>
    /// Whether the headers that belong to content are those of the next answer with it too. Content in memory is its site's own,
    /// whose options do not change; a date in the future is sent as the present.
    /// </summary>
    private static bool MayKeepLines(IHandlerContext context, FileContent content) =>
        content.IsShared && context.SendsHeadersAsGiven && content.LastModifiedUtc <= context.RequestTime;

    private static void SendValidators(IHandlerContext context, SiteOptions options, FileContent content, string path)
    {
        if (content.ETag.Length > 0)
        {
            // A file dated in the future was changed now at the latest (RFC 9110, section 8.8.2.1).
            context.SendHeader("Last-Modified", content.LastModifiedUtc > context.RequestTime
                ? context.DateTimeString()
                : content.LastModified);
            context.SendHeader("ETag", content.ETag);
        }

        // A page that is loaded anew must not be made of what was kept.
        if (options.LiveReload)
            context.SendHeader("Cache-Control", RevalidateAlways);
        else if (options.ImmutableFiles.Count > 0 && IsImmutable(options, path))
            context.SendHeader("Cache-Control", ImmutableCacheControl);
        else if (options.CacheControl.Length > 0)
            context.SendHeader("Cache-Control", options.CacheControl);
    }

    private static bool IsImmutable(SiteOptions options, string path)
    {
        var name = System.IO.Path.GetFileName(path.AsSpan());
        foreach (var pattern in options.ImmutableFiles)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: OperatingSystem.IsWindows()))
                return true;
        }

        return false;
    }
}
