using Http.Server.Compression;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.LiveReload;
using Http.Server.MediaTypes;
using Http.Server.Protocol;

namespace Http.Server.StaticFiles;

/// <summary>
/// Chooses which representation of a file or page goes out: as it is, or compressed (RFC 9110, sections 8.4 and
/// 12.5.3).
/// </summary>
internal static class Representations
{
    /// <summary>
    /// Files up to this size are kept in memory for as long as they do not change; larger ones are read each
    /// time.
    /// </summary>
    public const int MaxStored = 256 * 1024;

    /// <summary>Content up to this size fits into one packet compressed or not.</summary>
    private const int MaxUncompressed = 1024;

    /// <summary>Chooses what the client gets; the candidate's content is closed if it is something else.</summary>
    /// <returns>Null if the client takes nothing that there is.</returns>
    public static FileContent? Choose(StaticExchange exchange, in Candidate candidate)
    {
        // A page with the script is made for this request alone, so compressing it is not worth the time.
        if (exchange.Site.LiveReload is not null && LiveReloadPage.IsPage(candidate.Type) && candidate.Content.Length >= 0)
            return LiveReloadPage.AddTo(candidate.Content, candidate.Type);
        if (!exchange.Site.IsNegotiated)
            return candidate.Content;
        if (!exchange.TryTakePrepared(candidate, out var chosen, out var varies))
            TryChoose(exchange, candidate, mayWait: true, out chosen, out varies);
        if (varies)
            exchange.VaryBy("Accept-Encoding");
        return chosen;
    }

    /// <summary>Chooses what the client gets; the candidate's content is closed if it is something else.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="candidate">What there is.</param>
    /// <param name="mayWait">The disk may be asked, and content be compressed.</param>
    /// <param name="chosen">Null if the client takes nothing that there is.</param>
    /// <param name="varies">Another client might get something else.</param>
    /// <returns>False if it would have to wait.</returns>
    public static bool TryChoose(StaticExchange exchange, in Candidate candidate, bool mayWait, out FileContent? chosen,
        out bool varies)
    {
        var content = candidate.Content;
        chosen = content;
        var accepted = exchange.FindAcceptedCodings();
        var mayCompress = exchange.Options.Compression == CompressionPolicy.On;
        var shrinks = mayCompress && content.Length > MaxUncompressed
            && (ReferenceEquals(candidate.Type, content.ContentType)
                ? content.Shrinks()
                : CompressibleTypes.Contains(candidate.Type));
        var isRefused = accepted.RefusesIdentity;
        FileContent? beside = null;
        varies = shrinks || isRefused;
        if (candidate.Path is not null && !TryFindPrecompressed(exchange, candidate, accepted, mayWait, ref varies, out beside))
            return false;
        var weightBeside = beside is null ? 0 : accepted.WeightOf(beside.Coding);
        var made = shrinks || (isRefused && mayCompress)
            ? accepted.Prefer(ContentCoding.Brotli, ContentCoding.Gzip)
            : ContentCoding.Identity;
        // At the same weight, what has been compressed beforehand goes before what would have to be compressed now.
        if (accepted.WeightOf(made) <= weightBeside || accepted.WeightOf(made) < accepted.WeightOf(ContentCoding.Identity))
            made = ContentCoding.Identity;
        if (weightBeside < accepted.WeightOf(ContentCoding.Identity))
        {
            beside?.Dispose();
            beside = null;
        }

        FileContent? encoded = null;
        if (made != ContentCoding.Identity && !TryEncode(exchange, candidate, made, mayWait, isRefused, out encoded))
        {
            beside?.Dispose();
            return false;
        }

        chosen = encoded ?? beside ?? (isRefused ? null : content);
        if (encoded is not null)
            beside?.Dispose();
        // A body that is compressed while it is sent has no length; it has taken the content over.
        if (!ReferenceEquals(chosen, content) && !(ReferenceEquals(chosen, encoded) && encoded is { Length: < 0 }))
            content.Dispose();
        return true;
    }

    /// <summary>Whether the client takes a file of this name compressed, and that has not been done beforehand.</summary>
    public static bool MayCompress(StaticExchange exchange, string path) =>
        exchange.Options.Compression == CompressionPolicy.On && exchange.Site.IsNegotiated
        && exchange.FindAcceptedCodings() is { IsPresent: true } accepted
        && accepted.Prefer(ContentCoding.Brotli, ContentCoding.Gzip) != ContentCoding.Identity
        && (exchange.Handler.GuessesTypes || CompressibleTypes.Contains(exchange.Handler.GuessType(path)));

    /// <summary>Reads the compressed files beside a file that is kept in memory.</summary>
    public static PrecompressedFiles LoadPrecompressed(StaticExchange exchange, FileContent content, string path) =>
        PrecompressedFiles.Of(coding =>
    {
        using var file = OpenPrecompressed(exchange, content, path, coding, isAnywhere: false);
        if (file is null)
            return null;
        var isKept = file.Length <= MaxStored && !file.IsFresh && file.Stamp.IsSettled(exchange.Handler.Connection.Clock.UtcNow);
        return new PrecompressedFile(path + ContentCodings.ExtensionOf(coding), file.Stamp, isKept ? file.Load() : null);
    });

    /// <summary>Finds the compressed file beside another one that the client likes best.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="candidate">What there is.</param>
    /// <param name="accepted">What the client takes.</param>
    /// <param name="mayWait">The disk may be asked.</param>
    /// <param name="varies">Set if there is one at all, that this client does not take perhaps; not looked for if it is set
    /// already.</param>
    /// <param name="best">Null if there is none, or none that the client takes.</param>
    /// <returns>False if it would have to wait.</returns>
    private static bool TryFindPrecompressed(
        StaticExchange exchange, in Candidate candidate, in AcceptedCodings accepted, bool mayWait, ref bool varies,
            out FileContent? best)
    {
        best = null;
        var known = candidate.Stored?.Precompressed;
        if (known is { IsEmpty: true } || (varies && !accepted.IsPresent))
            return true;
        if (known is null && !mayWait)
            return false;
        var bestWeight = 0;
        foreach (var coding in ContentCodings.All)
        {
            var weight = accepted.WeightOf(coding);
            if (weight <= bestWeight && varies)
                continue;
            FileContent? found;
            if (known is null)
                found = OpenPrecompressed(exchange, candidate.Content, candidate.Path!, coding, candidate.IsAnywhere);
            else if (known[coding] is not { } file)
                continue;
            else if (file.IsCurrent)
                found = file.Content;
            else if (mayWait)
                found = OpenPrecompressed(exchange, candidate.Content, candidate.Path!, coding, candidate.IsAnywhere);
            else
                return false;
            if (found is null)
                continue;
            varies = true;
            if (weight > bestWeight)
                (best, bestWeight, found) = (found, weight, best);
            found?.Dispose();
        }

        return true;
    }

    /// <returns>Null if there is none, or an older one than the file.</returns>
    private static FileContent? OpenPrecompressed(StaticExchange exchange, FileContent content, string path,
        ContentCoding coding, bool isAnywhere)
    {
        path += ContentCodings.ExtensionOf(coding);
        var opened = isAnywhere ? ContentRoot.OpenAnywhere(path) : exchange.Site.Open(path);
        if (opened.Kind == EntryKind.File && !PrecompressedFile.IsOutdated(opened.Stamp.ModifiedUtc, content.LastModifiedUtc))
            return FileContent.OfPrecompressed(opened.Handle!, opened.Stamp, coding,
                !opened.Stamp.IsDistinct(exchange.Handler.RequestTime));
        opened.Handle?.Dispose();
        if (opened.IsDenied)
            exchange.LogDenied(path);
        return null;
    }

    /// <param name="exchange">The request.</param>
    /// <param name="candidate">What there is.</param>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="mayWait">It may be compressed now.</param>
    /// <param name="evenIfLarger">Whether a result will do that saves nothing.</param>
    /// <param name="encoded">Null if it cannot be, or nothing would be saved.</param>
    /// <returns>False if it would have to wait.</returns>
    private static bool TryEncode(
        StaticExchange exchange, in Candidate candidate, ContentCoding coding, bool mayWait, bool evenIfLarger,
            out FileContent? encoded)
    {
        encoded = null;
        var content = candidate.Content;
        if (content.Length < 0)
            return true;
        if (content.Length > MaxStored)
            return TryEncodeWhileSent(exchange, content, coding, mayWait, evenIfLarger, out encoded);
        if (!mayWait)
            return candidate.Stored?.Encoded is { IsDropped: false } kept && kept.TryGet(coding, evenIfLarger, out encoded);
        if ((content.IsShared ? content : content.Load()) is not { } source)
            return true;
        // What is kept has the validator of the file that it was made of.
        if (source.IsFresh)
        {
            encoded = Encodings.Encode(source, coding, evenIfLarger);
            return true;
        }

        var targets = exchange.Site.Targets;
        if (candidate.Stored?.Encoded is not { IsDropped: false } encodings)
        {
            encodings = targets.EncodingsOf(new(candidate.Path ?? "", source.Stamp, ContentFingerprint.Of(source.InMemory())));
            if (candidate.Stored is { } stored)
                stored.Encoded = encodings;
        }

        encoded = encodings.GetOrMake(coding, source, evenIfLarger, targets);
        return true;
    }

    private static bool TryEncodeWhileSent(
        StaticExchange exchange, FileContent content, ContentCoding coding, bool mayWait, bool evenIfLarger,
            out FileContent? encoded)
    {
        encoded = null;
        // In HTTP/1.0 only the end of the connection would end the answer, and the client could not tell a complete answer from
        // a broken one.
        if (!evenIfLarger && (exchange.Handler.RequestVersion != "HTTP/1.1" || exchange.Handler.ProtocolVersion != "HTTP/1.1"))
            return true;
        // A body that holds a place of heavy work is made only to be sent.
        if (!mayWait)
            return false;
        var encoders = exchange.Options.HeavyWork.Encoders;
        if (encoders.TryEnter())
            encoded = Encodings.EncodeWhileSent(content, coding, encoders);
        else if (evenIfLarger)
            throw new RequestFaultException(RequestFault.TooBusy);
        return true;
    }
}
