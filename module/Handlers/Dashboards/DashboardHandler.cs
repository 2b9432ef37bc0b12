namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>A handler as the dashboard shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Methods">The methods it answers.</param>
/// <param name="Path">Its pattern; null for every path.</param>
/// <param name="Figures">What it has done; null if it has not been called.</param>
internal sealed record DashboardHandler(string Name, IReadOnlyList<string> Methods, string? Path, RequestFigures? Figures);
