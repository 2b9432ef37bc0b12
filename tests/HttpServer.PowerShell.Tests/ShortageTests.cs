using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.PowerShell.Tests.Support;
using Http.Server.Tests.Support;

namespace Http.Server.PowerShell.Tests;

/// <summary>Clients that take more than the process has: the session lives on, its server says the truth, and serves everything afterwards.</summary>
public sealed class ShortageTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();

    public ShortageTests()
    {
        Assert.SkipWhen(PowerShellProgram.Missing is not null, PowerShellProgram.Missing ?? "");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows sets no limit of open files.");
        _folder.Write("site/a.txt", "content");
        _folder.Write("site/large.bin", new string('a', 2_000_000));
    }

    public static TheoryData<int, string> Floods()
    {
        var data = new TheoryData<int, string>();
        foreach (var kind in new[] { "idle", "file", "script", "program", "upload", "body", "tls" })
            data.Add(256, kind);
        foreach (var kind in new[] { "idle", "script", "upload", "tls" })
            data.Add(1024, kind);
        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task A_flood_of_connections_ends_nothing_and_afterwards_everything_is_served(int limit, string kind)
    {
        await using var session = await ServingSession.StartAsync($"ulimit -n {limit}; exec", WriteScript(kind == "tls" ? "-SelfSigned" : ""));
        Assert.NotEqual(0, session.Port);
        await FloodAsync(session.Port, limit + 80, limit / 4, kind);
        await AssertServesAsync(session, kind == "tls" ? "https" : "http");
    }

    /// <summary>Of 2,000 slow clients 1,638 have a place in 64 MiB, and the others are told so.</summary>
    [Theory]
    [InlineData("file")]
    [InlineData("upload")]
    [InlineData("body")]
    public async Task A_flood_ends_nothing_where_memory_is_short(string kind)
    {
        await using var session = await ServingSession.StartAsync("DOTNET_GCHeapHardLimit=4000000 exec", WriteScript(""));
        Assert.NotEqual(0, session.Port);
        await FloodAsync(session.Port, 2000, 2000, kind, async () =>
        {
            // Those before it have been taken up when this one is answered.
            using var client = new HttpClient();
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{session.Port}/a.txt"), TestContext.Current.CancellationToken);
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });
        });
        await AssertServesAsync(session, "http");
    }

    /// <summary>An engine has some 140 descriptors open before it does anything, so that PowerShell itself may not start.</summary>
    [Fact]
    public async Task With_few_descriptors_all_is_served_or_nothing_begins()
    {
        await using var session = await ServingSession.StartAsync("ulimit -n 128; exec", WriteScript(""));
        if (session.Port == 0)
        {
            var (exitCode, errors) = await session.EndAsync();
            Assert.NotEqual((0, ""), (exitCode, errors));
            return;
        }

        await FloodAsync(session.Port, 208, 16, "idle");
        await AssertServesAsync(session, "http");
    }

    [Fact]
    public async Task With_fewer_descriptors_than_it_needs_Start_HttpServer_says_how_many()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of a process that runs is set by prlimit, which Linux has.");
        var prlimit = Tool.Require("prlimit", "util-linux");
        await using var session = await ServingSession.StartAsync("exec", WriteScript("", $$"""
            # Room for what is loaded to call the cmdlet, and not for connections.
            $limit = (Get-ChildItem /proc/self/fd).Count + 24
            & '{{prlimit}}' --pid $PID "--nofile=${limit}:${limit}"
            """));
        Assert.Equal(0, session.Port);
        var (exitCode, errors) = await session.EndAsync();
        Assert.Equal(1, exitCode);
        Assert.Matches("This process may have [0-9]+ files", errors);
        Assert.DoesNotContain("   at ", errors);
    }

    [Theory]
    [InlineData("script")]
    [InlineData("program")]
    public async Task With_few_threads_and_processes_all_is_served(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of processes counts threads on Linux alone.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A user that has no other process is needed, and so root: others have processes of their own.");
        var (setpriv, prlimit) = (Tool.Require("setpriv", "util-linux"), Tool.Require("prlimit", "util-linux"));
        var script = WriteScript("");
        if (OperatingSystem.IsWindows())
            return;
        foreach (var path in new[] { _folder.Path, Path.Combine(_folder.Path, "site"), script })
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        // A number of a user for each test, whom nothing else belongs to.
        var user = 700_000_000 + (Environment.ProcessId % 1_000_000 * 2) + (kind == "script" ? 0 : 1);
        await using var session = await ServingSession.StartAsync($"exec '{setpriv}' --reuid={user} --clear-groups '{prlimit}' --nproc=48", script);
        Assert.SkipWhen(session.Port == 0 && session.HasEnded && (await session.EndAsync()).Errors.Contains("Permission denied", StringComparison.Ordinal),
            "Another user cannot read this folder, and so not run PowerShell here.");
        Assert.NotEqual(0, session.Port);
        await FloodAsync(session.Port, 300, 200, kind);
        await AssertServesAsync(session, "http");
    }

    private string WriteScript(string options, string before = "")
    {
        return _folder.Write("serve.ps1", $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module '{{Path.Combine(Repository.Root, "HttpServer.psd1")}}'
            {{before}}
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory "$PSScriptRoot/site" -Upload {{options}}
            Register-HttpHandler GET /script { 'hello' }
            Register-HttpHandler GET /program { sh -c 'echo ran' }
            Register-HttpHandler POST /echo { $Request.Body.Length }
            $server.Port
            while ($null -ne [Console]::In.ReadLine()) { "$((Get-HttpServer).State)" }
            """);
    }

    private async Task AssertServesAsync(ServingSession session, string scheme)
    {
        Assert.Equal("Running", await session.AskAsync());
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        using var client = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://127.0.0.1:{session.Port}/") };
        foreach (var (method, path, body, status, answer) in new[]
        {
            ("GET", "a.txt", "", 200, "content"), ("GET", "script", "", 200, "hello"), ("POST", "echo", new string('b', 100_000), 200, "100000"),
            ("PUT", "new.txt", "new", 201, ""), ("GET", "new.txt", "", 200, "new"), ("GET", "program", "", 200, "ran"),
        })
        {
            var (got, text) = await SendWhenThereIsRoomAsync(session, client, method, path, body);
            Assert.Equal((path, status, answer), (path, got, text.TrimEnd()));
        }

        Assert.Equal("Running", await session.AskAsync());
        var (exitCode, errors) = await session.EndAsync();
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_folder.Path, "site"), ".*"), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>While those who have left still hold what they took, the server says to come again.</summary>
    private static async Task<(int Status, string Text)> SendWhenThereIsRoomAsync(ServingSession session, HttpClient client, string method, string path, string body)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body.Length > 0 ? new StringContent(body) : null };
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable || waited.Elapsed > Patience)
                    return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
            catch (HttpRequestException) when (!session.HasEnded && waited.Elapsed < Patience)
            {
                // Where there is not even room to say so, the connection is closed.
            }
        }
    }

    /// <summary>Many clients, each with a request that is not waited for, and then all leave.</summary>
    /// <param name="port">The server's port.</param>
    /// <param name="count">The clients.</param>
    /// <param name="enough">As many have to be connected: those beyond what the server takes and the backlog holds wait for others to leave.</param>
    /// <param name="kind">What they ask for.</param>
    /// <param name="meanwhile">What is done before they leave.</param>
    private static async Task FloodAsync(int port, int count, int enough, string kind, Func<Task>? meanwhile = null)
    {
        var request = kind switch
        {
            "file" => "GET /large.bin HTTP/1.1\r\nHost: test\r\n\r\n",
            "script" or "program" => $"GET /{kind} HTTP/1.1\r\nHost: test\r\n\r\n",
            "upload" => "PUT /up-{0} HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nabc",
            "body" => "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nabc",
            "tls" => "\u0016\u0003",
            _ => "",
        };
        var connected = 0;
        var hasEnough = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        async Task ConnectAsync(Socket socket, int number)
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop.Token);
            if (request.Length > 0)
                await socket.SendAsync(Encoding.ASCII.GetBytes(request.Replace("{0}", $"{number}", StringComparison.Ordinal)), stop.Token);
            if (Interlocked.Increment(ref connected) == enough)
                hasEnough.SetResult();
        }

        var sockets = Enumerable.Range(0, count).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 }).ToArray();
        var connecting = sockets.Select(ConnectAsync).ToArray();
        await hasEnough.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        if (meanwhile is not null)
            await meanwhile();
        await stop.CancelAsync();
        foreach (var socket in sockets)
            socket.Dispose();
        await Task.WhenAll(connecting).ContinueWith(static _ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
