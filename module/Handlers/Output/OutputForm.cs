namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>The forms that objects are answered in, the server's own favourite first.</summary>
internal enum OutputForm
{
    Json,
    Html,
    Text,
    Csv,
    Xml,
}
