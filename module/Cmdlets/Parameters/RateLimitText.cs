using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>The parameters -RateLimit and -RateKey.</summary>
internal static class RateLimitText
{
    /// <summary>Reads them.</summary>
    /// <param name="limit">How often a client may ask; null or empty for any number.</param>
    /// <param name="key">What clients are told apart by; null or empty for their address.</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    /// <returns>Null if there is no limit.</returns>
    public static RateLimit? Read(string? limit, string? key, Action<string, string, ErrorCategory, object?> fail)
    {
        key = string.IsNullOrEmpty(key) ? "Address" : key;
        if (!RateLimit.TryParse("1/s", key, out var known))
            fail($"-RateKey takes Address, User, or Header:NAME such as Header:X-Api-Key, not '{key}'.", "RateKeyInvalid",
                ErrorCategory.InvalidArgument, key);
        if (string.IsNullOrEmpty(limit))
        {
            if (known!.Key != "Address")
                fail("-RateKey says whom a limit is for, but there is none: add -RateLimit, such as 100/m.", "RateLimitMissing",
                    ErrorCategory.InvalidArgument, key);
            return null;
        }

        if (!RateLimit.TryParse(limit, key, out var read))
            fail($"-RateLimit takes a number and a time such as 10/s, 100/m, 1000/h or 20/10s, not '{limit}'.",
                "RateLimitInvalid", ErrorCategory.InvalidArgument, limit);
        return read;
    }
}
