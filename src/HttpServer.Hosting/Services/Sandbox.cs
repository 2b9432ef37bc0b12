using System.Text;

namespace Http.Server.Hosting.Services;

/// <summary>The part of a unit that says what a service may do (systemd.exec(5)): little.</summary>
internal static class Sandbox
{
    /// <summary>Homes, which are not to be seen.</summary>
    private static readonly string[] Homes = ["/home/", "/root/", "/run/user/"];

    /// <summary>Directories in whose place the service sees others of its own.</summary>
    private static readonly string[] Temporary = ["/tmp/", "/var/tmp/"];

    /// <summary>Folders in which systemd makes a directory for a service, with the rights of its user.</summary>
    private static readonly (string Folder, string Setting)[] OwnFolders =
    [
        ("/var/log/", "LogsDirectory"), ("/var/lib/", "StateDirectory"), ("/var/cache/", "CacheDirectory"),
        ("/run/", "RuntimeDirectory"),
    ];

    public static void WriteTo(StringBuilder unit, ServicePlan plan)
    {
        WriteUser(unit, plan);
        WriteFiles(unit, plan);
        unit.Append("""
            NoNewPrivileges=yes
            CapabilityBoundingSet=
            AmbientCapabilities=
            PrivateDevices=yes
            PrivateTmp=yes
            PrivateUsers=yes
            ProtectClock=yes
            ProtectControlGroups=yes
            ProtectHostname=yes
            ProtectKernelLogs=yes
            ProtectKernelModules=yes
            ProtectKernelTunables=yes
            ProtectProc=invisible
            RemoveIPC=yes
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            KeyringMode=private
            UMask=0077
            SystemCallArchitectures=native
            SystemCallFilter=@system-service
            SystemCallFilter=~@privileged
            SystemCallErrorNumber=EPERM

            """);
        if (!plan.MakesCode)
            unit.Append("MemoryDenyWriteExecute=yes\n");
        // What systemd hands on works without a network: the sockets were made where there is one.
        unit.Append(plan.NeedsNetwork
            ? "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK\n"
            : "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\nPrivateNetwork=yes\n");
    }

    private static void WriteUser(StringBuilder unit, ServicePlan plan)
    {
        unit.Append(plan.User is { } user ? $"User={SystemdText.Value(user)}\n" : "DynamicUser=yes\n");
        foreach (var (name, path) in plan.Secrets)
            unit.Append($"LoadCredential={name}:{SystemdText.Value(path)}\n");
        if (plan.NeedsHome)
            unit.Append($"CacheDirectory={plan.Name}\nEnvironment=HOME=/var/cache/{plan.Name}\n");
    }

    private static void WriteFiles(StringBuilder unit, ServicePlan plan)
    {
        unit.Append("ProtectSystem=strict\n");
        var isInHome = plan.Reads.Concat(plan.Writes).Any(static path => IsIn(Homes, path));
        unit.Append(isInHome ? "ProtectHome=tmpfs\n" : "ProtectHome=yes\n");
        foreach (var path in plan.Reads.Where(IsHidden).Except(plan.Writes).Distinct())
            unit.Append($"BindReadOnlyPaths={SystemdText.BoundPath(path)}\n");
        foreach (var path in plan.Writes.Distinct())
        {
            if (IsHidden(path))
                unit.Append($"BindPaths={SystemdText.BoundPath(path)}\n");
            else if (FindOwnFolder(path) is { } own)
                unit.Append($"{own}\n");
            else
                unit.Append($"ReadWritePaths={SystemdText.Path(path)}\n");
        }
    }

    /// <summary>Whether the service sees the path only if it is shown to it.</summary>
    private static bool IsHidden(string path) => IsIn(Homes, path) || IsIn(Temporary, path);

    private static bool IsIn(string[] folders, string path) =>
        Array.Exists(folders, folder => (path + "/").StartsWith(folder, StringComparison.Ordinal));

    /// <summary>The setting that has systemd make the directory, for the user that the service has then.</summary>
    private static string? FindOwnFolder(string path)
    {
        foreach (var (folder, setting) in OwnFolders)
        {
            if (path.StartsWith(folder, StringComparison.Ordinal) && path.Length > folder.Length)
                return $"{setting}={SystemdText.Path(path[folder.Length..])}";
        }

        return null;
    }
}
