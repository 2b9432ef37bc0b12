namespace Http.Server.Transport;

/// <summary>
/// Whether the runtime runs what waits for a socket on the very threads that poll the sockets. It is a switch of .NET for the
/// whole process on Unix, read when the first socket is used, and it makes small answers much faster: no change of thread. The
/// price is that code which blocks there delays other connections.
/// </summary>
internal static class InlineCompletions
{
    public static bool IsEnabled { get; } =
        !OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS") == "1";
}
