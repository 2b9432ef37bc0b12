using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// Standard output and error for the program's own messages. Either may be closed, full or a pipe without a reader. That
/// must neither end a server nor change an exit code, so a message that cannot be written is dropped.
/// </summary>
internal static partial class Terminal
{
    // From fcntl.h; the same on Linux and macOS.
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;

    private static readonly Lazy<TextWriter> Output = new(static () => IsOpen(1) ? Console.Out : TextWriter.Null);
    private static readonly Lazy<TextWriter> Error = new(static () => IsOpen(2) ? Console.Error : TextWriter.Null);

    /// <summary>Writes to standard output.</summary>
    public static void Say(string text) => Write(Output.Value, text);

    /// <summary>Writes one line to standard error, under the program's name; control characters in it are made visible.</summary>
    public static void Complain(string problem) =>
        Write(Error.Value, $"httpserver: {VisibleText.Of(problem)}{Environment.NewLine}");

    /// <summary>Writes to standard output in UTF-8, which the console is told where it has an encoding of its own.</summary>
    public static void SayUtf8(string text)
    {
        if (!IsOpen(1))
            return;
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected)
            Console.OutputEncoding = Encoding.UTF8;
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var writer = new StreamWriter(Console.OpenStandardOutput(), encoding);
        Write(writer, text);
    }

    /// <summary>Whether colours are shown and wanted.</summary>
    /// <param name="isRedirected">The stream goes elsewhere than to a terminal.</param>
    public static bool HasColor(bool isRedirected) =>
        !isRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Standard error for a log.</summary>
    public static Stream OpenError() => new LateStream(static () => IsOpen(2) ? Console.OpenStandardError() : Stream.Null);

    /// <summary>
    /// Whether the program was started with this descriptor. If it was not, the number now belongs to a pipe of the
    /// runtime, and a line of text would disturb the runtime. Its pipes are marked to be closed at exec; a descriptor that
    /// was inherited is not.
    /// </summary>
    private static bool IsOpen(int descriptor) => OperatingSystem.IsWindows()
        || (FileControl(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0);

    private static void Write(TextWriter writer, string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The message is dropped: there is no other place to write it to.
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command);
}
