using System.Management.Automation;
using Http.Server.Hosting;
using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>Says of each server what it serves where.</summary>
[Cmdlet(VerbsCommunications.Write, "ServerAnnouncement")]
public sealed class AnnounceCommand : Cmdlet
{
    internal const string Name = "Write-ServerAnnouncement";

    /// <summary>A server that runs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public HttpServerInstance? Server { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Announce(Server!);

    /// <summary>Says it of one server. One without files has no directory.</summary>
    internal static void Announce(HttpServerInstance server) => Streams.Say(
        Announcement.Make(server.Directory ?? "handlers", server.EndPoints, isSecure: server.CertificateFingerprint is not null));
}
