using Http.Server.Protocol;

namespace Http.Server.Uploads;

/// <summary>Where a request puts files, and what its site says of that place.</summary>
/// <param name="Url">The canonical path.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="HidesDotfiles">Names that begin with a dot are refused.</param>
/// <param name="PrefersPrecompressed">The compressed form of a file is sent in its place, so storing one is as good as
/// overwriting it.</param>
/// <param name="IsClosed">Whether nothing is uploaded to a path: programs are run there, or the user may not write.</param>
internal sealed record UploadTarget(
    UrlPath Url, string Path, bool HidesDotfiles, bool PrefersPrecompressed, Func<UrlPath, string, bool> IsClosed);
