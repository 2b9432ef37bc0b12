using System.Text.Json;

namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>Writes what a dashboard shows as JSON; times are in milliseconds.</summary>
internal static class DashboardText
{
    /// <summary>Writes it.</summary>
    /// <param name="state">What is shown.</param>
    /// <param name="total">The figures of all requests of the server.</param>
    public static byte[] Write(DashboardState state, RequestFigures total)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("time", DateTime.UtcNow);
            writer.WriteString("name", state.Name);
            writer.WriteStartObject("total");
            Write(writer, total);
            writer.WriteEndObject();
            WriteAll(writer, "servers", state.Servers, Write);
            WriteAll(writer, "handlers", state.Handlers, Write);
            WriteAll(writer, "log", state.Log, Write);
            writer.WriteEndObject();
        }

        return text.ToArray();
    }

    private static void WriteAll<T>(Utf8JsonWriter writer, string name, IEnumerable<T> all, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var one in all)
        {
            writer.WriteStartObject();
            write(writer, one);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, DashboardServer server)
    {
        writer.WriteString("name", server.Name);
        writer.WriteString("uri", server.Uri?.ToString());
        writer.WriteString("state", server.State);
        if (server.StartTime is { } started)
            writer.WriteString("started", started.ToUniversalTime());
        writer.WriteNumber("requests", server.Requests);
        writer.WriteNumber("active", server.Active);
        writer.WriteNumber("errors", server.Errors);
        writer.WriteNumber("connections", server.Connections);
        writer.WriteNumber("workersBusy", server.Work.Busy);
        writer.WriteNumber("workersIdle", server.Work.Idle);
        writer.WriteNumber("queue", server.Work.Waiting);
    }

    private static void Write(Utf8JsonWriter writer, DashboardHandler handler)
    {
        writer.WriteString("name", handler.Name);
        writer.WriteString("method", string.Join(", ", handler.Methods));
        writer.WriteString("path", handler.Path);
        Write(writer, handler.Figures ?? new RequestFigures());
    }

    private static void Write(Utf8JsonWriter writer, RequestFigures figures)
    {
        writer.WriteNumber("calls", figures.Calls);
        writer.WriteNumber("errors", figures.Errors);
        foreach (var (name, part) in (ReadOnlySpan<(string, double)>)[("p50", 0.5), ("p95", 0.95), ("p99", 0.99)])
        {
            if (figures.FindPercentile(part) is { } time)
                writer.WriteNumber(name, time);
            else
                writer.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter writer, HttpServerLogEntry entry)
    {
        writer.WriteString("time", entry.Time.ToUniversalTime());
        writer.WriteString("level", entry.Level.ToString());
        writer.WriteString("client", entry.Client);
        if (entry.IsRequest)
        {
            writer.WriteNumber("status", entry.Status!.Value);
            writer.WriteNumber("duration", entry.Duration!.Value.TotalMilliseconds);
        }

        writer.WriteString("text", entry.IsRequest ? $"{entry.Method} {entry.Path}" : entry.Message);
    }
}
