using System.Runtime.InteropServices;

namespace Http.Server.Cgi;

/// <summary>
/// A CGI program cannot be started because something has it open for writing (ETXTBSY): it is just being put there, or a program
/// that was started at that moment has not closed yet what it has of the server, an upload say.
/// </summary>
internal sealed class CgiBusyException() : IOException(Words)
{
    /// <summary>What the system says of such a program.</summary>
    public const int Error = 26; // ETXTBSY of Linux and macOS

    /// <summary>The same in words.</summary>
    public static string Words { get; } = Marshal.GetPInvokeErrorMessage(Error);
}
