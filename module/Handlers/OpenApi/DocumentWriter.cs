using System.Management.Automation;
using System.Text.Json.Nodes;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Writes handlers as a document of OpenAPI 3.1.</summary>
/// <param name="title">What the document is about.</param>
/// <param name="functionOf">The function of a handler; null if the engine cannot make it.</param>
internal sealed class DocumentWriter(string title, Func<ApiHandler, FunctionInfo?> functionOf)
{
    /// <summary>The methods that OpenAPI 3.1 has a place for.</summary>
    private static readonly string[] Known = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

    /// <summary>The methods that a handler for any method is described for.</summary>
    private static readonly string[] Usual = ["GET", "PUT", "POST", "DELETE", "PATCH"];

    /// <summary>Where methods are that have no place of their own.</summary>
    public const string OtherMethods = "x-additionalOperations";

    private readonly TypeSchemas _schemas = new();
    private readonly ApiSecurity _security = new();

    /// <summary>Writes the document.</summary>
    /// <param name="handlers">The handlers; of two for the same method and path the first counts.</param>
    public JsonObject Write(IReadOnlyList<ApiHandler> handlers)
    {
        _schemas.Components["Problem"] = ApiAnswers.ProblemSchema();
        var answers = new ApiAnswers(_schemas);
        var writer = new OperationWriter(_schemas, _security, answers);
        var paths = new JsonObject();
        foreach (var same in Choose(handlers).GroupBy(static route => route.Path.Shape, StringComparer.Ordinal))
            Write(writer, paths, [.. same]);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = title, ["version"] = "1.0.0" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = paths,
        };
        var components = new JsonObject { ["schemas"] = _schemas.Components };
        foreach (var (name, parts) in new[]
            { ("responses", answers.Components), ("parameters", answers.Parameters), ("securitySchemes", _security.Components) })
        {
            if (parts.Count > 0)
                components[name] = parts;
        }

        document["components"] = components;
        return document;
    }

    /// <summary>The handlers for each method and path, as requests find them.</summary>
    private static IEnumerable<(string Method, PathTemplate Path, ApiHandler Handler)> Choose(IReadOnlyList<ApiHandler> handlers)
    {
        var taken = new HashSet<(string, string?)>();
        var chosen = new List<(string Method, PathTemplate Path, ApiHandler Handler)>();
        foreach (var handler in handlers)
        {
            var path = new PathTemplate(handler.Pattern);
            chosen.AddRange(handler.Methods.Where(method => taken.Add((method, handler.Pattern?.Canonical)))
                .Select(method => (method, path, handler)));
        }

        return chosen.Where(static route => route.Handler.IsShown);
    }

    /// <summary>Writes a path. Of several handlers for it, each for other values, the most specific one is described.</summary>
    private void Write(
        OperationWriter writer, JsonObject paths, List<(string Method, PathTemplate Path, ApiHandler Handler)> routes)
    {
        routes = [.. routes.OrderBy(static route => route.Handler.Pattern is null).ThenBy(static route => route.Handler.Pattern)
            .ThenBy(static route => route.Method == "*")];
        var (path, item, others) = (routes[0].Path, new JsonObject(), new JsonObject());
        foreach (var (method, own, handler) in routes)
        {
            foreach (var one in method == "*" ? Usual : [method])
            {
                var isKnown = Known.Contains(one);
                var (place, key) = isKnown ? (item, one.ToLowerInvariant()) : (others, one);
                if (place[key] is JsonObject first)
                {
                    // One that is for any method has the others' methods no more.
                    if (method != "*" || !routes.Any(route => route.Handler.Pattern?.Canonical == handler.Pattern?.Canonical
                        && route.Method == one))
                        Join(first, writer.Write(handler, one, path, own, functionOf(handler)), handler.Pattern?.Text);
                }
                else
                {
                    place[key] = writer.Write(handler, one, path, own, functionOf(handler));
                }
            }
        }

        if (others.Count > 0)
            item[OtherMethods] = others;
        paths[path.Text] = item;
    }

    /// <summary>Adds to an operation that values of the path that it does not take are taken by another.</summary>
    private static void Join(JsonObject operation, JsonObject other, string? pattern)
    {
        var more = $"A path that does not fit this goes to the handler for {pattern ?? "every path"}.";
        operation["description"] = operation["description"] is { } said ? $"{said}\n\n{more}" : more;
        foreach (var (mine, theirs) in PathParameters(operation).Zip(PathParameters(other)))
        {
            var (schema, added) = ((JsonObject)mine["schema"]!, (JsonObject)theirs["schema"]!);
            if (JsonNode.DeepEquals(schema, added))
                continue;
            var any = schema["anyOf"] as JsonArray ?? new JsonArray(schema.DeepClone());
            if (any.Parent is null)
                mine["schema"] = new JsonObject { ["anyOf"] = any };
            if (!any.Any(one => JsonNode.DeepEquals(one, added)))
                any.Add(added.DeepClone());
        }
    }

    private static IEnumerable<JsonObject> PathParameters(JsonObject operation) =>
        (operation["parameters"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(static parameter => parameter["in"]?.GetValue<string>() == "path");
}
