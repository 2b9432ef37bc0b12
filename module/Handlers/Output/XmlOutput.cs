using System.Management.Automation;
using System.Text;
using System.Xml;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>
/// Writes objects as XML in the manner of <c>ConvertTo-Xml -NoTypeInformation</c>: Objects, Object, and Property with a Name;
/// what is in a list is an Item. Characters that XML cannot have become U+FFFD.
/// </summary>
internal sealed class XmlOutput : IDisposable
{
    public const string ContentType = "application/xml; charset=utf-8";

    /// <summary>Levels of nesting; what is deeper is text. The calls nest as the data does.</summary>
    private const int MaxDepth = 64;

    private const int ValuesBetweenLooks = 4096;

    private readonly MemoryStream _bytes = new();
    private readonly XmlWriter _xml;
    private readonly HashSet<object> _above = new(ReferenceEqualityComparer.Instance);
    private int _count;

    private XmlOutput() => _xml = XmlWriter.Create(_bytes, new XmlWriterSettings
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize,
    });

    /// <summary>Writes one value, or a list of some.</summary>
    public static byte[] Write(object output)
    {
        using var writer = new XmlOutput();
        writer._xml.WriteStartElement("Objects");
        if ((output is PSObject wrapped ? wrapped.BaseObject : output) is List<PSObject> several)
            several.ForEach(value => writer.Put("Object", null, value, goesDeeper: true));
        else
            writer.PutTop(output);
        writer._xml.WriteEndElement();
        writer._xml.Flush();
        return writer._bytes.ToArray();
    }

    public void Dispose()
    {
        _xml.Dispose();
        _bytes.Dispose();
    }

    /// <summary>Text without what XML 1.0, section 2.2, has no characters for.</summary>
    public static string Clean(string text)
    {
        StringBuilder? clean = null;
        for (var at = 0; at < text.Length; at++)
        {
            var isPair = at + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[at + 1], text[at]);
            if (!isPair && !XmlConvert.IsXmlChar(text[at]))
                (clean ??= new StringBuilder(text))[at] = '\ufffd';
            if (isPair)
                at++;
        }

        return clean?.ToString() ?? text;
    }

    /// <summary>A list that is put out as one has its items as objects.</summary>
    private void PutTop(object output)
    {
        var bare = output is PSObject wrapped ? wrapped.BaseObject : output;
        if (OutputCell.IsScalar(bare) || JsonData.Open(bare, output as PSObject, output) is not { IsArray: true } level)
        {
            Put("Object", null, output, goesDeeper: true);
            return;
        }

        using var members = level.Members;
        while (members.MoveNext())
            Put("Object", null, members.Current.Value, goesDeeper: true);
    }

    private void Put(string element, string? name, object? value, bool goesDeeper)
    {
        if (++_count % ValuesBetweenLooks == 0)
            ScriptWorker.OfThisThread?.ThrowIfStopped();
        _xml.WriteStartElement(element);
        if (name is not null)
            _xml.WriteAttributeString("Name", Clean(name));
        var wrapped = value as PSObject;
        var bare = wrapped is null ? value : wrapped.BaseObject;
        // All custom objects have the same one inside.
        var self = bare is PSCustomObject ? wrapped : bare;
        if (!goesDeeper || OutputCell.IsScalar(bare) || _above.Count == MaxDepth || !_above.Add(self!))
        {
            _xml.WriteString(Clean(OutputCell.Of(value, goesDeeper: false).Text));
        }
        else
        {
            PutMembers(JsonData.Open(bare!, wrapped, self!));
            _above.Remove(self!);
        }

        _xml.WriteEndElement();
    }

    private void PutMembers(JsonLevel level)
    {
        using var members = level.Members;
        while (members.MoveNext())
        {
            var (name, value, script) = members.Current;
            if (script is not null)
                value = JsonData.ValueOf(script);
            if (level.IsArray)
                Put("Item", null, value, level.GoesDeeper);
            else
                Put("Property", name, value, level.GoesDeeper);
        }
    }
}
