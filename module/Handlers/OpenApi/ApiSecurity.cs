using System.Text.Json.Nodes;
using Http.Server.PowerShell.Handlers.Schemes;
using Http.Server.Sessions;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>How clients say who they are, as the document has it.</summary>
internal sealed class ApiSecurity
{
    private readonly Dictionary<object, IReadOnlyList<string>> _names = [];

    /// <summary>The schemes by their names.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>The schemes of which a request needs one, with the roles of which its user needs one.</summary>
    /// <param name="access">Who may call.</param>
    /// <param name="isOpen">Rules let in those too who have not logged in.</param>
    /// <returns>Null if nobody has to log in.</returns>
    public JsonArray? RequirementsOf(ApiAccess access, bool isOpen)
    {
        var names = access.Schemes.SelectMany(scheme => NamesOf(scheme, () => MakeAll(scheme))).ToList();
        if (access.Users is { } users)
            names.InsertRange(0, NamesOf(users, () => [(users.Realm, Password(users.Realm))]));
        if (names.Count == 0)
            return null;
        var requirements = new JsonArray();
        foreach (var name in names)
        {
            requirements.Add((JsonNode)new JsonObject
            {
                [name] = new JsonArray([.. access.Roles.Select(static role => (JsonNode)role)]),
            });
        }

        if (isOpen)
            requirements.Add((JsonNode)new JsonObject());
        return requirements;
    }

    private static IEnumerable<(string Name, JsonObject Scheme)> MakeAll(RegisteredScheme scheme)
    {
        var (name, places) = (scheme.Name, scheme.Places);
        if (scheme.Type == "Basic")
        {
            yield return (name, Password(name));
        }
        else if (scheme.Type == "Bearer")
        {
            var bearer = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = name };
            if (places.TakesJwt)
                bearer["bearerFormat"] = "JWT";
            yield return (name, bearer);
        }
        else if (scheme.Type == RegisteredScheme.Certificate)
        {
            yield return (name, new JsonObject { ["type"] = "mutualTLS", ["description"] = name });
        }
        else if (scheme.Type == "Negotiate")
        {
            yield return (name, new JsonObject { ["type"] = "http", ["scheme"] = "negotiate", ["description"] = name });
        }
        else if (scheme.Type == RegisteredScheme.Session)
        {
            yield return (name, new JsonObject
            {
                ["type"] = "apiKey",
                ["in"] = "cookie",
                ["name"] = "__Host-" + new HttpSessionOptions().CookieName,
                ["description"] = name,
            });
        }
        else
        {
            foreach (var (place, key) in new[] { ("header", places.Header), ("query", places.Query), ("cookie", places.Cookie) })
            {
                if (key is not null)
                    yield return (name, new JsonObject
                    {
                        ["type"] = "apiKey",
                        ["in"] = place,
                        ["name"] = key,
                        ["description"] = name,
                    });
            }
        }
    }

    private static JsonObject Password(string name) =>
        new() { ["type"] = "http", ["scheme"] = "basic", ["description"] = name };

    private IReadOnlyList<string> NamesOf(object scheme, Func<IEnumerable<(string Name, JsonObject Scheme)>> make)
    {
        if (_names.TryGetValue(scheme, out var known))
            return known;
        var names = new List<string>();
        foreach (var (name, made) in make())
        {
            // Components have names of these characters alone.
            var plain = string.Concat(name.Select(static letter =>
                char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '_'));
            var own = plain;
            for (var number = 2; Components.ContainsKey(own); number++)
                own = $"{plain}{number}";
            Components.Add(own, made);
            names.Add(own);
        }

        return _names[scheme] = names;
    }
}
