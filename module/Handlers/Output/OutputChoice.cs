using System.Globalization;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>Chooses the form of an answer as the client asks for it (RFC 9110, section 12.5.1).</summary>
internal static class OutputChoice
{
    private static readonly (string Type, OutputForm Form)[] Types =
    [
        ("application/json", OutputForm.Json), ("text/html", OutputForm.Html), ("text/plain", OutputForm.Text),
        ("text/csv", OutputForm.Csv), ("application/xml", OutputForm.Xml), ("text/xml", OutputForm.Xml),
    ];

    /// <summary>The names of the forms in a query.</summary>
    public static string Names { get; } = string.Join(", ", Enum.GetNames<OutputForm>()).ToLowerInvariant();

    /// <summary>The form of a name, in any case of it; null if there is none.</summary>
    public static OutputForm? Find(string name) =>
        name.Length > 0 && char.IsAsciiLetter(name[0]) && Enum.TryParse<OutputForm>(name, ignoreCase: true, out var form)
            && Enum.IsDefined(form) && !name.Contains(',', StringComparison.Ordinal) ? form : null;

    /// <summary>
    /// The form by an Accept header: the highest weight wins; of the same weight, a type that is named goes before one that a
    /// wildcard covers. Anything malformed is overlooked.
    /// </summary>
    /// <param name="accept">The header; null if there is none, which is JSON.</param>
    /// <returns>
    /// JSON too if nothing fits, as any answer is better than 406 (section 15.5.7); null if the client says that it takes none.
    /// </returns>
    public static OutputForm? Choose(string? accept)
    {
        if (accept is null or "" or "*/*" or "application/json")
            return OutputForm.Json;
        OutputForm? chosen = null;
        var best = 0;
        var refusesJson = false;
        foreach (var (type, form) in Types)
        {
            var score = ScoreOf(accept, type, out var isRefused);
            refusesJson |= isRefused && form == OutputForm.Json;
            if (score > best)
                (chosen, best) = (form, score);
        }

        return chosen ?? (refusesJson ? null : OutputForm.Json);
    }

    /// <summary>Twice the weight in thousandths, and one more for a type that is named; 0 for one that is not taken.</summary>
    private static int ScoreOf(ReadOnlySpan<char> accept, string type, out bool isRefused)
    {
        // The most specific range that covers a type tells its weight, whatever others say.
        var (specificity, weight) = (0, 0);
        foreach (var part in accept.Split(','))
        {
            var element = accept[part];
            var semicolon = element.IndexOf(';');
            var range = (semicolon < 0 ? element : element[..semicolon]).Trim();
            var covers = Covers(range, type);
            if (covers > specificity)
                (specificity, weight) = (covers, semicolon < 0 ? 1000 : WeightOf(element[(semicolon + 1)..]));
        }

        isRefused = specificity > 0 && weight == 0;
        return weight == 0 ? 0 : (2 * weight) + (specificity == 3 ? 1 : 0);
    }

    private static int Covers(ReadOnlySpan<char> range, string type)
    {
        if (range.Equals(type, StringComparison.OrdinalIgnoreCase))
            return 3;
        if (range is "*/*")
            return 1;
        return range.EndsWith("/*") && type.AsSpan().StartsWith(range[..^1], StringComparison.OrdinalIgnoreCase) ? 2 : 0;
    }

    private static int WeightOf(ReadOnlySpan<char> parameters)
    {
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (parameter is ['q' or 'Q', '=', ..] && parameter.Length <= 7
                && decimal.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                && weight <= 1)
                return (int)(weight * 1000);
        }

        return 1000;
    }
}
