namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>The page that <c>Get-Help -Online</c> opens.</summary>
internal static class HelpPage
{
    public const string Uri = "https://www.powershellgallery.com/packages/HttpServer";
}
