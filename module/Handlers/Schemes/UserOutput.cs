using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Handlers.Schemes;

/// <summary>What the scriptblock of a scheme put out, as a user.</summary>
internal static class UserOutput
{
    private const string Put = "The scheme put out";
    private const string Expected = "A user is a name, or an object with Name and Roles; nobody is nothing.";

    /// <returns>Null for nothing, an empty text or false: the credential is refused.</returns>
    /// <exception cref="InvalidOperationException">It is something else, or several: nobody is let in by a mistake.</exception>
    public static HttpUser? Read(IReadOnlyList<PSObject?> output)
    {
        var values = output.Select(static value => value?.BaseObject is PSCustomObject ? value : value?.BaseObject)
            .Where(static value => value is not (null or "" or false)).ToList();
        return values.Count switch
        {
            0 => null,
            1 => Read(values[0]!, Put),
            _ => throw new InvalidOperationException($"{Put} {values.Count} values. {Expected}"),
        };
    }

    /// <summary>A value as a user.</summary>
    /// <param name="value">A user, a name, a table or an object with Name and Roles; null or an empty text for nobody.</param>
    /// <param name="what">What is said of it where it is none of these.</param>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public static HttpUser? Of(object? value, string what)
    {
        var bare = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        return bare is null or "" ? null : Read(bare, what);
    }

    private static HttpUser Read(object value, string what) => value switch
    {
        HttpUser user => user,
        string name => Make(name, null, what),
        IDictionary table => Make(Find(table, "Name"), Find(table, "Roles"), what),
        PSObject custom => Make(custom.Properties["Name"]?.Value, custom.Properties["Roles"]?.Value, what),
        bool or ValueType => throw new InvalidOperationException($"{what} {value}. {Expected}"),
        _ => Make(PSObject.AsPSObject(value).Properties["Name"]?.Value, PSObject.AsPSObject(value).Properties["Roles"]?.Value,
            what),
    };

    private static object? Find(IDictionary table, string name) => table.Cast<DictionaryEntry>()
        .FirstOrDefault(entry => name.Equals(entry.Key as string, StringComparison.OrdinalIgnoreCase)).Value;

    private static HttpUser Make(object? name, object? roles, string what)
    {
        if (Unwrap(name) is not string { Length: > 0 } text)
            throw new InvalidOperationException($"{what} a user without a Name. {Expected}");
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
