using System.Diagnostics.CodeAnalysis;

namespace Http.Server.Requests;

/// <summary>What <see cref="VerbTable{THandler}"/> looks for in a handler class.</summary>
internal static class HandlerMembers
{
    /// <summary>Trimming keeps these members in every class that derives from the one that says so.</summary>
    public const DynamicallyAccessedMemberTypes Needed =
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    /// <summary>What a project file sets to <c>false</c> (RuntimeHostConfigurationOption, with Trim).</summary>
    private const string Name = "Http.Server.HandlerMembers.AreSearched";

    /// <summary>
    /// Whether handler classes are searched for their methods: true by default. A program that serves by the library's own
    /// classes alone says no, and trimming takes away what no request can reach then, such as WebSockets.
    /// </summary>
    [FeatureSwitchDefinition(Name)]
    public static bool AreSearched { get; } = !AppContext.TryGetSwitch(Name, out var areSearched) || areSearched;

    /// <summary>The name of a handler's class.</summary>
    /// <param name="handler">The handler. It is passed as an object, or trimming would keep all methods of its class.</param>
    public static string NameOfClass(object handler) => handler.GetType().Name;
}
