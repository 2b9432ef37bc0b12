namespace Http.Server.Generators;

/// <summary>A choice that differs from what <see cref="MimeClaim.CompareTo"/> gives.</summary>
/// <param name="Extensions">The extensions without dots, separated by spaces.</param>
/// <param name="MediaType">The type they get.</param>
/// <param name="Reason">Why; written into nothing, but an entry without one does not belong here.</param>
internal sealed record MimeOverride(string Extensions, string MediaType, string Reason);
