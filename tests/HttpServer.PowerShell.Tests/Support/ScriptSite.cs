using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using Http.Server.PowerShell.Routing;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A server on a free loopback port whose handlers are scripts, and a client that takes answers as they are.</summary>
internal sealed class ScriptSite : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace();
    private readonly HttpServerSession _session;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(30),
        DefaultRequestHeaders = { { "Connection", "keep-alive" } },
    };

    public ScriptSite()
    {
        _runspace.Open();
        _session = HttpServerSession.Of(_runspace);
        Server = new HttpServerInstance(_session, _session.NextId(), new StartSettings
        {
            Name = "test",
            Port = 0,
            Bind = ["127.0.0.1"],
            Directory = _directory.Path,
            Workers = new WorkerSettings
            {
                Location = _directory.Path,
                ThrottleLimit = 2,
                QueueLimit = 100,
                HandlerTimeout = TimeSpan.FromMinutes(1),
            },
        });
        Server.Start();
        _session.Add(Server);
    }

    public HttpServerInstance Server { get; }

    /// <summary>Has a script answer GET requests for a path.</summary>
    public void Answer(string path, string script)
    {
        Assert.True(RoutePattern.TryParse(path, out var pattern, out var problem), problem);
        _session.Add(new HttpHandler(new HandlerSettings { Methods = ["GET"], Pattern = pattern, ScriptBlock = ScriptBlock.Create(script) }));
    }

    /// <summary>Has a script answer one request.</summary>
    public Task<HttpResponseMessage> AskAsync(string script)
    {
        var path = "/" + Guid.NewGuid().ToString("N");
        Answer(path, script);
        return _client.GetAsync(new Uri(Server.Uri!, path));
    }

    /// <summary>Has a script answer one request.</summary>
    /// <returns>The body as text; the status was 200.</returns>
    public async Task<string> ReadAsync(string script)
    {
        using var response = await AskAsync(script);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var text = Encoding.UTF8.GetString(bytes);
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.OK, $"{(int)response.StatusCode} {text} {string.Join('\n', Server.Log.Read(keep: true))}");
        return text;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.StopAsync(TimeSpan.Zero);
        _session.Remove(Server);
        _runspace.Dispose();
        _directory.Dispose();
    }
}
