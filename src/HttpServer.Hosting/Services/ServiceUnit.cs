namespace Http.Server.Hosting.Services;

/// <summary>A file that describes a part of a service to systemd.</summary>
/// <param name="FileName">Its name, which ends in the kind of the unit.</param>
/// <param name="Text">Its content.</param>
public sealed record ServiceUnit(string FileName, string Text);
