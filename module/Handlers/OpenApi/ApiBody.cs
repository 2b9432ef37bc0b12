using System.Text.Json.Nodes;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>What a handler takes of the body of a request.</summary>
internal static class ApiBody
{
    private const string Json = "application/json";
    private const string Form = "application/x-www-form-urlencoded";
    private const string FormWithFiles = "multipart/form-data";

    /// <summary>Methods whose bodies mean nothing (RFC 9110, section 9.3), or that mostly come without one.</summary>
    public static bool IsUsual(string method) => method is not ("GET" or "HEAD" or "DELETE" or "OPTIONS" or "TRACE");

    /// <summary>The parameters that are members of the body: the others are in the query.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">The parameters that are not in the path.</param>
    public static IReadOnlyList<ApiParameter> MembersOf(string method, IReadOnlyList<ApiParameter> parameters) =>
        IsUsual(method) && !parameters.Any(static parameter => parameter.IsWhole)
            ? parameters
            : [.. parameters.Where(static parameter => parameter.IsFile)];

    /// <summary>The body of a method that takes values of it.</summary>
    /// <param name="method">The method.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="parameters">The parameters that are not in the path.</param>
    /// <returns>Null if it takes none.</returns>
    public static JsonObject? Make(string method, ApiHandler handler, IReadOnlyList<ApiParameter> parameters)
    {
        if (handler.Stream)
            return IsUsual(method) ? Of("*/*") : null;
        if (parameters.FirstOrDefault(static parameter => parameter.IsWhole) is { } whole)
            return method is "HEAD" or "TRACE" ? null
                : Of(whole.Description, whole.IsMandatory, () => (JsonObject)whole.Schema.DeepClone(), Json, Form);
        var members = MembersOf(method, parameters);
        if (members.Count > 0)
            return Of(null, members.Any(static member => member.IsMandatory), () => ObjectOf(members),
                members.Any(static member => member.IsFile) ? [FormWithFiles] : [Json, Form]);
        // It reads what it likes.
        return IsUsual(method) && parameters.Count == 0 && handler.Script.Parameters.Names.Count == 0 ? Of("*/*") : null;
    }

    private static JsonObject ObjectOf(IReadOnlyList<ApiParameter> members)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(members.Select(static member =>
                KeyValuePair.Create(member.Name, (JsonNode?)member.MakeProperty()))),
        };
        if (members.Any(static member => member.IsMandatory))
            schema["required"] = new JsonArray([.. members.Where(static member => member.IsMandatory)
                .Select(static member => (JsonNode)member.Name)]);
        return schema;
    }

    private static JsonObject Of(string type) => Of(null, isRequired: false, static () => [], type);

    private static JsonObject Of(string? description, bool isRequired, Func<JsonObject> makeSchema,
        params IEnumerable<string> types)
    {
        var body = new JsonObject();
        if (description is not null)
            body["description"] = description;
        if (isRequired)
            body["required"] = true;
        body["content"] = new JsonObject(types.Select(type =>
            KeyValuePair.Create(type, (JsonNode?)new JsonObject { ["schema"] = makeSchema() })));
        return body;
    }
}
