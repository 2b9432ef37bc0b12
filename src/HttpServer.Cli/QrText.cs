using System.Text;
using QRCoder;

namespace Http.Server.Cli;

/// <summary>A QR code as text for a terminal, two rows of modules to a line.</summary>
internal static class QrText
{
    // Black on white of the 256 colours: the first 16 of them are the terminal's own, these are the same at each terminal.
    private const string Ink = "\e[38;5;16;48;5;231m";
    private const string NoInk = "\e[0m";

    /// <summary>Makes the code of a text, with the white border that the standard wants.</summary>
    /// <param name="text">An address.</param>
    /// <param name="color">
    /// Black on white by escape sequences, which is right at every terminal. Without it dark modules are ink: right on
    /// paper and light backgrounds, and reversed on dark ones.
    /// </param>
    /// <returns>Lines that end in the system's line break.</returns>
    public static string Make(string text, bool color)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var lines = new StringBuilder();
        for (var y = 0; y < rows.Count; y += 2)
        {
            if (color)
                lines.Append(Ink);
            for (var x = 0; x < rows.Count; x++)
            {
                lines.Append((rows[y][x], y + 1 < rows.Count && rows[y + 1][x]) switch
                {
                    (true, true) => '\u2588',
                    (true, false) => '\u2580',
                    (false, true) => '\u2584',
                    _ => ' ',
                });
            }

            if (color)
                lines.Append(NoInk);
            lines.AppendLine();
        }

        return lines.ToString();
    }
}
