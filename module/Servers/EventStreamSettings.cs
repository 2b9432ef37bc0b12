using Http.Server.Events;

namespace Http.Server.PowerShell.Servers;

/// <summary>The channel that a handler has its clients listen to.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Options">How it treats its listeners.</param>
internal sealed record EventStreamSettings(string Channel, HttpEventChannelOptions Options);
