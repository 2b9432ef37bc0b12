namespace Http.Server.PowerShell.Handlers;

/// <summary>A member of an object of JSON, or an item of an array, which has no name.</summary>
internal readonly record struct JsonMember(string Name, object? Value);
