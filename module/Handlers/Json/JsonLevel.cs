namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>An array or an object of JSON that is being written.</summary>
/// <param name="Self">The value, by which it is known again below itself.</param>
/// <param name="IsArray">An array; else an object.</param>
/// <param name="Members">What it contains.</param>
/// <param name="GoesDeeper">What it contains is written in full and not as text.</param>
internal sealed record JsonLevel(object Self, bool IsArray, IEnumerator<JsonMember> Members, bool GoesDeeper);
