using System.Globalization;
using System.Net;
using Http.Server.Events;

namespace Http.Server.Benchmarks.Events;

/// <summary>The server whose listeners are measured, in a process of its own: <c>GET /</c> listens, and each line of the input is sent.</summary>
internal static class EventServer
{
    /// <summary>The verb that starts it.</summary>
    public const string Verb = "event-server";

    /// <summary>Tells its port, and how many connections it takes, in its first line, and serves until its input ends.</summary>
    public static async Task RunAsync()
    {
        await using var channel = new HttpEventChannel("measured");
        await using var server = new ThreadingHttpServer(
            new IPEndPoint(IPAddress.Loopback, 0), () => new Handler(channel), new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{server.ServerPort} {server.MaxConnections}"));
        while (await Console.In.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (line == "collect")
                GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            else
                await channel.SendAsync(line).ConfigureAwait(false);
            Console.WriteLine(channel.ListenerCount.ToString(CultureInfo.InvariantCulture));
        }

        await server.ShutdownAsync(TimeSpan.Zero).ConfigureAwait(false);
        await serving.ConfigureAwait(false);
    }

    private sealed class Handler : BaseHttpRequestHandler
    {
        private readonly HttpEventChannel _channel;

        public Handler(HttpEventChannel channel) => (_channel, ProtocolVersion) = (channel, "HTTP/1.1");

        public void DoGet() => SendEvents(_channel);
    }
}
