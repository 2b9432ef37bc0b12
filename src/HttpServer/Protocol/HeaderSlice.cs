namespace Http.Server.Protocol;

/// <summary>Where one header field's name and its trimmed value stand in the head.</summary>
internal readonly record struct HeaderSlice(Slice Name, Slice Value);
