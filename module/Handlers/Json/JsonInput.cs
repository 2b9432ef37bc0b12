using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// Reads a JSON text (RFC 8259) as PowerShell likes to have it: what <c>ConvertFrom-Json -AsHashtable</c> gives, tables that keep
/// the order and the case of their names, lists as arrays, whole numbers as long or BigInteger, others as double, dates as
/// <see cref="JsonDate"/> says.
/// </summary>
/// <remarks>It keeps its place in a list of its own, for a client could nest deeper than a thread's stack goes.</remarks>
internal sealed class JsonInput
{
    /// <summary>Longest whole number in digits, as in Python: making one costs time by the square of its length.</summary>
    private const int MaxDigits = 4300;

    /// <summary>Tokens after which it is looked whether the handler is to be stopped.</summary>
    private const int TokensBetweenLooks = 4096;

    /// <summary>The engine's kind of table, which the reference that the module is compiled with does not have.</summary>
    private static readonly ConstructorInvoker NewTable = ConstructorInvoker.Create(
        typeof(PSObject).Assembly.GetType("System.Management.Automation.OrderedHashtable",
            throwOnError: true)!.GetConstructor([typeof(int)])!);

    private readonly Stack<JsonContainer> _open = [];
    private readonly int _maxDepth;
    private object? _value;

    private JsonInput(int maxDepth) => _maxDepth = maxDepth;

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text in UTF-8, without a byte order mark.</param>
    /// <param name="maxDepth">How deep arrays and objects may be nested.</param>
    /// <returns>Null for the JSON <c>null</c>.</returns>
    /// <exception cref="RequestFaultException">400: it is no JSON, is nested deeper, or has a whole number of more than 4,300
    /// digits.</exception>
    public static object? Read(ReadOnlySpan<byte> text, int maxDepth) => new JsonInput(maxDepth).ReadAll(text);

    private object? ReadAll(ReadOnlySpan<byte> text)
    {
        // One more than is taken, so that the fault of being too deep is found here.
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = Math.Min(_maxDepth, int.MaxValue - 1) + 1 });
        try
        {
            for (var count = 1; reader.Read(); count++)
            {
                if (count % TokensBetweenLooks == 0)
                    ScriptWorker.OfThisThread?.ThrowIfStopped();
                Take(ref reader, text);
            }
        }
        catch (JsonException exception)
        {
            var at = StartOfLine(text, exception.LineNumber ?? 0) + (exception.BytePositionInLine ?? 0);
            throw Fault("The request body is not JSON", text, at, exception);
        }

        return _value;
    }

    private void Take(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (reader.CurrentDepth >= _maxDepth)
                    throw Fault($"The JSON of the request body is nested deeper than {_maxDepth} levels", text,
                        reader.TokenStartIndex);
                _open.Push(new JsonContainer(reader.TokenType == JsonTokenType.StartObject));
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                Add(ValueOf(_open.Pop()));
                break;
            case JsonTokenType.PropertyName:
                _open.Peek().Name = TextOf(ref reader, text);
                break;
            case JsonTokenType.String:
                var value = TextOf(ref reader, text);
                Add(JsonDate.TryRead(value, out var date) ? date : value);
                break;
            case JsonTokenType.Number:
                Add(NumberOf(ref reader, text));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                Add(reader.TokenType == JsonTokenType.True);
                break;
            default:
                Add(null);
                break;
        }
    }

    private void Add(object? value)
    {
        if (_open.TryPeek(out var parent))
            parent.Add(value);
        else
            _value = value;
    }

    private static object ValueOf(JsonContainer container)
    {
        if (container.Members is not { } members)
            return container.Items!.ToArray();
        // The table is filled at the end, because replacing one value takes a search through all its names.
        var table = (Hashtable)NewTable.Invoke(members.Count);
        foreach (var (name, value) in members)
            table.Add(name, value);
        return table;
    }

    private static object NumberOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        var digits = reader.ValueSpan;
        if (digits.ContainsAny((byte)'.', (byte)'e', (byte)'E'))
            return double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        if (digits.Length > MaxDigits)
            throw Fault($"The JSON of the request body has a number of more than {MaxDigits} digits", text,
                reader.TokenStartIndex);
        return BigInteger.Parse(Encoding.ASCII.GetString(digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
    }

    private static string TextOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        try
        {
            return reader.ValueIsEscaped ? JsonEscapes.Resolve(reader.ValueSpan) : JsonEscapes.Strict.GetString(reader.ValueSpan);
        }
        catch (DecoderFallbackException exception)
        {
            throw Fault("The request body is not JSON, for it is not UTF-8", text, reader.TokenStartIndex, exception);
        }
    }

    private static int StartOfLine(ReadOnlySpan<byte> text, long line)
    {
        var start = 0;
        for (; line > 0; line--)
            start += text[start..].IndexOf((byte)'\n') + 1;
        return start;
    }

    /// <summary>A fault with its position as editors count it: in lines, and in characters of the line.</summary>
    private static RequestFaultException Fault(string message, ReadOnlySpan<byte> text, long at, Exception? cause = null)
    {
        var before = text[..(int)Math.Min(at, text.Length)];
        var line = before.Count((byte)'\n') + 1;
        var column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        var end = before.Length == text.Length ? ", where it ends" : "";
        return new RequestFaultException(400,
            string.Create(CultureInfo.InvariantCulture, $"{message}: line {line}, column {column}{end}"), cause);
    }
}
