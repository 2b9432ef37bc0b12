namespace Http.Server;

/// <summary>What a status code means, as in Python's <c>BaseHTTPRequestHandler.responses</c>.</summary>
/// <param name="Phrase">The reason phrase of the status line.</param>
/// <param name="Explanation">A longer line for the body of an error page. Plain text: encode it for HTML.</param>
public readonly record struct HttpReason(string Phrase, string Explanation);
