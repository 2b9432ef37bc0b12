using System.Globalization;
using System.Text;
using System.Text.Json;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>What is told of a task, and kept of it for other processes: its state as JSON, with who may see it.</summary>
/// <param name="Json">The state in UTF-8.</param>
/// <param name="User">The user who alone may see it; null for everybody who knows its id.</param>
/// <param name="Version">Counts the states of the task.</param>
/// <param name="HasEnded">It is the last state.</param>
internal sealed record TaskRecord(byte[] Json, string? User, int Version, bool HasEnded)
{
    private const string EndOfId = ".end";

    /// <summary>The id of its event. That of the last state tells by itself that nothing more will come.</summary>
    public string EventId => Version.ToString(CultureInfo.InvariantCulture) + (HasEnded ? EndOfId : "");

    /// <summary>Whether a user may see it.</summary>
    /// <param name="user">The user; null for nobody.</param>
    public bool IsFor(HttpUser? user) => User is null || user?.Name == User;

    /// <summary>Whether who has got an event has got the last one.</summary>
    public static bool IsEnd(string? eventId) => eventId?.EndsWith(EndOfId, StringComparison.Ordinal) == true;

    /// <summary>Tells of a task as it is now.</summary>
    public static TaskRecord Of(HttpTask task)
    {
        var state = task.State;
        return new TaskRecord(TaskJson.Write(task, state), task.User, state.Version, state.HasEnded);
    }

    /// <summary>The user, the version and whether it has ended, in one line, and then the state.</summary>
    public byte[] ToBytes()
    {
        var json = new JsonText();
        json.Open(isArray: true);
        if (User is null)
            json.Raw("null"u8);
        else
            json.String(User);
        json.Raw(Version.ToString(CultureInfo.InvariantCulture));
        json.Raw(HasEnded ? "true"u8 : "false"u8);
        json.Close(isArray: true);
        return [.. json.Written, (byte)'\n', .. Json];
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <returns>Null if it is something else.</returns>
    public static TaskRecord? Read(byte[] bytes)
    {
        var end = bytes.AsSpan().IndexOf((byte)'\n');
        if (end < 0)
            return null;
        try
        {
            using var head = JsonDocument.Parse(bytes.AsMemory(0, end));
            var fields = head.RootElement;
            return new TaskRecord(bytes[(end + 1)..], fields[0].GetString(), fields[1].GetInt32(), fields[2].GetBoolean());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The result alone, or what is wrong in its place; neither before the end.</summary>
    public (byte[]? Result, byte[]? Problem, int Status) Split()
    {
        using var state = JsonDocument.Parse(Json, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        if (state.RootElement.TryGetProperty(TaskJson.Result, out var result))
            return (Encoding.UTF8.GetBytes(result.GetRawText()), null, 200);
        return state.RootElement.TryGetProperty(TaskJson.Error, out var error)
            ? (null, Encoding.UTF8.GetBytes(error.GetRawText()), error.GetProperty("status").GetInt32())
            : default;
    }
}
