namespace Http.Server.Cli;

/// <summary>A setting as a configuration file has it.</summary>
/// <param name="Name">The long option's name without its dashes.</param>
/// <param name="IsOn">False for a switch that is switched off, which is as good as not there.</param>
/// <param name="Values">Its values as texts; none for a switch. Of pairs each is the name, a NUL and the value.</param>
/// <param name="Place">File, line and column, for messages.</param>
internal sealed record ConfigMember(string Name, bool IsOn, IReadOnlyList<string> Values, string Place);
