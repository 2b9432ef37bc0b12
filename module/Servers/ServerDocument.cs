using System.Globalization;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.OpenApi;
using Http.Server.PowerShell.Handlers.Schemes;

namespace Http.Server.PowerShell.Servers;

/// <summary>Describes the handlers of a server, with who may call them.</summary>
/// <param name="settings">What the server was started with.</param>
/// <param name="schemes">The schemes of the session.</param>
internal sealed class ServerDocument(StartSettings settings, IReadOnlyList<RegisteredScheme> schemes)
{
    /// <summary>The document; null if the server has none.</summary>
    /// <param name="handlers">The handlers in the order in which they count.</param>
    public ApiDocument? Make(IEnumerable<HttpHandler> handlers) =>
        settings.HasOpenApi ? new ApiDocument(settings.Name, [.. handlers.Select(Describe)]) : null;

    private ApiHandler Describe(HttpHandler handler) => new()
    {
        Name = handler.Name == string.Create(CultureInfo.InvariantCulture, $"Handler{handler.Id}") ? null : handler.Name,
        Methods = handler.Method,
        Pattern = handler.Registered.Pattern,
        Script = handler.Registered.Script,
        ContentType = handler.ContentType,
        Stream = handler.Stream,
        IsLimited = handler.RateLimit is not null || settings.Options.RateLimit is not null,
        IsShown = !handler.Hidden,
        Access = AccessOf(handler.Registered),
    };

    /// <summary>By the handler's own schemes, or else by those of the server.</summary>
    private ApiAccess AccessOf(RegisteredHandler handler)
    {
        var hasOwn = handler.Authentication.Count > 0;
        var names = hasOwn ? handler.Authentication : settings.Schemes;
        return new ApiAccess
        {
            Schemes = [.. names.Select(name => schemes.FirstOrDefault(
                scheme => scheme.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).OfType<RegisteredScheme>()],
            Users = hasOwn ? null : settings.Authentication,
            Roles = handler.Roles,
            MayBeAnonymous = names.Count == 0 && handler.Roles.Count == 0,
            Rules = [.. RulesOf()],
        };
    }

    private IEnumerable<Func<IReadOnlyList<string>, bool, IReadOnlyList<string>?>> RulesOf()
    {
        if (settings.Authentication is { } users)
            yield return users.FindSubjects;
        if (settings.Rules is { } rules)
            yield return rules.FindSubjects;
    }
}
