using System.Management.Automation;
using System.Text.Json.Nodes;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Writes what a handler does for one method and path.</summary>
/// <param name="schemas">Takes the classes.</param>
/// <param name="security">Takes the schemes.</param>
/// <param name="answers">Takes the errors.</param>
internal sealed class OperationWriter(TypeSchemas schemas, ApiSecurity security, ApiAnswers answers)
{
    private readonly ApiParameters _parameters = new(schemas);
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Writes an operation.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="method">The method, which is none of <c>*</c>.</param>
    /// <param name="path">The path as the document has it; its parameters may be named otherwise than the handler's.</param>
    /// <param name="own">The path of the handler itself.</param>
    /// <param name="function">The handler's function; null if the engine cannot make it.</param>
    public JsonObject Write(ApiHandler handler, string method, PathTemplate path, PathTemplate own, FunctionInfo? function)
    {
        var help = new HandlerHelp(handler.Script.Written);
        var all = _parameters.Read(handler, function?.Parameters, help);
        var inPath = own.Parameters.Select(parameter => all.FirstOrDefault(known => Is(known.Name, parameter.Name))).ToArray();
        IReadOnlyList<ApiParameter> others = [.. all.Except(inPath.OfType<ApiParameter>())];
        IReadOnlyList<Type?> types = function is null ? [null] : [.. function.OutputType.Select(static type => type.Type)];
        var writes = ApiBody.IsUsual(method) || method == "DELETE";
        var subjects = handler.Access.FindSubjects(own.Prefix, writes);
        var isOpen = handler.Access.MayBeAnonymous && subjects.Count > 0 && subjects.All(static list => list.Contains("*"));
        var requirements = security.RequirementsOf(handler.Access, isOpen);
        var asksForUsers = handler.Access.AsksForUsers && !isOpen;
        var mayForbid = handler.Access.Roles.Count > 0 || (subjects.Count > 0 && !isOpen);

        var operation = new JsonObject();
        if (own.Prefix is [var first, ..])
            operation["tags"] = new JsonArray(first);
        if ((help.Synopsis ?? handler.Name) is { } summary)
            operation["summary"] = summary;
        string?[] said = [help.Description, RolesOf(handler.Access), .. subjects.Select(RulesOf)];
        if (string.Join("\n\n", said.OfType<string>()) is { Length: > 0 } description)
            operation["description"] = description;
        if (help.Link is { } link)
            operation["externalDocs"] = new JsonObject { ["url"] = link };
        operation["operationId"] = IdOf(handler, method, path);
        var parameters = new JsonArray();
        for (var index = 0; index < own.Parameters.Count; index++)
            parameters.Add((JsonNode)InPath(own.Parameters[index], path.Parameters[index].Name, inPath[index], help));
        var members = ApiBody.MembersOf(method, handler.Stream ? [] : others);
        foreach (var parameter in others.Except(members).Where(static parameter => !parameter.IsWhole && !parameter.IsFile))
            parameters.Add((JsonNode)InQuery(parameter));
        if (ApiAnswers.AreNegotiated(handler, types) && !all.Any(static parameter => Is(parameter.Name, "format")))
            parameters.Add((JsonNode)answers.FormatParameter());
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (ApiBody.Make(method, handler, others) is { } body)
            operation["requestBody"] = body;
        operation["responses"] = answers.Make(handler, types, help.Outputs, all.Count > 0, asksForUsers, mayForbid);
        if (requirements is not null)
            operation["security"] = requirements;
        return operation;
    }

    private static string? RolesOf(ApiAccess access) => access.Roles.Count switch
    {
        0 => null,
        1 => $"Users need the role {access.Roles[0]}.",
        _ => $"Users need one of the roles {string.Join(", ", access.Roles)}.",
    };

    private static string RulesOf(IReadOnlyList<string> subjects) => subjects.Count == 0
        ? "By the rules of the path, nobody may."
        : $"By the rules of the path, these may: {string.Join(", ", subjects.Select(NameOf))}.";

    private static string NameOf(string subject) => subject switch
    {
        "*" => "everybody",
        "@*" => "all users",
        ['@', .. var role] => $"users with the role {role}",
        _ => $"the user {subject}",
    };

    private static JsonObject InPath(PathParameter parameter, string name, ApiParameter? known, HandlerHelp help)
    {
        var schema = known is { Schema.Count: > 0 } ? (JsonObject)known.Schema.DeepClone() : SchemaOf(parameter.Constraint);
        schema.Remove("default");
        string?[] said =
        [
            known?.Description ?? help.Parameter(parameter.Name),
            parameter.TakesSegments ? "The rest of the path, with its slashes." : null,
        ];
        return Parameter(name, "path", string.Join(' ', said.OfType<string>()), isRequired: true, schema);
    }

    private static JsonObject InQuery(ApiParameter parameter) =>
        Parameter(parameter.Name, "query", parameter.Description ?? "", parameter.IsMandatory,
            (JsonObject)parameter.Schema.DeepClone());

    private static JsonObject Parameter(string name, string place, string description, bool isRequired, JsonObject schema)
    {
        var written = new JsonObject { ["name"] = name, ["in"] = place };
        if (description.Length > 0)
            written["description"] = description;
        if (isRequired)
            written["required"] = true;
        written["schema"] = schema;
        return written;
    }

    private static JsonObject SchemaOf(RouteConstraint constraint) => constraint switch
    {
        RouteConstraint.Guid => new JsonObject { ["type"] = "string", ["format"] = "uuid" },
        RouteConstraint.Bool => new JsonObject { ["type"] = "boolean" },
        RouteConstraint.Int => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        RouteConstraint.Long => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        RouteConstraint.Decimal => new JsonObject { ["type"] = "number" },
        // Times alone, and other writings of dates, are taken too.
        RouteConstraint.DateTime => new JsonObject { ["type"] = "string" },
        RouteConstraint.Alpha => new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z]+$" },
        _ => new JsonObject { ["type"] = "string" },
    };

    /// <summary>A name for clients' functions: the handler's own, or one that is made of the method and the path.</summary>
    private string IdOf(ApiHandler handler, string method, PathTemplate path)
    {
        var words = handler.Name is { } name
            ? handler.Methods is ["*"] or { Count: > 1 } ? $"{name} {method.ToLowerInvariant()}" : name
            : $"{method.ToLowerInvariant()} {Uri.UnescapeDataString(path.Text.Replace("{", "by ", StringComparison.Ordinal))}";
        var parts = string.Concat(words.Select(
                static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : ' '))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plain = parts.Length == 0 ? "operation" : parts[0] + string.Concat(parts[1..].Select(
            static part => char.ToUpperInvariant(part[0]) + part[1..]));
        var id = plain;
        for (var number = 2; !_ids.Add(id); number++)
            id = $"{plain}{number}";
        return id;
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
