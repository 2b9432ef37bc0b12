using System.Text.Json.Nodes;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>A parameter of a handler's script.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">What it takes, with its default.</param>
/// <param name="Description">What it is; null if nothing is said of it.</param>
/// <param name="IsMandatory">Without it the handler is not called.</param>
/// <param name="IsWhole">It takes the body as a whole.</param>
/// <param name="IsFile">It takes files of a form.</param>
internal sealed record ApiParameter(
    string Name, JsonObject Schema, string? Description, bool IsMandatory, bool IsWhole, bool IsFile)
{
    /// <summary>The schema, which can be part of one place only, with the description.</summary>
    public JsonObject MakeProperty()
    {
        var schema = (JsonObject)Schema.DeepClone();
        if (Description is not null)
            schema["description"] = schema["description"] is { } more ? $"{Description}\n{more}" : Description;
        return schema;
    }
}
