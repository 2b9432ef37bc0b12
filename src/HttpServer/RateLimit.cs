using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Http.Server.Logging;
using Http.Server.Protocol;

namespace Http.Server;

/// <summary>
/// How many requests one client may make in a time. Each client has a bucket that holds <see cref="Count"/> tokens at first, a
/// request takes one, and they come back evenly over the <see cref="Period"/>: a client that was quiet may ask for
/// <see cref="Count"/> at once. A request that finds no token is answered 429 with Retry-After (RFC 6585, section 4).
/// </summary>
public sealed record RateLimit
{
    /// <summary>Most requests in a period that a limit may have.</summary>
    private const int MaxCount = 1_000_000;

    private static readonly TimeSpan MaxPeriod = TimeSpan.FromDays(1);

    /// <summary>Requests that a client may make in a <see cref="Period"/>: 1 to 1,000,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less or more.</exception>
    public required int Count
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxCount);
            field = value;
        }
    }

    /// <summary>The time in which they come back: a second to a day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less or more.</exception>
    public required TimeSpan Period
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromSeconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxPeriod);
            field = value;
        }
    }

    /// <summary>
    /// What clients are told apart by: <c>Address</c>, the default, an IPv4 address or the /64 network of an IPv6 address;
    /// <c>User</c>, the user who was authenticated; or <c>Header:NAME</c>, the value of a request header. A request without a
    /// user or that header counts for its address.
    /// </summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public string Key
    {
        get;
        init => field = FindKey(value) ?? throw new ArgumentException(
            $"'{LogText.Escape(value ?? "")}' is no key of a rate limit: use Address, User or Header:NAME.", nameof(value));
    } = "Address";

    /// <summary>
    /// What the limit is called where servers share a store: those of one name count together. Default null: each server counts
    /// for itself, except that <see cref="HttpServerOptions.RateLimit"/> then is the one limit of all of them.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The name of the header that tells clients apart; null for the other keys.</summary>
    internal string? KeyHeader => Key.StartsWith(HeaderPrefix, StringComparison.Ordinal) ? Key[HeaderPrefix.Length..] : null;

    internal bool IsByUser => Key == "User";

    private const string HeaderPrefix = "Header:";

    /// <summary>Reads a limit.</summary>
    /// <param name="text">
    /// A number of requests and a time with a slash between: <c>100/m</c>. The time is <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>
    /// for a second, minute, hour or day, with a number before it for several: <c>20/10s</c>.
    /// </param>
    /// <param name="key">What <see cref="Key"/> takes, in any case.</param>
    /// <exception cref="FormatException">It is no limit, or no key.</exception>
    public static RateLimit Parse(string text, string key = "Address") => TryParse(text, key, out var limit)
        ? limit
        : throw new FormatException(FindKey(key) is null
            ? $"'{LogText.Escape(key)}' is no key of a rate limit: use Address, User or Header:NAME."
            : $"'{LogText.Escape(text)}' is no rate limit: use a number and a time such as 10/s, 100/m, 1000/h or 20/10s.");

    /// <summary>Reads a limit.</summary>
    /// <param name="text">What <see cref="Parse"/> takes.</param>
    /// <param name="key">What <see cref="Key"/> takes, in any case.</param>
    /// <param name="limit">The result; null if it is no limit, or no key.</param>
    public static bool TryParse(string? text, string? key, [NotNullWhen(true)] out RateLimit? limit)
    {
        limit = null;
        if (FindKey(key) is not { } known || text?.Split('/') is not [var count, { Length: > 0 } time])
            return false;
        var unit = time[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => 0 };
        var many = 1;
        if (unit == 0 || !TryReadNumber(count, MaxCount, out var requests)
            || (time.Length > 1 && !TryReadNumber(time[..^1], (int)MaxPeriod.TotalSeconds / unit, out many)))
            return false;
        limit = new RateLimit { Count = requests, Period = TimeSpan.FromSeconds(many * unit), Key = known };
        return true;
    }

    /// <summary>The limit as <see cref="Parse"/> takes it, without its key.</summary>
    public override string ToString()
    {
        var seconds = (long)Period.TotalSeconds;
        var (unit, name) = seconds switch
        {
            _ when seconds % 86_400 == 0 => (86_400, "d"),
            _ when seconds % 3_600 == 0 => (3_600, "h"),
            _ when seconds % 60 == 0 => (60, "m"),
            _ => (1, "s"),
        };
        var many = seconds == unit ? "" : (seconds / unit).ToString(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{Count}/{many}{name}");
    }

    private static bool TryReadNumber(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;

    private static string? FindKey(string? text)
    {
        if (string.Equals(text, "Address", StringComparison.OrdinalIgnoreCase))
            return "Address";
        if (string.Equals(text, "User", StringComparison.OrdinalIgnoreCase))
            return "User";
        return text is not null && text.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)
            && HttpGrammar.IsToken(text.AsSpan(HeaderPrefix.Length))
                ? HeaderPrefix + text[HeaderPrefix.Length..]
                : null;
    }
}
