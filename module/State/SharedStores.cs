using System.Collections.Concurrent;
using System.Reflection;
using Http.Server.State;

namespace Http.Server.PowerShell.State;

/// <summary>
/// The stores that servers of this process share with others: one connection for each address, which stays for as long as the
/// process, since <c>$server.Shared.Store</c> can be asked when the server has ended.
/// </summary>
internal static class SharedStores
{
    private const string TypeName = "Http.Server.Redis.RedisStateStore";

    private static readonly string Folder =
        Path.Combine(Path.GetDirectoryName(typeof(SharedStores).Assembly.Location)!, "redis");

    private static readonly Lazy<Func<StateStoreAddress, Task<IHttpStateStore>>> Connect = new(FindConnect);

    private static readonly ConcurrentDictionary<StateStoreAddress, Lazy<IHttpStateStore>> Stores = [];

    /// <summary>The store of an address; connecting takes a second at the most, and a store that is away is no error.</summary>
    /// <exception cref="FileNotFoundException">The module is not whole.</exception>
    public static IHttpStateStore Open(StateStoreAddress address) => Stores.GetOrAdd(address,
        static address => new Lazy<IHttpStateStore>(() => Connect.Value(address).GetAwaiter().GetResult())).Value;

    private static Func<StateStoreAddress, Task<IHttpStateStore>> FindConnect() =>
        new StoreContext(Folder).LoadFromAssemblyPath(Path.Combine(Folder, "HttpServer.Redis.dll"))
            .GetType(TypeName, throwOnError: true)!
            .GetMethod("OpenAsync", BindingFlags.Public | BindingFlags.Static)!
            .CreateDelegate<Func<StateStoreAddress, Task<IHttpStateStore>>>();
}
