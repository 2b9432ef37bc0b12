using System.Text.Encodings.Web;
using System.Text.Json;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>
/// The description of a server's handlers: a document for programs at <c>/openapi.json</c>, and a page for people at
/// <c>/openapi</c>. It is made when it is first asked for, and once; when handlers change, there is another one.
/// </summary>
/// <param name="title">The server's name.</param>
/// <param name="handlers">The handlers; of two for the same method and path the first counts.</param>
internal sealed class ApiDocument(string title, IReadOnlyList<ApiHandler> handlers)
{
    private const string DocumentName = "openapi.json";
    private const string PageName = "openapi";

    // What is escaped in a page of HTML may stand in a file of JSON as it is.
    private static readonly JsonSerializerOptions Options = new(JsonSerializerOptions.Default)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1000,
        WriteIndented = true,
        NewLine = "\n",
    };

    private readonly Lock _lock = new();
    private readonly bool _hasDocument = !HasOwn(handlers, DocumentName);
    private readonly bool _hasPage = !HasOwn(handlers, PageName);
    private Task<(ApiPage Document, ApiPage Page)>? _made;

    /// <summary>Whether it answers requests for a path: a handler for just this path would be meant to.</summary>
    /// <param name="segments">The decoded segments of the path; null for a path that the server refuses.</param>
    public bool IsAt(IReadOnlyList<string>? segments) => IsDocument(segments) ? _hasDocument : IsPage(segments) && _hasPage;

    /// <summary>Answers GET and HEAD for a path that it is at.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="segments">The decoded segments of the path.</param>
    /// <param name="workers">Makes it, if it has not been made.</param>
    public async ValueTask AnswerAsync(BaseHttpRequestHandler handler, IReadOnlyList<string>? segments, WorkerPool workers)
    {
        // Links of the page are relative, for proxies that serve it below a path of their own.
        if (IsPage(segments) && handler.Path.Split('?')[0].EndsWith('/'))
        {
            handler.SendResponse(301);
            handler.SendHeader("Location", "../" + PageName);
            handler.SendHeader("Content-Length", "0");
            handler.EndHeaders();
            return;
        }

        var (document, page) = await GetAsync(workers).ConfigureAwait(false);
        await (IsPage(segments) ? page : document).SendAsync(handler).ConfigureAwait(false);
    }

    private static bool IsDocument(IReadOnlyList<string>? segments) => IsName(segments, DocumentName);

    private static bool IsPage(IReadOnlyList<string>? segments) => IsName(segments, PageName);

    private static bool IsName(IReadOnlyList<string>? segments, string name) =>
        segments is { Count: 1 } && segments[0].Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool HasOwn(IReadOnlyList<ApiHandler> handlers, string name) =>
        handlers.Any(handler => handler.Pattern is { IsLiteral: true, LiteralPrefix: var path } && IsName(path, name));

    private Task<(ApiPage Document, ApiPage Page)> GetAsync(WorkerPool workers)
    {
        lock (_lock)
        {
            // What has failed, for all workers were busy say, is tried again.
            if (_made is null or { IsCompleted: true, IsCompletedSuccessfully: false })
                _made = MakeAsync(workers);
            return _made;
        }
    }

    private async Task<(ApiPage Document, ApiPage Page)> MakeAsync(WorkerPool workers)
    {
        var build = new ApiBuild(title, handlers);
        await workers.RunAsync(build).ConfigureAwait(false);
        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
        var document = build.Document!;
        return (
            new ApiPage(JsonSerializer.SerializeToUtf8Bytes(document, Options), "application/json; charset=utf-8", null),
            new ApiPage(DocumentPage.Write(document), DocumentPage.ContentType, DocumentPage.Policy));
    }
}
