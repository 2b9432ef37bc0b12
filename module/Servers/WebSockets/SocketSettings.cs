using System.Collections;
using System.Management.Automation;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Servers.WebSockets;

/// <summary>What a handler of WebSockets is registered with, beside what all handlers are.</summary>
/// <param name="OnOpen">Called when one has opened; null for nothing.</param>
/// <param name="OpenValues">The values of <c>$using:</c> in it; null if there are none.</param>
/// <param name="OnClose">Called when one has ended; null for nothing.</param>
/// <param name="CloseValues">The values of <c>$using:</c> in it; null if there are none.</param>
/// <param name="Options">What is granted.</param>
internal sealed record SocketSettings(
    ScriptBlock? OnOpen, IDictionary? OpenValues, ScriptBlock? OnClose, IDictionary? CloseValues, HttpWebSocketOptions Options);
