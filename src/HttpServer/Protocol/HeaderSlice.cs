namespace Http.Server.Protocol;

/// <summary>The places of a header field's name and of its trimmed value in the head.</summary>
internal readonly record struct HeaderSlice(Slice Name, Slice Value);
