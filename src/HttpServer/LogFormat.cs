namespace Http.Server;

/// <summary>The form of a line in the request log.</summary>
public enum LogFormat
{
    /// <summary>
    /// Python's http.server: <c>127.0.0.1 - - [23/Nov/2026 09:30:00] "GET / HTTP/1.1" 200 -</c>, in local
    /// time.
    /// </summary>
    Python,

    /// <summary>The Common Log Format of Apache and nginx: with the zone and the bytes of the body.</summary>
    Common,

    /// <summary>Common, with Referer and User-Agent.</summary>
    Combined,

    /// <summary>One JSON object a line.</summary>
    Json,
}
