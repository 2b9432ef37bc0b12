namespace Http.Server.WebSockets;

/// <summary>A message that waits to be sent; several WebSockets may send the same bytes.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="IsText">It is a text.</param>
/// <param name="Sent">Told whether it was sent; null if nobody waits for that.</param>
internal readonly record struct OutgoingMessage(ReadOnlyMemory<byte> Bytes, bool IsText, TaskCompletionSource<bool>? Sent = null);
