using System.Net;

namespace Http.Server.WebSockets;

/// <summary>What is known of the request that a WebSocket began with.</summary>
/// <param name="Id">Its name in the log.</param>
/// <param name="Path">Its target.</param>
/// <param name="Headers">Its header fields.</param>
/// <param name="Address">The client.</param>
/// <param name="Client">The client as text, for the log.</param>
/// <param name="User">The user; null if nobody was asked to log in.</param>
/// <param name="LogName">What messages about faults call the handler.</param>
internal sealed record WebSocketRequest(
    string Id, string Path, HttpHeaders Headers, EndPoint Address, string Client, HttpUser? User, string LogName);
