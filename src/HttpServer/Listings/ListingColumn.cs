namespace Http.Server.Listings;

/// <summary>What a listing is in the order of.</summary>
internal enum ListingColumn
{
    /// <summary>The names, numbers in them by their value.</summary>
    Name,

    /// <summary>The sizes of files.</summary>
    Size,

    /// <summary>When the entries were changed.</summary>
    Date,
}
