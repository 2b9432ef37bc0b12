using System.Globalization;
using System.Text.RegularExpressions;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>
/// Reads the profile that the runtime writes at its end where <c>DOTNET_WritePGOData</c> is 1, to the file that
/// <c>DOTNET_PGODataPath</c> names.
/// </summary>
internal static partial class ProfileReader
{
    /// <exception cref="InvalidDataException">The text is none of the runtime's.</exception>
    public static IEnumerable<MethodProfile> Read(IEnumerable<string> lines)
    {
        using var line = lines.GetEnumerator();
        while (line.MoveNext())
        {
            if (MethodHead().Match(line.Current) is not { Success: true } head)
                continue;
            var codeSize = int.Parse(head.Groups["size"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var count = int.Parse(head.Groups["records"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var name = Next(line, "MethodName: ");
            var signature = Next(line, "Signature: ");
            var records = new List<ProfileRecord>();
            for (var i = 0; i < count; i++)
                records.Add(ReadRecord(line));
            yield return new(name, signature, codeSize, records);
        }
    }

    private static ProfileRecord ReadRecord(IEnumerator<string> line)
    {
        if (!line.MoveNext() || RecordHead().Match(line.Current) is not { Success: true } head)
            throw new InvalidDataException($"'{line.Current}' is no record of a profile.");
        var count = int.Parse(head.Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        var values = new string[count];
        for (var at = 0; at < count; at++)
            values[at] = Next(line, "");
        return new(Number("kind"), Number("offset"), count, Number("other"), values);

        // The runtime writes numbers without a sign.
        int Number(string group) => unchecked((int)uint.Parse(head.Groups[group].ValueSpan, CultureInfo.InvariantCulture));
    }

    private static string Next(IEnumerator<string> line, string label)
    {
        if (!line.MoveNext() || !line.Current.StartsWith(label, StringComparison.Ordinal))
            throw new InvalidDataException($"The profile has no '{label}' where one is expected.");
        return line.Current[label.Length..];
    }

    [GeneratedRegex("^@@@ codehash 0x[0-9A-F]+ methodhash 0x[0-9A-F]+ ilSize 0x(?<size>[0-9A-F]+) records 0x(?<records>[0-9A-F]+)$")]
    private static partial Regex MethodHead();

    [GeneratedRegex("^Schema InstrumentationKind (?<kind>[0-9]+) ILOffset (?<offset>[0-9]+) Count (?<count>[0-9]+) Other (?<other>[0-9]+)$")]
    private static partial Regex RecordHead();
}
