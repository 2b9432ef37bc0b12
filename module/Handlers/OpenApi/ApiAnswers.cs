using System.Text.Json.Nodes;
using System.Xml;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>The answers of handlers, as the document has them.</summary>
/// <param name="schemas">Takes the classes.</param>
internal sealed class ApiAnswers(TypeSchemas schemas)
{
    private const string Problem = "application/problem+json";
    private const string Json = "application/json";
    private const string PlainText = "text/plain";

    /// <summary>The forms of objects, beside JSON.</summary>
    private static readonly string[] OtherForms = ["text/html", PlainText, "text/csv", "application/xml"];

    /// <summary>The errors that handlers of the document may answer with, by their names.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>Parameters that several handlers have, by their names.</summary>
    public JsonObject Parameters { get; } = [];

    /// <summary>Whether clients choose the form of what a handler puts out.</summary>
    public static bool AreNegotiated(ApiHandler handler, IReadOnlyList<Type?> types) =>
        handler.ContentType is null && (types.Count == 0 || types.Any(static type => type is null || IsOfObjects(type)));

    /// <summary>The schema of errors for programs.</summary>
    public static JsonObject ProblemSchema() => new()
    {
        ["type"] = "object",
        ["description"] = "Problem details (RFC 9457).",
        ["required"] = new JsonArray("type", "title", "status", "detail"),
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string", ["format"] = "uri-reference" },
            ["title"] = new JsonObject { ["type"] = "string", ["description"] = "What the status means." },
            ["status"] = new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            ["detail"] = new JsonObject { ["type"] = "string", ["description"] = "What it means for this request." },
            ["errors"] = new JsonObject
            {
                ["type"] = "array",
                ["description"] = "What is wrong with each parameter.",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["required"] = new JsonArray("detail"),
                    ["properties"] = new JsonObject
                    {
                        ["parameter"] = new JsonObject { ["type"] = "string" },
                        ["detail"] = new JsonObject { ["type"] = "string" },
                    },
                },
            },
        },
    };

    /// <summary>The answers of one handler.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="types">What it says that it puts out; null for a type that is not known.</param>
    /// <param name="said">What its comments say of that; null for nothing.</param>
    /// <param name="takesValues">It has parameters that requests give values.</param>
    /// <param name="asksForUsers">Users have to log in.</param>
    /// <param name="mayForbid">Not every user may.</param>
    public JsonObject Make(ApiHandler handler, IReadOnlyList<Type?> types, string? said, bool takesValues, bool asksForUsers,
        bool mayForbid)
    {
        var answers = new JsonObject();
        if (types.Count > 0 && types.All(static type => type == typeof(void)))
            answers["204"] = new JsonObject { ["description"] = said ?? "Done; there is nothing to tell." };
        else
            answers["200"] = new JsonObject
            {
                ["description"] = said ?? "What was asked for.",
                ["content"] = ContentOf(handler, types),
            };
        if (takesValues)
            answers["400"] = Error("BadRequest", "A value is missing or is not valid; errors names each parameter.", Problem);
        if (asksForUsers)
            answers["401"] = Error("Unauthorized", "The request has no valid credentials.", PlainError(), "WWW-Authenticate");
        if (mayForbid)
            answers["403"] = Error("Forbidden", "The user is known, and may not do this.", PlainError());
        if (handler.IsLimited)
            answers["429"] = Error("TooManyRequests", "The client has called it too often.", PlainError(), "Retry-After");
        answers["default"] = Error(
            "Error", "Another error: a page, or problem details if these are rather accepted.", PlainError());
        return answers;

        static string[] PlainError() => [Problem, "text/html"];
    }

    /// <summary>The parameter of the query by which clients choose the form.</summary>
    public JsonObject FormatParameter()
    {
        Parameters["format"] ??= new JsonObject
        {
            ["name"] = "format",
            ["in"] = "query",
            ["description"] = "The form of the answer, in the place of the Accept field.",
            ["schema"] = new JsonObject
            {
                ["type"] = "string",
                ["enum"] = new JsonArray(
                    [.. Enum.GetNames<OutputForm>().Select(static name => (JsonNode)name.ToLowerInvariant())]),
            },
        };
        return new JsonObject { ["$ref"] = "#/components/parameters/format" };
    }

    private static bool IsOfObjects(Type type) =>
        type != typeof(void) && type != typeof(string) && type != typeof(char) && !IsOfBytes(type) && !IsOfXml(type);

    private static bool IsOfBytes(Type type) =>
        type == typeof(byte[]) || type == typeof(byte) || typeof(Stream).IsAssignableFrom(type);

    private static bool IsOfXml(Type type) => typeof(XmlNode).IsAssignableFrom(type);

    private static bool IsText(Type type) => type == typeof(string) || type == typeof(char) || type == typeof(string[]);

    private JsonObject ContentOf(ApiHandler handler, IReadOnlyList<Type?> types)
    {
        var content = new JsonObject();
        if (handler.ContentType is { } own)
        {
            // A type of media may have parameters, which clients are not to compare.
            content[own.Split(';')[0].Trim()] = Media(own.Contains("json", StringComparison.OrdinalIgnoreCase)
                ? SchemaOf(types) : TextOrBytes(types));
            return content;
        }

        if (AreNegotiated(handler, types))
        {
            content[Json] = Media(SchemaOf([.. types.Where(static type => type is null || IsOfObjects(type))]));
            foreach (var form in OtherForms)
                content[form] = Media(new JsonObject { ["type"] = "string" });
        }

        foreach (var type in types.OfType<Type>())
        {
            if (IsText(type))
                content[PlainText] ??= Media(new JsonObject { ["type"] = "string" });
            else if (IsOfXml(type))
                content["application/xml"] ??= Media(new JsonObject { ["type"] = "string" });
            else if (IsOfBytes(type))
                content["application/octet-stream"] ??= Media([]);
        }

        return content;
    }

    private static JsonObject TextOrBytes(IReadOnlyList<Type?> types) =>
        types.Any(static type => type is not null && IsOfBytes(type)) ? [] : new JsonObject { ["type"] = "string" };

    private static JsonObject Media(JsonObject schema) => new() { ["schema"] = schema };

    private JsonObject SchemaOf(IReadOnlyList<Type?> types)
    {
        if (types.Count == 0 || types.Contains(null))
            return [];
        var all = types.OfType<Type>().Where(static type => type != typeof(void))
            .Select(type => schemas.Of(type, isInput: false)).ToArray();
        return all.Length switch
        {
            0 => [],
            1 => all[0],
            _ => new JsonObject { ["anyOf"] = new JsonArray([.. all]) },
        };
    }

    /// <summary>Refers to an error, which is made when it is first referred to.</summary>
    private JsonObject Error(string name, string description, string type, string? header = null) =>
        Error(name, description, [type], header);

    private JsonObject Error(string name, string description, string[] types, string? header = null)
    {
        if (!Components.ContainsKey(name))
        {
            var error = new JsonObject { ["description"] = description };
            if (header is not null)
                error["headers"] = new JsonObject
                {
                    [header] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } },
                };
            error["content"] = new JsonObject(types.Select(type => KeyValuePair.Create(type, (JsonNode?)Media(type == Problem
                ? new JsonObject { ["$ref"] = "#/components/schemas/Problem" }
                : new JsonObject { ["type"] = "string" }))));
            Components[name] = error;
        }

        return new JsonObject { ["$ref"] = "#/components/responses/" + name };
    }
}
