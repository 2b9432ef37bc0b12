using System.Management.Automation;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>A member of an object of JSON, or an item of an array, which has no name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Script">
/// The property whose script gives the value when that is written; null if <paramref name="Value"/> is it.
/// </param>
internal readonly record struct JsonMember(string Name, object? Value, PSScriptProperty? Script = null);
