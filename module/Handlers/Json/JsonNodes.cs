using System.Management.Automation;
using System.Text.Json.Nodes;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// The engine takes a <see cref="JsonObject"/> of the output apart into its pairs: here they are put together
/// again.
/// </summary>
internal static class JsonNodes
{
    /// <summary>One value as itself, several as a list.</summary>
    public static object Join(List<PSObject> values)
    {
        if (!values.TrueForAll(static value => value.BaseObject is KeyValuePair<string, JsonNode?>))
            return values.Count == 1 ? values[0] : values;
        var objects = new List<OrderedDictionary<string, JsonNode?>>();
        JsonNode? parent = null;
        foreach (var value in values)
        {
            var (name, node) = (KeyValuePair<string, JsonNode?>)value.BaseObject;
            // Null is of no parent.
            var isOfAnother = parent is not null && node is not null && node.Parent != parent;
            if (objects.Count == 0 || isOfAnother || objects[^1].ContainsKey(name))
            {
                objects.Add(new OrderedDictionary<string, JsonNode?>(StringComparer.Ordinal));
                parent = null;
            }

            parent ??= node?.Parent;
            objects[^1].Add(name, node);
        }

        return objects.Count == 1 ? objects[0] : objects;
    }
}
