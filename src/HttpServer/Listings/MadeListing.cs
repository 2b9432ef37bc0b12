namespace Http.Server.Listings;

/// <summary>A listing, or why there is none.</summary>
/// <param name="Content">The listing; null if the directory cannot be read.</param>
/// <param name="HasLinks">There are links in it, whose targets change without the directory's stamp.</param>
/// <param name="Fault">Why the directory cannot be read.</param>
internal readonly record struct MadeListing(FileContent? Content, bool HasLinks, Exception? Fault = null);
