using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>What the scriptblock of a scheme put out, as a user.</summary>
internal static class UserOutput
{
    private const string Expected = "It gives a user, a name or an object with Name and Roles, or nothing.";

    /// <returns>Null for nothing, an empty text or false: the credential is refused.</returns>
    /// <exception cref="InvalidOperationException">It is something else, or several: nobody is let in by a mistake.</exception>
    public static HttpUser? Read(IReadOnlyList<PSObject?> output)
    {
        var values = output.Select(static value => value?.BaseObject is PSCustomObject ? value : value?.BaseObject)
            .Where(static value => value is not (null or "" or false)).ToList();
        return values.Count switch
        {
            0 => null,
            1 => Read(values[0]!),
            _ => throw new InvalidOperationException($"The scheme put out {values.Count} values. {Expected}"),
        };
    }

    private static HttpUser Read(object value) => value switch
    {
        HttpUser user => user,
        string name => Make(name, null),
        IDictionary table => Make(Find(table, "Name"), Find(table, "Roles")),
        PSObject custom => Make(custom.Properties["Name"]?.Value, custom.Properties["Roles"]?.Value),
        bool or ValueType => throw new InvalidOperationException($"The scheme put out {value}. {Expected}"),
        _ => Make(PSObject.AsPSObject(value).Properties["Name"]?.Value, PSObject.AsPSObject(value).Properties["Roles"]?.Value),
    };

    private static object? Find(IDictionary table, string name) => table.Cast<DictionaryEntry>()
        .FirstOrDefault(entry => name.Equals(entry.Key as string, StringComparison.OrdinalIgnoreCase)).Value;

    private static HttpUser Make(object? name, object? roles)
    {
        if (Unwrap(name) is not string { Length: > 0 } text)
            throw new InvalidOperationException($"The scheme put out a user without a Name. {Expected}");
        IEnumerable<object?> items = Unwrap(roles) switch
        {
            null => [],
            string role => [role],
            IEnumerable list => list.Cast<object?>(),
            var role => [role],
        };
        return new HttpUser(text, items.Select(static item => $"{Unwrap(item)}").Where(static role => role.Length > 0));
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
