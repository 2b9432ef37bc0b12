using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Http.Server.Dispatch;

/// <summary>The <c>Do*</c> methods of a handler class, found by name once per class (Python: <c>getattr(self, 'do_' + command)</c>).</summary>
internal sealed class HandlerMethods
{
    /// <summary>What is looked for in a handler class. Trimming keeps it in every class that derives from the one that says so.</summary>
    public const DynamicallyAccessedMemberTypes Needed = DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    private static readonly ConcurrentDictionary<Type, HandlerMethods> Known = new();

    private readonly Dictionary<string, Func<BaseHttpRequestHandler, ValueTask>> _byName;
    private readonly string[] _names;

    private HandlerMethods(Dictionary<string, Func<BaseHttpRequestHandler, ValueTask>> byName)
    {
        _byName = byName;
        _names = [.. Standard, .. byName.Keys];
    }

    private HandlerMethods([DynamicallyAccessedMembers(Needed)] Type type)
        : this(Find(type))
    {
        LogsByItself = Overrides(type, nameof(BaseHttpRequestHandler.LogMessage))
            || Overrides(type, nameof(BaseHttpRequestHandler.LogError));
        TranslatesPaths = Overrides(type, "TranslatePath");
        ListsDirectories = Overrides(type, "ListDirectory");
        GuessesTypes = Overrides(type, "GuessType");
        PostsByItself = Overrides(type, "DoPost");
    }

    private static string[] Standard => ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];

    /// <summary>The class has a <c>LogMessage</c> or <c>LogError</c> of its own: requests are told to it as text, as Python does.</summary>
    public bool LogsByItself { get; }

    /// <summary>The class has a <c>TranslatePath</c> of its own.</summary>
    public bool TranslatesPaths { get; }

    /// <summary>The class has a <c>ListDirectory</c> of its own.</summary>
    public bool ListsDirectories { get; }

    /// <summary>The class has a <c>GuessType</c> of its own.</summary>
    public bool GuessesTypes { get; }

    /// <summary>The class has a <c>DoPost</c> of its own in the place of a base's.</summary>
    public bool PostsByItself { get; }

    /// <summary>The verbs that have a method, in upper case and sorted, for an Allow header.</summary>
    public IEnumerable<string> Verbs => _byName.Keys.Order(StringComparer.Ordinal);

    public static HandlerMethods Of([DynamicallyAccessedMembers(Needed)] Type type) =>
        Known.TryGetValue(type, out var known) ? known : Known.GetOrAdd(type, new HandlerMethods(type));

    /// <summary>
    /// Tells the methods of a class that the library brings itself: finding them by reflection would give the same, some milliseconds
    /// later. The class has no <c>LogMessage</c>, <c>TranslatePath</c> and the like of its own.
    /// </summary>
    public static void Tell(Type type, Dictionary<string, Func<BaseHttpRequestHandler, ValueTask>> byName) =>
        Known.TryAdd(type, new HandlerMethods(byName));

    /// <summary>The method for a verb, or null. Verbs are case-sensitive (RFC 9110, section 9.1); the names of methods are not.</summary>
    public Func<BaseHttpRequestHandler, ValueTask>? Find(string command) => _byName.GetValueOrDefault(command);

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

    private static Dictionary<string, Func<BaseHttpRequestHandler, ValueTask>> Find([DynamicallyAccessedMembers(Needed)] Type type)
    {
        var found = new Dictionary<string, Func<BaseHttpRequestHandler, ValueTask>>(StringComparer.Ordinal);
        // From the class up to its bases: the first of a name is the one a call would reach.
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

    /// <remarks>
    /// The generic methods take classes alone and are named where they are made: all classes share one compiled form of each, so a program
    /// that was compiled ahead of time has what the classes of its author need. The compiler sees to that.
    /// </remarks>
    private static Func<BaseHttpRequestHandler, ValueTask>? Bind(MethodInfo method)
    {
        const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Static;
        var (type, result) = (method.DeclaringType!, method.ReturnType);
        if (result == typeof(ValueTask))
            return Open(typeof(HandlerMethods).GetMethod(nameof(OpenValueTask), Hidden)!.MakeGenericMethod(type), method);
        if (result == typeof(Task))
            return Open(typeof(HandlerMethods).GetMethod(nameof(OpenTask), Hidden)!.MakeGenericMethod(type), method);
        if (result == typeof(void))
            return Open(typeof(HandlerMethods).GetMethod(nameof(OpenVoid), Hidden)!.MakeGenericMethod(type), method);
        return null;
    }

    private static Func<BaseHttpRequestHandler, ValueTask> Open(MethodInfo open, MethodInfo method) =>
        (Func<BaseHttpRequestHandler, ValueTask>)open.Invoke(null, [method])!;

    private static Func<BaseHttpRequestHandler, ValueTask> OpenValueTask<THandler>(MethodInfo method)
        where THandler : class
    {
        var call = method.CreateDelegate<Func<THandler, ValueTask>>();
        return handler => call((THandler)(object)handler);
    }

    private static Func<BaseHttpRequestHandler, ValueTask> OpenTask<THandler>(MethodInfo method)
        where THandler : class
    {
        var call = method.CreateDelegate<Func<THandler, Task>>();
        return handler => new ValueTask(call((THandler)(object)handler));
    }

    private static Func<BaseHttpRequestHandler, ValueTask> OpenVoid<THandler>(MethodInfo method)
        where THandler : class
    {
        var call = method.CreateDelegate<Action<THandler>>();
        return handler =>
        {
            call((THandler)(object)handler);
            return default;
        };
    }

    private static bool Overrides([DynamicallyAccessedMembers(Needed)] Type type, string name) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Any(method => method.Name == name && method.DeclaringType != method.GetBaseDefinition().DeclaringType);
}
