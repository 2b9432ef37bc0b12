using System.Text;
using System.Text.Unicode;

namespace Http.Server.PowerShell.Handlers;

/// <summary>What a client sent, which the core gives as one character a byte, as text for people.</summary>
internal static class WireText
{
    /// <summary>The text in UTF-8; as Latin-1 where it is no UTF-8, so that nothing is lost.</summary>
    public static string Of(string latin1)
    {
        if (Ascii.IsValid(latin1))
            return latin1;
        var bytes = Encoding.Latin1.GetBytes(latin1);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : latin1;
    }
}
