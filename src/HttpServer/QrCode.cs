using System.Text;
using Http.Server.Qr;

namespace Http.Server;

/// <summary>
/// A QR code (ISO/IEC 18004, model 2) of a text in UTF-8: an address, to be shown at a terminal for phones. Made in the smallest
/// version that holds the text, with error correction M where that fits as well, else L.
/// </summary>
public sealed class QrCode
{
    /// <summary>Light modules that the standard wants around a code.</summary>
    private const int QuietZone = 4;

    // Black on white of the 256 colours that are the same everywhere, whatever the terminal's own colours are.
    private const string Ink = "\e[38;5;16;48;5;231m";
    private const string NoInk = "\e[0m";

    private readonly QrMatrix _matrix;

    private QrCode(QrMatrix matrix) => _matrix = matrix;

    /// <summary>Modules on each side, without the quiet zone: 21 to 177.</summary>
    public int Size => _matrix.Size;

    /// <summary>Whether a module is dark; false for those outside, as the quiet zone is light.</summary>
    /// <param name="x">From the left, from 0.</param>
    /// <param name="y">From the top, from 0.</param>
    public bool this[int x, int y] => x >= 0 && y >= 0 && x < Size && y < Size && _matrix[x, y];

    /// <summary>Makes the code of a text.</summary>
    /// <param name="text">At most 2,953 bytes in UTF-8.</param>
    /// <exception cref="ArgumentException">The text is longer.</exception>
    public static QrCode FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var data = Encoding.UTF8.GetBytes(text);
        var version = QrVersion.FindSmallest(data.Length)
            ?? throw new ArgumentException($"A QR code holds at most {QrVersion.MostBytes} bytes, not {data.Length}.",
            nameof(text));
        return new QrCode(QrMatrix.Make(version, QrCodewords.Make(version, data)));
    }

    /// <summary>The code for a terminal, two rows of modules to a line, with its quiet zone.</summary>
    /// <param name="color">
    /// Black on white by escape sequences, right at every terminal. Without, dark modules are ink: right on paper and light
    /// backgrounds, and reversed on dark ones.
    /// </param>
    /// <returns>Lines that end in the system's line break.</returns>
    public string ToText(bool color)
    {
        var text = new StringBuilder();
        for (var y = -QuietZone; y < Size + QuietZone; y += 2)
        {
            if (color)
                text.Append(Ink);
            for (var x = -QuietZone; x < Size + QuietZone; x++)
            {
                text.Append((this[x, y], this[x, y + 1]) switch
                {
                    (true, true) => '\u2588',
                    (true, false) => '\u2580',
                    (false, true) => '\u2584',
                    _ => ' ',
                });
            }

            if (color)
                text.Append(NoInk);
            text.AppendLine();
        }

        return text.ToString();
    }
}
