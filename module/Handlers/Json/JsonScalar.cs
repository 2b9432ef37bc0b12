using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>The values that JSON has a form of its own for, or that are JSON already.</summary>
internal static class JsonScalar
{
    private const string DateFormat = "yyyy-MM-ddTHH:mm:ss.FFFFFFFK";

    private static readonly JsonSerializerOptions NodeOptions = new(JsonSerializerOptions.Default)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 100_000,
    };

    /// <summary>Writes a value.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="value">The value.</param>
    /// <param name="bare">The same without the engine's wrapping.</param>
    /// <returns>False if it is none of these.</returns>
    public static bool TryWrite(JsonText json, object? value, object? bare)
    {
        switch (bare)
        {
            case null or DBNull or NullString:
            case PSCustomObject when value == AutomationNull.Value:
                json.Raw("null"u8);
                break;
            case bool truth:
                json.Raw(truth ? "true"u8 : "false"u8);
                break;
            case Enum name:
                WriteName(json, name);
                break;
            case double or float or decimal or Half:
                WriteFraction(json, (IFormattable)bare);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or nint or nuint:
            case BigInteger or Int128 or UInt128:
                json.Raw(Invariant((IFormattable)bare));
                break;
            case string or char or Rune or DateTime or DateTimeOffset or Guid or Uri:
                json.String(NameOf(bare));
                break;
            case XmlNode node:
                json.String(node.OuterXml);
                break;
            case JsonNode node:
                json.Raw(node.ToJsonString(NodeOptions));
                break;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                json.Raw("null"u8);
                break;
            case JsonElement element:
                json.Raw(JsonMarshal.GetRawUtf8Value(element));
                break;
            case JsonDocument document:
                json.Raw(JsonMarshal.GetRawUtf8Value(document.RootElement));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>
    /// A key as the name of a member: text as it is, a date in the form that values have, others as text in no
    /// culture.
    /// </summary>
    public static string NameOf(object key) => (key is PSObject wrapped ? wrapped.BaseObject : key) switch
    {
        string text => text,
        DateTime date => date.ToString(DateFormat, CultureInfo.InvariantCulture),
        DateTimeOffset date => date.ToString(DateFormat, CultureInfo.InvariantCulture),
        Uri uri => uri.OriginalString,
        Enum name => name.ToString(),
        _ => TextOf(key),
    };

    /// <summary>A value as the text that PowerShell makes of it, in the invariant culture.</summary>
    public static string TextOf(object? value)
    {
        try
        {
            return (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is not PipelineStoppedException)
        {
            // The value's own ToString failed, or has been stopped.
            ScriptWorker.OfThisThread?.ThrowIfStopped();
            return (value is PSObject wrapped ? wrapped.BaseObject : value)?.GetType().ToString() ?? "";
        }
    }

    private static void WriteName(JsonText json, Enum name)
    {
        var text = name.ToString();
        // A value without a name is its number.
        if (char.IsAsciiDigit(text[0]) || text[0] == '-')
            json.Raw(text);
        else
            json.String(text);
    }

    /// <summary>Numbers that may have a fraction are seen to be such.</summary>
    private static void WriteFraction(JsonText json, IFormattable number)
    {
        var text = Invariant(number);
        if (!char.IsAsciiDigit(text[^1]))
            json.String(text);
        else
            json.Raw(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0");
    }

    private static string Invariant(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
