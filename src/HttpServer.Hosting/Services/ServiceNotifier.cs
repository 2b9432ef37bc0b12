using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Http.Server.Hosting.Services;

/// <summary>
/// Tells systemd how a service of <c>Type=notify</c> is doing (sd_notify(3)): that it serves, reads its files anew, or ends; a
/// line of status with the rate of requests; and, where the unit has <c>WatchdogSec=</c>, that it lives. What cannot be told
/// is dropped: a server does not depend on it.
/// </summary>
public sealed class ServiceNotifier : IDisposable
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly UnixDomainSocketEndPoint _manager;
    private readonly Func<ServiceFigures> _figures;
    private readonly TimeProvider _time;
    private readonly ITimer _statusTimer;
    private readonly ITimer? _watchdog;
    private ServiceFigures _last;
    private long _lastTime;

    private ServiceNotifier(string path, TimeSpan? watchdog, Func<ServiceFigures> figures, TimeProvider time)
    {
        // A name that begins with @ lies in Linux's abstract namespace.
        _manager = new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        (_figures, _time, _lastTime) = (figures, time, time.GetTimestamp());
        _statusTimer = time.CreateTimer(
            static self => ((ServiceNotifier)self!).SendStatus(), this, StatusInterval, StatusInterval);
        if (watchdog is { } limit)
            _watchdog = time.CreateTimer(static self => ((ServiceNotifier)self!).Send("WATCHDOG=1"), this, limit / 2, limit / 2);
    }

    /// <summary>A notifier for this process; null if no service manager waits for its word (<c>NOTIFY_SOCKET</c>).</summary>
    /// <param name="figures">Counts since the start, read every ten seconds.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public static ServiceNotifier? Create(Func<ServiceFigures> figures, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(figures);
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not ['/' or '@', _, ..] path)
            return null;
        try
        {
            return new ServiceNotifier(path, FindWatchdog(), figures, time ?? TimeProvider.System);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The service serves, for the first time or after <see cref="Reloading"/>.</summary>
    /// <param name="status">What it serves where.</param>
    public void Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>The service reads its files anew; <see cref="Ready"/> follows.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture,
        $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"));

    /// <summary>The service ends.</summary>
    /// <param name="time">How long that may take, for a drain that is longer than the unit's <c>TimeoutStopSec=</c>.</param>
    public void Stopping(TimeSpan time) => Send(string.Create(CultureInfo.InvariantCulture,
        $"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)time.TotalMicroseconds}"));

    /// <summary>Says nothing more.</summary>
    public void Dispose()
    {
        _statusTimer.Dispose();
        _watchdog?.Dispose();
        _socket.Dispose();
    }

    /// <summary>The unit's limit, if it is meant for this process.</summary>
    private static TimeSpan? FindWatchdog() =>
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var limit)
        && limit > 0
        && (Environment.GetEnvironmentVariable("WATCHDOG_PID") is not { Length: > 0 } process
            || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(limit)
            : null;

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    private void SendStatus()
    {
        var (now, figures) = (_time.GetTimestamp(), _figures());
        var rate = (figures.Requests - _last.Requests) / Math.Max(_time.GetElapsedTime(_lastTime, now).TotalSeconds, 0.001);
        (_last, _lastTime) = (figures, now);
        Send(string.Create(CultureInfo.InvariantCulture,
            $"STATUS={rate:0.0} requests/s, {figures.Requests} in all, {figures.Connections} connections"));
    }

    private void Send(string text)
    {
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(text), _manager);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The manager is gone, or does not read: there is no other place to tell it.
        }
    }
}
