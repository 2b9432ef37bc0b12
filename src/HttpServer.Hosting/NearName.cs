namespace Http.Server.Hosting;

/// <summary>Finds the name that was meant by one that is not there.</summary>
public static class NearName
{
    /// <summary>Most mistyped letters for which a name is still suggested.</summary>
    private const int MaxMistakes = 2;

    /// <summary>The name that is nearest to what was typed.</summary>
    /// <param name="typed">What was typed; too short a word is near to nothing.</param>
    /// <param name="names">The names that there are.</param>
    /// <returns>The nearest of the names; null if none is near.</returns>
    public static string? Find(string typed, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(typed);
        ArgumentNullException.ThrowIfNull(names);
        return names.Where(name => IsNear(typed, name))
            .MinBy(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(typed, name));
    }

    private static bool IsNear(string typed, string name) =>
        typed.Length > 3 && (name.StartsWith(typed, StringComparison.OrdinalIgnoreCase) || Distance(typed, name) <= MaxMistakes);

    /// <summary>Levenshtein's distance: letters to insert, delete or replace.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
