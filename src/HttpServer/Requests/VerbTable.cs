using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Reflection;

namespace Http.Server.Requests;

/// <summary>
/// The <c>Do*</c> methods of a handler class, found by name once per class (Python: <c>getattr(self, 'do_' +
/// command)</c>).
/// </summary>
/// <typeparam name="THandler">The base of all handler classes.</typeparam>
internal sealed class VerbTable<THandler>
    where THandler : class
{
    private const DynamicallyAccessedMemberTypes Needed = HandlerMembers.Needed;

    private static readonly ConcurrentDictionary<Type, VerbTable<THandler>> Known = new();

    private readonly Dictionary<string, Func<THandler, ValueTask>> _byName;
    private readonly string[] _names;
    private readonly HashSet<string> _overridden = [];

    private VerbTable(Dictionary<string, Func<THandler, ValueTask>> byName)
    {
        _byName = byName;
        _names = [.. Standard, .. byName.Keys];
    }

    private VerbTable([DynamicallyAccessedMembers(Needed)] Type type)
        : this(Find(type))
    {
        _overridden = [.. type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(static method => method.DeclaringType != method.GetBaseDefinition().DeclaringType
                && method.DeclaringType!.Assembly != typeof(HandlerMembers).Assembly)
            .Select(static method => method.Name)];
        WebSocketMethod = FindOfWebSockets(type);
    }

    private static string[] Standard => ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];

    /// <summary>The verbs that have a method, in upper case and sorted, for an Allow header.</summary>
    public IEnumerable<string> Verbs => _byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The method that reads and writes a WebSocket; null if there is none.</summary>
    public Func<THandler, WebSocket, Task>? WebSocketMethod { get; }

    public static VerbTable<THandler> Of([DynamicallyAccessedMembers(Needed)] Type type) =>
        Known.TryGetValue(type, out var known) ? known : Known.GetOrAdd(type, new VerbTable<THandler>(type));

    /// <summary>The methods of a handler whose class is registered, where classes are not searched.</summary>
    /// <param name="handler">The handler. It is passed as an object, or trimming would keep all methods of its class.</param>
    /// <exception cref="InvalidOperationException">The class is not registered.</exception>
    public static VerbTable<THandler> Registered(object handler) =>
        Known.TryGetValue(handler.GetType(), out var known) ? known : throw new InvalidOperationException(
            $"The methods of {handler.GetType().Name} are not known: this program is built not to search classes for them.");

    /// <summary>
    /// Registers the methods of a class that the library brings itself: finding them by reflection would give the same, some
    /// milliseconds later. The class counts as one that overrides nothing.
    /// </summary>
    public static void Register(Type type, Dictionary<string, Func<THandler, ValueTask>> byName) =>
        Known.TryAdd(type, new VerbTable<THandler>(byName));

    /// <summary>
    /// Whether the class, or one between it and the library's own classes, overrides a member of a base. What the library's
    /// classes override of each other's does not count: they know of it.
    /// </summary>
    /// <param name="member">The member's name.</param>
    public bool Overrides(string member) => _overridden.Count > 0 && _overridden.Contains(member);

    /// <summary>
    /// The method for a verb, or null. Verbs are case-sensitive (RFC 9110, section 9.1); the names of methods are
    /// not.
    /// </summary>
    public Func<THandler, ValueTask>? Find(string command) => _byName.GetValueOrDefault(command);

    /// <summary>The verb as text; one string for each usual verb and each that has a method.</summary>
    public string NameOf(ReadOnlySpan<byte> command)
    {
        foreach (var name in _names)
        {
            if (System.Text.Ascii.Equals(command, name))
                return name;
        }

        return System.Text.Encoding.ASCII.GetString(command);
    }

    private static Dictionary<string, Func<THandler, ValueTask>> Find([DynamicallyAccessedMembers(Needed)] Type type)
    {
        var found = new Dictionary<string, Func<THandler, ValueTask>>();
        // The search goes from the class up to its bases: the first method of a name is the one that a call would reach.
        for (var level = type; level != typeof(object) && level is not null; level = level.BaseType)
        {
            foreach (var method in level.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                if (method.Name.Length > 2 && method.Name.StartsWith("Do", StringComparison.OrdinalIgnoreCase)
                    && method.GetParameters().Length == 0 && !method.IsGenericMethodDefinition
                    && Bind(method) is { } call)
                    found.TryAdd(method.Name[2..].ToUpperInvariant(), call);
            }
        }

        return found;
    }

    private static Func<THandler, WebSocket, Task>? FindOfWebSockets([DynamicallyAccessedMembers(Needed)] Type type)
    {
        var method = type.GetMethod("DoWebSocketAsync", BindingFlags.Public | BindingFlags.Instance, [typeof(WebSocket)]);
        return method?.ReturnType != typeof(Task) ? null : (Func<THandler, WebSocket, Task>)typeof(VerbTable<THandler>)
            .GetMethod(nameof(OpenWebSocket), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(method.DeclaringType!).Invoke(null, [method])!;
    }

    private static Func<THandler, WebSocket, Task> OpenWebSocket<TOwn>(MethodInfo method)
        where TOwn : class
    {
        var call = method.CreateDelegate<Func<TOwn, WebSocket, Task>>();
        return (handler, socket) => call((TOwn)(object)handler, socket);
    }

    /// <remarks>
    /// The generic methods take classes alone and are named where they are made: all classes share one compiled form of each, so
    /// a program that was compiled ahead of time has what the classes of its author need. The compiler sees to that.
    /// </remarks>
    private static Func<THandler, ValueTask>? Bind(MethodInfo method)
    {
        const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Static;
        var (type, result) = (method.DeclaringType!, method.ReturnType);
        if (result == typeof(ValueTask))
            return Open(typeof(VerbTable<THandler>).GetMethod(nameof(OpenValueTask), Hidden)!.MakeGenericMethod(type), method);
        if (result == typeof(Task))
            return Open(typeof(VerbTable<THandler>).GetMethod(nameof(OpenTask), Hidden)!.MakeGenericMethod(type), method);
        if (result == typeof(void))
            return Open(typeof(VerbTable<THandler>).GetMethod(nameof(OpenVoid), Hidden)!.MakeGenericMethod(type), method);
        return null;
    }

    private static Func<THandler, ValueTask> Open(MethodInfo open, MethodInfo method) =>
        (Func<THandler, ValueTask>)open.Invoke(null, [method])!;

    private static Func<THandler, ValueTask> OpenValueTask<TOwn>(MethodInfo method)
        where TOwn : class
    {
        var call = method.CreateDelegate<Func<TOwn, ValueTask>>();
        return handler => call((TOwn)(object)handler);
    }

    private static Func<THandler, ValueTask> OpenTask<TOwn>(MethodInfo method)
        where TOwn : class
    {
        var call = method.CreateDelegate<Func<TOwn, Task>>();
        return handler => new ValueTask(call((TOwn)(object)handler));
    }

    private static Func<THandler, ValueTask> OpenVoid<TOwn>(MethodInfo method)
        where TOwn : class
    {
        var call = method.CreateDelegate<Action<TOwn>>();
        return handler =>
        {
            call((TOwn)(object)handler);
            return default;
        };
    }
}
