namespace Http.Server.Host;

/// <summary>Standard output and error for the program's own messages. If their reader has left, the server goes on.</summary>
internal static class Streams
{
    /// <summary>Writes a line to standard output.</summary>
    public static void Say(string text) => Write(Console.Out, text);

    /// <summary>Writes a line to standard error, under the program's name.</summary>
    public static void Complain(string problem) => Write(Console.Error, "httpserver-host: " + problem);

    /// <summary>Writes a line to standard error as it is.</summary>
    public static void Report(string text) => Write(Console.Error, text);

    /// <summary>Whether colours are shown and wanted at standard output.</summary>
    public static bool HasColor() =>
        !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private static void Write(TextWriter writer, string text)
    {
        try
        {
            writer.WriteLine(text);
            writer.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The message is dropped: there is no other place to write it to.
        }
    }
}
