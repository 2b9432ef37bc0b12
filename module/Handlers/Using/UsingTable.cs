using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Using;

/// <summary>
/// The values that the engine finds for <c>$using:</c> by its keys. Those of the session are as they were at the registration;
/// one that means a variable of the handler is read when it is asked for, in the handler that runs on this thread.
/// </summary>
internal sealed class UsingTable : IDictionary
{
    private readonly Dictionary<object, object?> _values = [];
    private readonly Dictionary<object, (string Variable, string Members)> _own = [];

    public bool IsEmpty => _values.Count + _own.Count == 0;

    public int Count => _values.Count;

    public bool IsFixedSize => true;

    public bool IsReadOnly => true;

    public bool IsSynchronized => false;

    public object SyncRoot => this;

    public ICollection Keys => _values.Keys;

    public ICollection Values => _values.Values;

    public object? this[object key]
    {
        get
        {
            if (_values.TryGetValue(key, out var value))
                return value;
            if (!_own.TryGetValue(key, out var own) || ScriptWorker.OfThisThread is not { } worker)
                return null;
            value = worker.VariableOf(own.Variable);
            return own.Members.Length > 0 ? MemberOf(value, own.Members) : value;
        }
        set => throw new NotSupportedException();
    }

    /// <summary>Adds a value of the session.</summary>
    public void Add(object key, object? value) => _values[key] = value;

    /// <summary>Adds a variable of the handler.</summary>
    /// <param name="key">The engine's key.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="members">The members and elements after it, as they are written.</param>
    public void AddOwn(string key, string variable, string members) => _own[key] = (variable, members);

    /// <summary>What lies behind members and elements.</summary>
    public static object? MemberOf(object? value, string members) =>
        ScriptBlock.Create("$args[0]" + members).InvokeReturnAsIs(value);

    public bool Contains(object key) =>
        _values.ContainsKey(key) || (_own.ContainsKey(key) && ScriptWorker.OfThisThread is not null);

    public void Clear() => throw new NotSupportedException();

    public void Remove(object key) => throw new NotSupportedException();

    public void CopyTo(Array array, int index) => ((ICollection)_values).CopyTo(array, index);

    public IDictionaryEnumerator GetEnumerator() => ((IDictionary)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
