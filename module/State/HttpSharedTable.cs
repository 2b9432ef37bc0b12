using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Http.Server.PowerShell;

/// <summary>
/// What the handlers of a server share: <c>$Shared</c>, a synchronized table. Beside its keys it has the property
/// <see cref="Store"/>; a script that sets <c>$Shared.Store</c> makes a key of this name, which hides it.
/// </summary>
[SuppressMessage("Design", "CA1010:Generic interface should also be implemented",
    Justification = "Scripts know a Hashtable, and its generic form would hide its keys from them.")]
public sealed class HttpSharedTable : Hashtable
{
    private readonly HttpSharedStore _store;

    internal HttpSharedTable(HttpSharedStore store)
        : base(StringComparer.OrdinalIgnoreCase) => _store = store;

    /// <summary>Where handlers keep what other processes are to see too, if the server has a shared store.</summary>
    /// <remarks>PowerShell sees keys before properties, and sets this property where the key is not there.</remarks>
    public object? Store
    {
        get => _store;
        set => this[nameof(Store)] = value;
    }

    /// <inheritdoc/>
    public override bool IsSynchronized => true;

    /// <inheritdoc/>
    public override ICollection Keys
    {
        get
        {
            lock (SyncRoot)
                return base.Keys;
        }
    }

    /// <inheritdoc/>
    public override ICollection Values
    {
        get
        {
            lock (SyncRoot)
                return base.Values;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Readers need no lock: a table takes many of them beside one who writes.</remarks>
    public override object? this[object key]
    {
        get => base[key];
        set
        {
            lock (SyncRoot)
                base[key] = value;
        }
    }

    /// <inheritdoc/>
    public override void Add(object key, object? value)
    {
        lock (SyncRoot)
            base.Add(key, value);
    }

    /// <inheritdoc/>
    public override void Remove(object key)
    {
        lock (SyncRoot)
            base.Remove(key);
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        lock (SyncRoot)
            base.Clear();
    }

    /// <inheritdoc/>
    public override bool ContainsValue(object? value)
    {
        lock (SyncRoot)
            return base.ContainsValue(value);
    }

    /// <inheritdoc/>
    public override void CopyTo(Array array, int arrayIndex)
    {
        lock (SyncRoot)
            base.CopyTo(array, arrayIndex);
    }

    /// <inheritdoc/>
    public override object Clone()
    {
        lock (SyncRoot)
            return new Hashtable(this, StringComparer.OrdinalIgnoreCase);
    }
}
