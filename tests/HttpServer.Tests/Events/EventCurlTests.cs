using System.Diagnostics;
using Http.Server.Events;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Events;

/// <summary>What curl shows of a channel, as events come.</summary>
public sealed class EventCurlTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _curl = Tool.Require("curl", "curl");

    [Fact]
    public async Task Events_and_heartbeats_come_at_once_and_what_was_missed_comes_first()
    {
        var time = new FakeTimeProvider();
        await using var channel = new HttpEventChannel("jobs", new() { TimeProvider = time, Heartbeat = TimeSpan.FromSeconds(5) });
        await using var server = ActionHandler.Serve(handler => handler.SendEvents(channel));
        using (var first = new Stream(_curl, server.Url))
        {
            await channel.WaitForListenersAsync(1);
            await SendAsync(channel, "{\"a\":1}", "job", "1");
            Assert.Equal("id: 1|event: job|data: {\"a\":1}", await first.ReadAsync());
            // There was an event before the first beat.
            time.Advance(TimeSpan.FromSeconds(5));
            time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(":", await first.ReadAsync());
        }

        await channel.WaitForListenersAsync(0);
        await SendAsync(channel, "two\nlines", null, "2");
        using var second = new Stream(_curl, "-H", "Last-Event-ID: 1", server.Url);
        // The silence was after the first event, too.
        Assert.Equal(":", await second.ReadAsync());
        Assert.Equal("id: 2|data: two|data: lines", await second.ReadAsync());
        await channel.DisposeAsync();
        Assert.Matches("^retry: [1-4][0-9]{3}$", await second.ReadAsync());
        Assert.Equal(0, await second.WaitForEndAsync());
    }

    private static async Task SendAsync(HttpEventChannel channel, string data, string? name, string id) =>
        await channel.SendAsync(data, name, id, TestContext.Current.CancellationToken);

    /// <summary>curl that shows what comes until it is ended.</summary>
    private sealed class Stream(string curl, params string[] arguments) : IDisposable
    {
        private readonly Process _process = Process.Start(
            new ProcessStartInfo(curl, ["-sS", "-N", "--noproxy", "*", .. arguments]) { RedirectStandardOutput = true })!;

        /// <summary>The lines up to the next empty one.</summary>
        public async Task<string> ReadAsync()
        {
            var lines = new List<string>();
            while (await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { Length: > 0 } line)
                lines.Add(line);
            return string.Join('|', lines);
        }

        public async Task<int> WaitForEndAsync()
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
