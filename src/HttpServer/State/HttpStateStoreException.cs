namespace Http.Server.State;

/// <summary>
/// A store is away, or takes no more. A request whose handler does not catch it is answered 503 with Retry-After: it may be tried
/// again.
/// </summary>
/// <param name="message">What is wrong, and the remedy.</param>
/// <param name="innerException">What the store said; null for nothing.</param>
public sealed class HttpStateStoreException(string message, Exception? innerException = null)
    : Exception(message, innerException);
