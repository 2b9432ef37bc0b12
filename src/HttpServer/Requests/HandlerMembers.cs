using System.Diagnostics.CodeAnalysis;

namespace Http.Server.Requests;

/// <summary>What <see cref="VerbTable{THandler}"/> looks for in a handler class.</summary>
internal static class HandlerMembers
{
    /// <summary>Trimming keeps these members in every class that derives from the one that says so.</summary>
    public const DynamicallyAccessedMemberTypes Needed =
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;
}
