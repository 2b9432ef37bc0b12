namespace Http.Server.Listings;

/// <summary>What a listing's page says of uploads.</summary>
/// <param name="Allowed">There is a form for them.</param>
/// <param name="Overwriting">A file may be replaced.</param>
/// <param name="MaxBytes">The largest request.</param>
internal readonly record struct ListingUploads(bool Allowed, bool Overwriting, long MaxBytes);
