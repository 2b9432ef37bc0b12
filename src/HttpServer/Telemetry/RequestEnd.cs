namespace Http.Server.Telemetry;

/// <summary>How an observed request ended.</summary>
/// <param name="Status">0 if there was no answer.</param>
/// <param name="Route">The pattern that the path matched; null if none is known.</param>
/// <param name="Version">Of HTTP, <c>1.1</c> say.</param>
/// <param name="Elapsed">From the end of the request head to the end of the answer.</param>
/// <param name="RequestBytes">Of the body, as declared, or as far as its chunks were read.</param>
/// <param name="ResponseBytes">Of the body.</param>
internal readonly record struct RequestEnd(int Status, string? Route, string Version, TimeSpan Elapsed, long RequestBytes,
    long ResponseBytes);
