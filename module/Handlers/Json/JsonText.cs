using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// A JSON text in UTF-8 that grows. Characters are written as they are, but for those that a string cannot have and halves of
/// surrogate pairs.
/// </summary>
internal sealed class JsonText
{
    // Beside the characters of RFC 8259, section 7, the other line ends are escaped, as ConvertTo-Json does.
    private static readonly SearchValues<char> Special =
        SearchValues.Create([.. Range('\0', '\x1f'), '"', '\\', '\x85', '\u2028', '\u2029', .. Range('\ud800', '\udfff')]);

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private bool _isAfterValue;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>Begins an array or an object.</summary>
    public void Open(bool isArray)
    {
        Raw(isArray ? "["u8 : "{"u8);
        _isAfterValue = false;
    }

    /// <summary>Ends an array or an object.</summary>
    public void Close(bool isArray)
    {
        _bytes.Write(isArray ? "]"u8 : "}"u8);
        _isAfterValue = true;
    }

    /// <summary>The name of the value that comes next.</summary>
    public void Name(string name)
    {
        String(name);
        _bytes.Write(":"u8);
        _isAfterValue = false;
    }

    /// <summary>A string.</summary>
    public void String(ReadOnlySpan<char> text)
    {
        Raw("\""u8);
        while (text.IndexOfAny(Special) is >= 0 and var at)
        {
            Characters(text[..at]);
            var length = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
            if (length == 2)
                Characters(text.Slice(at, 2));
            else
                Characters(Escape(text[at]));
            text = text[(at + length)..];
        }

        Characters(text);
        _bytes.Write("\""u8);
    }

    /// <summary>A value that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json)
    {
        if (_isAfterValue)
            _bytes.Write(","u8);
        _bytes.Write(json);
        _isAfterValue = true;
    }

    /// <inheritdoc cref="Raw(ReadOnlySpan{byte})"/>
    public void Raw(string json) => Raw(Encoding.UTF8.GetBytes(json));

    private static IEnumerable<char> Range(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(static code => (char)code);

    private void Characters(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _bytes);

    private static string Escape(char letter) => letter switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\b' => @"\b",
        '\f' => @"\f",
        '\n' => @"\n",
        '\r' => @"\r",
        '\t' => @"\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
    };
}
