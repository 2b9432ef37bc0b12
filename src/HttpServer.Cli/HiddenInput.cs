using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Hosting;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Cli;

/// <summary>Asks at the terminal for what must not be seen.</summary>
internal static partial class HiddenInput
{
    // From termios.h. The structure begins with four sets of flags, of which the local ones are the last. What follows
    // differs between systems, and is given back unchanged.
    private const int MaxTermiosSize = 256;
    private const byte Echo = 8;
    private static readonly int LocalFlags = 3 * (OperatingSystem.IsMacOS() ? 8 : 4);

    /// <summary>Asks each question and reads a line for it.</summary>
    /// <returns>The answers; an empty one where the input ended.</returns>
    public static string[] Ask(params string[] questions)
    {
        if (OperatingSystem.IsWindows())
            return [.. questions.Select(question => AskBetween(question, ReadKeys))];

        // Console.ReadKey would hide one key at a time and show what is typed or pasted between two of them.
        var before = new byte[MaxTermiosSize];
        if (GetAttributes(0, before) != 0)
            throw new CannotStartException("The terminal cannot hide what is typed: give the password on standard input.");
        var hidden = (byte[])before.Clone();
        hidden[BitConverter.IsLittleEndian ? LocalFlags : LocalFlags + (LocalFlags / 3) - 1] &= unchecked((byte)~Echo);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => SetAttributes(0, 0, before));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => SetAttributes(0, 0, before));
        SetAttributes(0, 0, hidden);
        try
        {
            // The console's own stream is not used, because at a terminal it edits and shows the line by itself.
            using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
            return [.. questions.Select(question => AskBetween(question, () => ReadLine(input)))];
        }
        finally
        {
            SetAttributes(0, 0, before);
        }
    }

    private static string AskBetween(string question, Func<string> read)
    {
        // Standard output is for the line that is made.
        Console.Error.Write(question);
        var answer = read();
        Console.Error.WriteLine();
        return answer;
    }

    private static string ReadLine(Stream input)
    {
        var line = new List<byte>();
        while (input.ReadByte() is >= 0 and not '\n' and var one)
            line.Add((byte)one);
        return Encoding.UTF8.GetString([.. line]);
    }

    private static string ReadKeys()
    {
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }

        return text.ToString();
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, byte[] termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte[] termios);
}
