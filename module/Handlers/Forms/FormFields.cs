using System.Buffers;
using System.Collections;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Forms;

/// <summary>
/// The fields of a form or a query by name, in any case of it. Time and memory grow with what a client sends and no faster:
/// values of one name are gathered in a list, and made an array when all are there.
/// </summary>
internal sealed class FormFields
{
    /// <summary>Fields after which a reader looks whether the request has been stopped.</summary>
    private const int FieldsBetweenLooks = 1000;

    private readonly Dictionary<string, object> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads names and values in the form's encoding (<c>application/x-www-form-urlencoded</c>).</summary>
    /// <param name="bytes">The text as it came.</param>
    /// <param name="encoding">What its bytes and its escapes mean.</param>
    /// <param name="max">Most fields.</param>
    /// <param name="status">The status for more.</param>
    /// <param name="message">What the client is told then.</param>
    /// <exception cref="RequestFaultException">There are more.</exception>
    public static Hashtable Parse(
        ReadOnlySpan<byte> bytes, Encoding encoding, int max = int.MaxValue, int status = 413,
            string message = "There are too many fields")
    {
        var count = 0;
        var fields = new FormFields();
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            while (!bytes.IsEmpty)
            {
                var end = bytes.IndexOf((byte)'&');
                var pair = end < 0 ? bytes : bytes[..end];
                bytes = end < 0 ? default : bytes[(end + 1)..];
                if (pair.IsEmpty)
                    continue;
                if (++count > max)
                    throw new RequestFaultException(status, message);
                if (count % FieldsBetweenLooks == 0)
                    Engine.ScriptWorker.OfThisThread?.ThrowIfStopped();
                var sign = pair.IndexOf((byte)'=');
                fields.Add(Decode(sign < 0 ? pair : pair[..sign], buffer, encoding), sign < 0
                    ? ""
                    : Decode(pair[(sign + 1)..], buffer, encoding));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return fields.ToTable();
    }

    /// <summary>Adds a field.</summary>
    public void Add(string name, string value)
    {
        if (_values.TryAdd(name, value))
            return;
        if (_values[name] is List<string> several)
            several.Add(value);
        else
            _values[name] = new List<string> { (string)_values[name], value };
    }

    /// <summary>The values by name: a text, or an array where the name came several times.</summary>
    public Hashtable ToTable()
    {
        var table = new Hashtable(_values.Count, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in _values)
            table[name] = value is List<string> several ? several.ToArray() : value;
        return table;
    }

    /// <summary>A plus sign is a space; what is no escape stays what it is.</summary>
    private static string Decode(ReadOnlySpan<byte> text, byte[] buffer, Encoding encoding)
    {
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '%' && at + 2 < text.Length && char.IsAsciiHexDigit((char)text[at + 1])
                && char.IsAsciiHexDigit((char)text[at + 2]))
            {
                buffer[length++] = (byte)((HexValue(text[at + 1]) << 4) | HexValue(text[at + 2]));
                at += 2;
            }
            else
            {
                buffer[length++] = text[at] == '+' ? (byte)' ' : text[at];
            }
        }

        return encoding.GetString(buffer, 0, length);
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
