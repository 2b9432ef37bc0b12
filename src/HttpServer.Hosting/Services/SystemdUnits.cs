using System.Globalization;
using System.Text;

namespace Http.Server.Hosting.Services;

/// <summary>Makes the units of systemd for a service.</summary>
public static class SystemdUnits
{
    /// <summary>The units: the service, and a socket where systemd listens for it.</summary>
    /// <param name="plan">What the service is to be.</param>
    public static IReadOnlyList<ServiceUnit> Make(ServicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var name = plan.Instances > 0 ? plan.Name + "@" : plan.Name;
        var units = new List<ServiceUnit> { new($"{name}.service", MakeService(plan)) };
        if (plan.Sockets.Count == 0)
            return units;
        if (plan.Instances == 0)
            units.Add(new($"{name}.socket", MakeSocket(plan, plan.Sockets)));
        else if (plan.Sockets.All(IsPath))
            units.Add(new($"{name}.socket", MakeSocket(plan, [.. plan.Sockets.Select(static path => Number(path, "%i"))])));
        else
            for (var number = 1; number <= plan.Instances; number++)
                units.Add(new(string.Create(CultureInfo.InvariantCulture, $"{name}{number}.socket"),
                    MakeSocket(plan, [.. plan.Sockets.Select(socket => OfInstance(socket, number))])));
        return units;
    }

    /// <summary>The units as text, each after a line with its name.</summary>
    /// <param name="plan">What the service is to be.</param>
    public static string Show(ServicePlan plan) =>
        string.Concat(Make(plan).Select(static unit => $"# {unit.FileName}\n{unit.Text}\n"));

    /// <summary>The units that are started and stopped: of several instances, each by its number.</summary>
    /// <param name="plan">What the service is to be.</param>
    public static IReadOnlyList<string> FindStarted(ServicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var kinds = plan.Sockets.Count > 0 ? (string[])[".socket", ".service"] : [".service"];
        return plan.Instances == 0
            ? [.. kinds.Select(kind => plan.Name + kind)]
            : [.. Enumerable.Range(1, plan.Instances).SelectMany(number => kinds.Select(kind =>
                string.Create(CultureInfo.InvariantCulture, $"{plan.Name}@{number}{kind}")))];
    }

    private static string MakeService(ServicePlan plan)
    {
        var isTemplate = plan.Instances > 0;
        var socket = isTemplate ? $"{plan.Name}@%i.socket" : $"{plan.Name}.socket";
        var unit = new StringBuilder("[Unit]\n")
            .Append($"Description={SystemdText.Description(plan.Description)}{(isTemplate ? " (%i)" : "")}\n")
            .Append("After=network.target\n");
        if (plan.Sockets.Count > 0)
            unit.Append($"Requires={socket}\n");
        unit.Append("\n[Service]\nType=notify\n")
            .Append($"ExecStart={SystemdText.Program(plan.Command[0])}")
            .AppendJoin("", plan.Command.Skip(1).Select(static argument => " " + ShowArgument(argument)))
            .Append("\nExecReload=/bin/kill -HUP $MAINPID\n")
            .Append("KillSignal=SIGTERM\nKillMode=mixed\n")
            .Append(CultureInfo.InvariantCulture, $"TimeoutStopSec={Math.Ceiling(plan.StopTime.TotalSeconds)}\n")
            .Append("WatchdogSec=30\nRestart=on-failure\nRestartSec=1\nLimitNOFILE=65536\n\n");
        Sandbox.WriteTo(unit, plan);
        return unit.Append("\n[Install]\nWantedBy=multi-user.target\n").ToString();
    }

    private static string MakeSocket(ServicePlan plan, IEnumerable<string> sockets)
    {
        var unit = new StringBuilder("[Unit]\n")
            .Append($"Description=Sockets of {SystemdText.Description(plan.Description)}\n\n[Socket]\n");
        foreach (var socket in sockets)
            unit.Append($"ListenStream={socket}\n");
        return unit.Append("FileDescriptorName=http\nBindIPv6Only=both\nBacklog=512\nNoDelay=yes\n")
            .Append("\n[Install]\nWantedBy=sockets.target\n").ToString();
    }

    private static string ShowArgument(string argument) => argument.StartsWith(ServicePlan.SecretPrefix, StringComparison.Ordinal)
        ? "%d/" + argument[ServicePlan.SecretPrefix.Length..]
        : SystemdText.Argument(argument);

    private static bool IsPath(string socket) => socket.StartsWith('/');

    private static string OfInstance(string socket, int number)
    {
        if (IsPath(socket))
            return Number(socket, number.ToString(CultureInfo.InvariantCulture));
        var colon = socket.LastIndexOf(':') + 1;
        var port = int.Parse(socket.AsSpan(colon), NumberStyles.None, CultureInfo.InvariantCulture) + number - 1;
        return socket[..colon] + port.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary><c>/run/site.sock</c> becomes <c>/run/site-1.sock</c>.</summary>
    private static string Number(string path, string number)
    {
        var end = path.Length - Path.GetExtension(path).Length;
        return $"{path[..end]}-{number}{path[end..]}";
    }
}
