using System.Globalization;
using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.State;

namespace Http.Server.PowerShell;

/// <summary>
/// The store of a server as scripts use it: <c>$Shared.Store</c>. Values are kept as JSON, so that each process gets what another
/// one has set: texts, numbers, lists and tables; bytes are kept as they are. Each method waits for the store, for a bounded
/// time.
/// </summary>
/// <remarks>
/// Where the store is away or full, methods throw <see cref="HttpStateStoreException"/>; a request whose handler does not
/// catch it is answered 503.
/// </remarks>
public sealed class HttpSharedStore
{
    /// <summary>What names of scripts begin with in the store, so that none of them is one that the server uses.</summary>
    private const string Prefix = "shared:";

    /// <summary>Levels of nesting that are read: as many as are written.</summary>
    private const int MaxDepth = 2_049;

    private readonly IHttpStateStore _store;

    internal HttpSharedStore(IHttpStateStore store) => _store = store;

    /// <summary>Whether other processes see what is kept here.</summary>
    public bool IsShared => _store.IsShared;

    /// <summary>Reads a value.</summary>
    /// <param name="key">Its name; upper and lower case differ.</param>
    /// <returns>What was set, with tables in place of objects; null if there is nothing, or no more.</returns>
    public object? Get(string key)
    {
        if (GetBytes(key) is not { } bytes)
            return null;
        try
        {
            return JsonInput.Read(bytes, MaxDepth);
        }
        catch (RequestFaultException)
        {
            // Another program has set it, as the text that it is.
            return Encoding.UTF8.GetString(bytes);
        }
    }

    /// <summary>Reads a value as the bytes that were set, or that another program has set.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>Null if there is nothing, or no more.</returns>
    public byte[]? GetBytes(string key) => Wait(_store.GetAsync(Prefix + key));

    /// <summary>Keeps a value until it is removed.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">Data, bytes, or null.</param>
    public void Set(string key, object? value) => Set(key, value, null);

    /// <summary>Keeps a value for a time.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">Data, bytes, or null.</param>
    /// <param name="expiry">A TimeSpan, or a number of seconds.</param>
    public void Set(string key, object? value, object? expiry)
    {
        var bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        var bytes = bare as byte[] ?? Encoding.UTF8.GetBytes(JsonOutput.WriteWithin(value));
        Wait(_store.SetAsync(Prefix + key, bytes, TimeOf(expiry)));
    }

    /// <summary>Adds 1 to a counter, which begins at 0. No two callers get the same sum.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>The sum.</returns>
    public long Increment(string key) => Increment(key, 1, null);

    /// <summary>Adds to a counter, which begins at 0.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="by">What is added; negative to subtract.</param>
    /// <returns>The sum.</returns>
    public long Increment(string key, long by) => Increment(key, by, null);

    /// <summary>Adds to a counter, which is kept for a time from its beginning on.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="by">What is added; negative to subtract.</param>
    /// <param name="expiry">A TimeSpan, or a number of seconds; a counter that is there keeps its own.</param>
    /// <returns>The sum.</returns>
    public long Increment(string key, long by, object? expiry) =>
        Wait(_store.IncrementAsync(Prefix + key, by, TimeOf(expiry)));

    /// <summary>Removes a value.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>False if there was none.</returns>
    public bool Remove(string key) => Wait(_store.RemoveAsync(Prefix + key));

    private static TimeSpan? TimeOf(object? expiry)
    {
        var bare = expiry is PSObject wrapped ? wrapped.BaseObject : expiry;
        if (bare is null)
            return null;
        if (bare is not TimeSpan time)
        {
            time = LanguagePrimitives.TryConvertTo<double>(bare, CultureInfo.InvariantCulture, out var seconds)
                && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds
                    ? TimeSpan.FromSeconds(seconds)
                    : LanguagePrimitives.ConvertTo<TimeSpan>(bare);
        }

        return time > TimeSpan.Zero
            ? time
            : throw new ArgumentException($"The expiry {bare} is over already: give a TimeSpan or seconds above 0.");
    }

    private static T Wait<T>(ValueTask<T> work) =>
        work.IsCompleted ? work.GetAwaiter().GetResult() : work.AsTask().GetAwaiter().GetResult();

    private static void Wait(ValueTask work)
    {
        if (work.IsCompleted)
            work.GetAwaiter().GetResult();
        else
            work.AsTask().GetAwaiter().GetResult();
    }
}
