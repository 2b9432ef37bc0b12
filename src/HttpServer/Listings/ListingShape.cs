using Http.Server.Authentication.Rules;

namespace Http.Server.Listings;

/// <summary>
/// What of a listing depends on who asks and on who answers: two handlers share one in memory only if all of it is
/// alike.
/// </summary>
/// <param name="Format">What it is written in.</param>
/// <param name="HasArchives">The page has links to the directory's archives.</param>
/// <param name="Uploads">The page has a form for uploads.</param>
/// <param name="View">What the user may see; null for everything.</param>
internal readonly record struct ListingShape(
    ListingFormat Format, bool HasArchives, ListingUploads Uploads = default, AccessView? View = null);
