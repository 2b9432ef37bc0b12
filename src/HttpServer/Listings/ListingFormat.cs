namespace Http.Server.Listings;

/// <summary>What a listing is written in.</summary>
internal enum ListingFormat
{
    /// <summary>The page.</summary>
    Html,

    /// <summary>An array of objects.</summary>
    Json,

    /// <summary>A name a line.</summary>
    Text,
}
