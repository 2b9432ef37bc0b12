using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Foreground;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Reads the log of servers as objects: each entry once, unless it is kept.</summary>
[Cmdlet(VerbsCommunications.Receive, "HttpServerLog", DefaultParameterSetName = ByPipedName, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerLogEntry))]
public sealed class ReceiveHttpServerLogCommand : ServerTargetCommand
{
    private volatile bool _isEnding;
    private readonly List<HttpServerInstance> _servers = [];

    /// <summary>The entries stay unread.</summary>
    [Parameter]
    public SwitchParameter Keep { get; set; }

    /// <summary>Only the last so many entries.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; } = int.MaxValue;

    /// <summary>The least grave level; default Information.</summary>
    [Parameter]
    public LogLevel Level { get; set; } = LogLevel.Information;

    /// <summary>Goes on with each new entry, until the server stops or Ctrl+C is pressed.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _servers.AddRange(Targets());

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var servers = _servers.Distinct().ToList();
        if (!Wait)
        {
            Write(servers.SelectMany(server => server.Log.Read(Keep)), Last);
            return;
        }

        servers.ForEach(static server => server.BeginShowing());
        try
        {
            Follow(servers);
        }
        finally
        {
            servers.ForEach(static server => server.EndShowing());
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _isEnding = true;
        Wake();
    }

    private void Wake()
    {
        foreach (var server in _servers)
            server.Log.WakeFollowers();
    }

    private void Write(IEnumerable<HttpServerLogEntry> entries, int last = int.MaxValue) =>
        WriteObject(entries.Where(entry => entry.Level >= Level).OrderBy(static entry => entry.Time).TakeLast(last),
            enumerateCollection: true);

    private void Follow(List<HttpServerInstance> servers)
    {
        var logs = servers.Select(static server => (Server: server, server.Log, Position: server.Log.Position)).ToArray();
        var first = new List<HttpServerLogEntry>();
        for (var at = 0; at < logs.Length; at++)
            first.AddRange(Read(ref logs[at].Position, logs[at].Log, TimeSpan.Zero));
        Write(first, Last);
        // With one server each entry is shown at once; several are asked in turn.
        var patience = TimeSpan.FromMilliseconds(logs.Length <= 1 ? 500 : 100);
        using var termination = new Termination(Wake);
        Task? stopping = null;
        while (!_isEnding && logs.Any(static log => log.Server.State != HttpServerState.Stopped))
        {
            if (termination.IsAsked)
                stopping ??= termination.StopAsync(Session.Servers);
            for (var at = 0; at < logs.Length; at++)
                Write(Read(ref logs[at].Position, logs[at].Log, patience));
        }

        if (stopping is null)
            return;
        stopping.GetAwaiter().GetResult();
        Termination.Leave(this);
    }

    private List<HttpServerLogEntry> Read(ref long position, ServerLog log, TimeSpan patience)
    {
        var entries = log.Follow(ref position, patience);
        if (!Keep)
            log.MarkRead(position);
        return entries;
    }
}
