namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Tokens of HTTP (RFC 9110, section 5.6.2): methods, and names of subprotocols.</summary>
internal static class HttpToken
{
    private const string Symbols = "!#$%&'*+-.^_`|~";

    public static bool Is(string text) => text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter)
        || Symbols.Contains(letter, StringComparison.Ordinal));
}
