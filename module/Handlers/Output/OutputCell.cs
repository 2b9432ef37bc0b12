using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;
using System.Xml;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>A value as the text of a cell, in no culture.</summary>
/// <param name="Written">The text; null for null.</param>
/// <param name="IsNumber">It is a number, which is compared as such.</param>
internal readonly record struct OutputCell(string? Written, bool IsNumber)
{
    /// <summary>The text; empty for null, and where a row has no such column.</summary>
    public string Text => Written ?? "";

    /// <summary>Makes the text: dates as ISO 8601, what contains more as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="goesDeeper">What it contains is data, and of interest.</param>
    public static OutputCell Of(object? value, bool goesDeeper)
    {
        var bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare switch
        {
            null or DBNull => default,
            // What a statement without output gives: "if" without "else", say.
            _ when ReferenceEquals(value, AutomationNull.Value) => default,
            string text => new OutputCell(text, IsNumber: false),
            bool truth => new OutputCell(truth.ToString(), IsNumber: false),
            Enum name => new OutputCell(name.ToString(), IsNumber: false),
            char or Rune or DateTime or DateTimeOffset or Guid or Uri => new OutputCell(JsonScalar.NameOf(bare), IsNumber: false),
            TimeSpan or DateOnly or TimeOnly =>
                new OutputCell(((IFormattable)bare).ToString(null, CultureInfo.InvariantCulture), IsNumber: false),
            ValueType and IFormattable number =>
                new OutputCell(number.ToString(null, CultureInfo.InvariantCulture), IsNumber: true),
            XmlNode node => new OutputCell(node.OuterXml, IsNumber: false),
            PSCustomObject or IEnumerable when goesDeeper => new OutputCell(JsonOutput.WriteWithin(value), IsNumber: false),
            _ => new OutputCell(JsonScalar.TextOf(value), IsNumber: false),
        };
    }

    /// <summary>Whether a value has no members that would be columns.</summary>
    public static bool IsScalar(object? bare) => bare is null or DBNull or string or bool or Enum or char or Rune or DateTime
        or DateTimeOffset or Guid or Uri or XmlNode || (bare is ValueType and IFormattable);
}
