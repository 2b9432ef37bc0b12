using System.Globalization;
using System.Text.RegularExpressions;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>What a burst of connections has taken is given back to the system when they have gone.</summary>
public sealed class MemoryReturnTests : IDisposable
{
    private const int Connections = 1600;

    /// <summary>Of the 4 KiB or so that each has taken.</summary>
    private const long MinReturned = Connections * 2 * 1024;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_memory_of_connections_that_have_gone_comes_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "What a process has for itself is read from /proc.");
        _folder.Write("a.txt", "content");
        await using var server = await ServerProgram.ServeAsync("0", "--bind", "127.0.0.1", "--directory", _folder.Path,
            "--quiet");
        var clients = new List<RawClient>();
        try
        {
            for (var count = 0; count < Connections; count++)
            {
                var client = await server.ConnectAsync();
                clients.Add(client);
                await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
                Assert.Equal(200, (await client.ReadResponseAsync()).Status);
            }
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        // Code that is compiled as it runs may still add to what was seen at first.
        var most = 0L;
        var patience = DateTime.UtcNow + TimeSpan.FromSeconds(60);
        while (true)
        {
            var now = Anonymous(server.Id);
            most = Math.Max(most, now);
            if (most - now >= MinReturned)
                break;
            Assert.True(DateTime.UtcNow < patience, $"Of {most:N0} bytes {now:N0} are still held.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Bytes of memory that the process shares with no file.</summary>
    private static long Anonymous(int process)
    {
        var line = Regex.Match(File.ReadAllText($"/proc/{process}/status"), @"RssAnon:\s+(\d+) kB");
        return long.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1024;
    }
}
