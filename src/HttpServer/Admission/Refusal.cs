namespace Http.Server.Admission;

/// <summary>Why a request is not answered, before anything of it was looked at but its head.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Explanation">What the client is told.</param>
/// <param name="RetryAfter">Seconds after which the client may try again; 0 if that would not help.</param>
/// <param name="EndsConnection">Nothing of the client would be answered, so its connection is of no use.</param>
/// <param name="Hint">What the log tells the administrator; null for nothing.</param>
/// <param name="Upgrade">The protocol that the request should have asked for (RFC 9110, section 7.8); null for none.</param>
internal sealed record Refusal(
    int Status, string Explanation, int RetryAfter = 0, bool EndsConnection = false, string? Hint = null, string? Upgrade = null);
