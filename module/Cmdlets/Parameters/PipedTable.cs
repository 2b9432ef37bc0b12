using System.Collections;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Tables in the place of objects: <c>@{ Name = 'Site' } | Stop-HttpServer</c>.</summary>
internal static class PipedTable
{
    /// <summary>The value of a key, in any case.</summary>
    /// <returns>Null if there is none.</returns>
    public static object? Find(IDictionary table, string key)
    {
        foreach (DictionaryEntry entry in table)
        {
            if (entry.Key is string name && name.Equals(key, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }

        return null;
    }
}
