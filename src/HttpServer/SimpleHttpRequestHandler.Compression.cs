using System.Text;
using Http.Server.Compression;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.LiveReload;
using Http.Server.MediaTypes;
using Http.Server.Protocol;
using Http.Server.StaticFiles;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Which representation of a file or page goes out: as it is, or compressed (RFC 9110, sections 8.4 and 12.5.3).</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>Content up to this size fits into one packet compressed or not.</summary>
    private const int LargestUncompressed = 1024;

    private const string EncodingHeader = "Accept-Encoding";

    private FileContent? _representation;
    private FileContent? _representationOf;
    private int _representationRequest;
    private bool _representationVaries;
    private string _vary = "";
    private int _varyRequest;
    private (string One, string Other, string Both) _varyJoined = ("", "", "");

    /// <summary>
    /// Whether content goes out compressed to clients that take it; default <see cref="CompressionPolicy.On"/>. What the server compresses
    /// by itself is longer than 1 KiB and of a type that shrinks; what small files become is kept in memory. A Content-Encoding or an ETag
    /// among <see cref="ExtraHeaders"/> means that nothing is compressed.
    /// </summary>
    public CompressionPolicy Compression { get; set; } = CompressionPolicy.On;

    private bool IsNegotiated =>
        Compression != CompressionPolicy.Off && (ExtraHeaders.Count == 0 || !(IsReplaced("Content-Encoding") || IsReplaced("ETag")));

    /// <inheritdoc/>
    /// <remarks>Once for each header, in one field at the end of the head.</remarks>
    private protected override void VaryBy(string header)
    {
        if (_varyRequest != RequestNumber)
        {
            (_vary, _varyRequest) = (header, RequestNumber);
            return;
        }

        foreach (var known in _vary.AsSpan().Split(", "))
        {
            if (_vary.AsSpan(known).SequenceEqual(header))
                return;
        }

        // The next request's answer mostly depends on the same.
        if (!ReferenceEquals(_varyJoined.One, _vary) || !ReferenceEquals(_varyJoined.Other, header))
            _varyJoined = (_vary, header, $"{_vary}, {header}");
        _vary = _varyJoined.Both;
    }

    private void SendVary()
    {
        // Beside one among the extra headers: several fields count as one.
        if (_varyRequest == RequestNumber)
            base.SendHeader("Vary", _vary);
    }

    /// <summary>Whether the representation that the client gets lies in memory as well; it is kept for <see cref="Represent"/>.</summary>
    private bool HasRepresentation(CachedContent cached)
    {
        _representation = _representationOf = null;
        if (!IsNegotiated)
            return true;
        // A guess of the class's own may take its time.
        if (_guessesTypes)
            return false;
        var isPage = cached.MissingPages is not null;
        var type = isPage ? cached.Content.ContentType : TypeOf(cached.Content, cached.Path, contentType: null);
        if (!TryRepresent(cached.Content, isPage ? null : cached.Path, type, mayWait: false, isAnywhere: false, out _representation, out _representationVaries))
            return false;
        (_representationOf, _representationRequest) = (cached.Content, RequestNumber);
        return true;
    }

    /// <summary>Chooses what the client gets; <paramref name="content"/> is closed if it is something else.</summary>
    /// <param name="content">The content as it is.</param>
    /// <param name="path">Where it lies; null for a page that was made.</param>
    /// <param name="type">Its type.</param>
    /// <param name="isAnywhere">It need not lie below <see cref="Directory"/>.</param>
    /// <returns>Null if the client takes nothing that there is.</returns>
    private FileContent? Represent(FileContent content, string? path, string type, bool isAnywhere = false)
    {
        // With the script it is another content, made for this moment: compressing it would not pay.
        if (LiveReload && LiveReloadPage.IsPage(type) && content.Length >= 0)
            return LiveReloadPage.AddTo(content, type);
        if (!IsNegotiated)
            return content;
        var isKnown = _representationRequest == RequestNumber && ReferenceEquals(_representationOf, content);
        var (representation, varies) = (_representation, _representationVaries);
        // An idle connection keeps nothing.
        _representation = _representationOf = null;
        if (!isKnown)
            TryRepresent(content, path, type, mayWait: true, isAnywhere, out representation, out varies);
        if (varies)
            VaryBy(EncodingHeader);
        return representation;
    }

    /// <summary>Chooses what the client gets; <paramref name="content"/> is closed if it is something else.</summary>
    /// <param name="content">The content as it is.</param>
    /// <param name="path">Where it lies; null for a page that was made.</param>
    /// <param name="type">Its type.</param>
    /// <param name="mayWait">The disk may be asked, and content be compressed.</param>
    /// <param name="isAnywhere">It need not lie below <see cref="Directory"/>.</param>
    /// <param name="representation">Null if the client takes nothing that there is.</param>
    /// <param name="varies">Another client might get something else.</param>
    /// <returns>False if it would have to wait.</returns>
    private bool TryRepresent(
        FileContent content, string? path, string type, bool mayWait, bool isAnywhere, out FileContent? representation, out bool varies)
    {
        representation = content;
        var accepted = ReadAcceptedCodings();
        var shrinks = Compression == CompressionPolicy.On && content.Length > LargestUncompressed
            && (ReferenceEquals(type, content.ContentType) ? content.IsCompressible : CompressibleTypes.Contains(type));
        var isRefused = accepted.RefusesIdentity;
        FileContent? neighbour = null;
        varies = shrinks || isRefused;
        if (path is not null && !TryFindNeighbour(content, path, accepted, mayWait, isAnywhere, ref varies, out neighbour))
            return false;
        var neighbourWeight = neighbour is null ? 0 : accepted.WeightOf(neighbour.Coding);
        var made = shrinks || (isRefused && Compression == CompressionPolicy.On)
            ? accepted.Prefer(ContentCoding.Brotli, ContentCoding.Gzip)
            : ContentCoding.Identity;
        // At the same weight, what somebody has compressed beforehand goes before what would have to be compressed now.
        if (accepted.WeightOf(made) <= neighbourWeight || accepted.WeightOf(made) < accepted.WeightOf(ContentCoding.Identity))
            made = ContentCoding.Identity;
        if (neighbourWeight < accepted.WeightOf(ContentCoding.Identity))
        {
            neighbour?.Dispose();
            neighbour = null;
        }

        FileContent? encoded = null;
        if (made != ContentCoding.Identity && !TryEncode(content, path, made, mayWait, isRefused, out encoded))
        {
            neighbour?.Dispose();
            return false;
        }

        representation = encoded ?? neighbour ?? (isRefused ? null : content);
        if (encoded is not null)
            neighbour?.Dispose();
        if (!ReferenceEquals(representation, content) && representation is not { IsStreamed: true })
            content.Dispose();
        return true;
    }

    /// <summary>Finds the compressed file beside another one that the client likes best.</summary>
    /// <param name="content">The content as it is.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="accepted">What the client takes.</param>
    /// <param name="mayWait">The disk may be asked.</param>
    /// <param name="isAnywhere">It need not lie below <see cref="Directory"/>.</param>
    /// <param name="varies">Set if there is one at all, that this client does not take perhaps; not looked for if it is set already.</param>
    /// <param name="best">Null if there is none, or none that the client takes.</param>
    /// <returns>False if it would have to wait.</returns>
    private bool TryFindNeighbour(
        FileContent content, string path, in AcceptedCodings accepted, bool mayWait, bool isAnywhere, ref bool varies, out FileContent? best)
    {
        best = null;
        if (content.PrecompressedFiles is { IsEmpty: true } || (varies && !accepted.IsPresent))
            return true;
        if (content.PrecompressedFiles is null && !mayWait)
            return false;
        var bestWeight = 0;
        foreach (var coding in ContentCodings.All)
        {
            var weight = accepted.WeightOf(coding);
            if (weight <= bestWeight && varies)
                continue;
            FileContent? found;
            if (content.PrecompressedFiles is not { } known)
                found = OpenNeighbour(content, path, coding, isAnywhere);
            else if (known[coding] is not { } file)
                continue;
            else if (file.IsCurrent)
                found = file.Content;
            else if (mayWait)
                found = OpenNeighbour(content, path, coding, isAnywhere);
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
    private FileContent? OpenNeighbour(FileContent content, string path, ContentCoding coding, bool isAnywhere)
    {
        path += ContentCodings.ExtensionOf(coding);
        var opened = isAnywhere ? OpenAnywhere(path) : OpenEntry(path);
        if (opened.Kind == EntryKind.File && !PrecompressedFile.IsOutdated(opened.Stamp.ModifiedUtc, content.LastModifiedUtc))
            return new FileContent(opened.Handle!, opened.Stamp, coding, !opened.Stamp.IsDistinct(RequestTime));
        opened.Handle?.Dispose();
        if (opened.IsDenied)
            LogDenied(path);
        return null;
    }

    /// <summary>Reads the compressed files beside a file that is kept in memory.</summary>
    private PrecompressedFiles LoadNeighbours(FileContent content, string path) => PrecompressedFiles.Of(coding =>
    {
        using var file = OpenNeighbour(content, path, coding, isAnywhere: false);
        if (file is null)
            return null;
        var isKept = file.Length <= LargestCached && !file.IsFresh && file.Stamp.IsSettled(Connection.Clock.UtcNow);
        return new PrecompressedFile(path + ContentCodings.ExtensionOf(coding), file.Stamp, isKept ? file.Load() : null);
    });

    /// <param name="content">The content as it is.</param>
    /// <param name="path">Where it lies; null for a page.</param>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="mayWait">It may be compressed now.</param>
    /// <param name="evenIfLarger">Whether a result will do that saves nothing.</param>
    /// <param name="encoded">Null if it cannot be, or nothing would be saved.</param>
    /// <returns>False if it would have to wait.</returns>
    private bool TryEncode(FileContent content, string? path, ContentCoding coding, bool mayWait, bool evenIfLarger, out FileContent? encoded)
    {
        encoded = null;
        if (content.Length < 0)
            return true;
        if (content.Length > LargestCached)
        {
            // HTTP/1.0 could only end the answer with the connection, and its client could not tell a whole one from a broken one.
            if (!evenIfLarger && (RequestVersion != "HTTP/1.1" || ProtocolVersion != "HTTP/1.1"))
                return true;
            // What holds a place is made for sending alone.
            if (!mayWait)
                return false;
            if (HeavyWork.Encoders.TryEnter())
                encoded = content.Stream(coding, HeavyWork.Encoders);
            else if (evenIfLarger)
                throw new RequestFaultException(RequestFault.TooBusy);
            return true;
        }

        if (!mayWait)
            return content.Encoded is { IsDropped: false } kept && kept.TryGet(coding, evenIfLarger, out encoded);
        if ((content.IsShared ? content : content.Load()) is not { } source)
            return true;
        // What is kept has the validator of the file that it was made of.
        if (source.IsFresh)
        {
            encoded = source.Encode(coding, evenIfLarger);
            return true;
        }

        if (source.Encoded is not { IsDropped: false } encodings)
            source.Encoded = encodings = Root.Targets.EncodingsOf(new(path ?? "", source.Stamp, source.Print()));
        encoded = encodings.GetOrMake(coding, source, evenIfLarger, Root.Targets);
        return true;
    }

    private AcceptedCodings ReadAcceptedCodings()
    {
        var accepted = new AcceptedCodings();
        var bytes = HeadBytes;
        foreach (ref readonly var header in Head.Headers)
        {
            if (header.Name.Length == EncodingHeader.Length && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), "accept-encoding"u8))
                accepted.Add(header.Value.Of(bytes));
        }

        return accepted;
    }
}
