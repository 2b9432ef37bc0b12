namespace Http.Server.StaticFiles;

/// <summary>The representation that was found for content before the answer was begun.</summary>
/// <param name="Content">The content as it is; null if nothing has been found.</param>
/// <param name="Chosen">What the client gets; null if it takes nothing that there is.</param>
/// <param name="Varies">Another client might get something else.</param>
internal readonly record struct PreparedChoice(FileContent? Content, FileContent? Chosen, bool Varies);
