namespace Http.Server.PowerShell.Timers;

/// <summary>When a timer is due.</summary>
/// <param name="Every">The interval; null for once a day.</param>
/// <param name="At">The time of the day, from midnight on; null for an interval.</param>
internal sealed record TimerSchedule(TimeSpan? Every, TimeSpan? At)
{
    /// <summary>The time between two runs, about.</summary>
    public TimeSpan Interval => Every ?? TimeSpan.FromDays(1);

    /// <summary>The next time at which it is due.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="former">When it was due before; null if it begins.</param>
    /// <param name="isShared">
    /// Other processes have the same timer: it is due at whole intervals since 1970, so that they agree on the moment.
    /// </param>
    /// <param name="zone">The time zone of the day.</param>
    public DateTimeOffset Next(DateTimeOffset now, DateTimeOffset? former, bool isShared, TimeZoneInfo zone)
    {
        if (Every is not { } every)
            return NextDay(now, zone);
        if (isShared)
            return DateTimeOffset.UnixEpoch + ((long)((now - DateTimeOffset.UnixEpoch) / every) + 1) * every;
        // Times that have passed, for the machine slept say, are left out.
        return former is { } due ? due + (Math.Max((long)((now - due) / every), 0) + 1) * every : now + every;
    }

    /// <summary>Counts the times at which it is due, the same in all processes.</summary>
    public long SlotOf(DateTimeOffset due) => (long)((due - DateTimeOffset.UnixEpoch) / (Every ?? TimeSpan.FromSeconds(1)));

    private DateTimeOffset NextDay(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        for (var day = today; ; day = day.AddDays(1))
        {
            var local = day + At!.Value;
            // An hour that the clocks leave out: it is run when they go on.
            while (zone.IsInvalidTime(local))
                local = local.AddMinutes(30);
            var due = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
            if (due > now)
                return due;
        }
    }
}
