using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.Uploads;

namespace Http.Server.StaticFiles;

/// <summary>A request that brings files for a site: whether it may, and where they go.</summary>
internal static class UploadRequest
{
    /// <summary>Answers PUT of a file.</summary>
    public static async ValueTask ReceiveFileAsync(StaticExchange exchange)
    {
        // Looking at directories waits for the disk.
        await Task.Yield();
        await MakeReceiver(exchange).ReceiveFileAsync().ConfigureAwait(false);
    }

    /// <summary>Answers POST of a form to a directory.</summary>
    public static async ValueTask ReceiveFormAsync(StaticExchange exchange)
    {
        await Task.Yield();
        await MakeReceiver(exchange).ReceiveFormAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the request comes from a page of another origin that no option names: any page that a user opens could have the
    /// browser send a form here, with the user's password. Not even <c>*</c> among the origins, which is about reading, lets it.
    /// </summary>
    public static bool IsCrossOrigin(IStaticHandler handler) =>
        !RequestOrigin.IsOwn(handler.Headers["Sec-Fetch-Site"], handler.Headers["Origin"], handler.Host, handler.IsSecure)
        && handler.FindSite().Cors?.Names(handler.Headers["Origin"]) != true;

    private static UploadReceiver MakeReceiver(StaticExchange exchange)
    {
        if (IsCrossOrigin(exchange.Handler))
            throw new RequestFaultException(403, "Pages of other origins may not upload here");
        var site = exchange.FindSite();
        var target = exchange.FindTarget();
        if (target.Url is not { HasEncodedSlash: false, HasRawBytes: false } url)
            throw new RequestFaultException(
                400, target.Fault is UrlPathFault.TemporaryName
                    ? "The name of the file is reserved"
                    : "The path is none that a file could have");
        if (Locator.FindPlace(exchange, target, out _) is not { } path || !site.Root.Covers(path))
            throw new RequestFaultException(403, "Nothing is uploaded to this path");
        return new UploadReceiver(site.Uploads!, new UploadTarget(
            url, path, site.Options.HideDotfiles, site.Options.Compression != CompressionPolicy.Off,
            (place, file) => site.FindProgramDirectory(place) is not null || site.LeadsToProgram(file)
                || exchange.Handler.View?.MayWrite(place) == false), exchange.Handler);
    }
}
