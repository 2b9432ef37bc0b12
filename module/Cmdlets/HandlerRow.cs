using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>What one handler is registered with, as the parameters of Register-HttpHandler or a table give it.</summary>
internal sealed record HandlerRow
{
    public IReadOnlyList<string> Method { get; init; } = [];

    public object? Path { get; init; }

    public ScriptBlock? ScriptBlock { get; init; }

    public string? FilePath { get; init; }

    public object? Server { get; init; }

    public string? Name { get; init; }

    public string? ContentType { get; init; }

    /// <summary>0 for as many requests at once as the server's handlers may answer.</summary>
    public int ThrottleLimit { get; init; }

    /// <summary>How often a client may call it, 100/m say; empty for any number.</summary>
    public string? RateLimit { get; init; }

    /// <summary>What clients are told apart by for that.</summary>
    public string? RateKey { get; init; }

    /// <summary>The body is read as it comes.</summary>
    public bool Stream { get; init; }

    /// <summary>The schemes by which its users log in; none for those of the server.</summary>
    public IReadOnlyList<string> Authentication { get; init; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    public IReadOnlyList<string> Role { get; init; } = [];

    /// <summary>Pages of other origins may send it what changes something.</summary>
    public bool AllowCrossSite { get; init; }

    /// <summary>Whether forms need a token of their session; null for what the server says.</summary>
    public bool? AntiForgery { get; init; }

    /// <summary>The OpenAPI document does not have it.</summary>
    public bool Hidden { get; init; }

    /// <summary>Called when a WebSocket has opened.</summary>
    public ScriptBlock? OnOpen { get; init; }

    /// <summary>Called when a WebSocket has ended.</summary>
    public ScriptBlock? OnClose { get; init; }

    /// <summary>The handlers of a table: one, if it has a method, else one for each of its routes.</summary>
    /// <param name="table">Names of parameters and their values, or routes such as <c>GET /path</c>, with a scriptblock or a
    /// script file each.</param>
    /// <param name="general">What goes for handlers of which the table does not say it.</param>
    /// <param name="rows">The handlers.</param>
    /// <param name="problem">What is wrong with the table.</param>
    public static bool TryRead(
        IDictionary table, HandlerRow general, [NotNullWhen(true)] out IReadOnlyList<HandlerRow>? rows,
            [NotNullWhen(false)] out string? problem)
    {
        var entries = table.Cast<DictionaryEntry>()
            .Select(static entry => (Name: $"{entry.Key}".Trim(), Value: Unwrap(entry.Value))).ToList();
        var isOne = entries.Exists(static entry => entry.Name.Equals(nameof(Method), StringComparison.OrdinalIgnoreCase));
        var read = new List<HandlerRow>();
        (rows, problem) = (read, null);
        if (isOne)
            read.Add(general);
        foreach (var (name, value) in entries)
        {
            if ((isOne ? read[0].With(name, value) : general.For(name, value)) is not { } row)
            {
                (rows, problem) = (null, $"'{name}' = {value ?? "$null"} is no part of a route: a table has Method, Path, "
                    + "ScriptBlock or FilePath, Name, ContentType, ThrottleLimit, "
                    + "RateLimit, RateKey, Stream, Authentication, Role, AllowCrossSite, AntiForgery, Hidden, "
                    + "OnOpen, OnClose and Server, "
                    + "or routes such as 'GET /path' with a scriptblock or the path of a script each.");
                return false;
            }

            if (isOne)
                read[0] = row;
            else
                read.Add(row);
        }

        return true;
    }

    private HandlerRow? For(string route, object? value)
    {
        var parts = route.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || (parts.Length == 1 && parts[0].StartsWith('/')))
            return null;
        var row = this with
        {
            Method = parts[0].Split(',', StringSplitOptions.RemoveEmptyEntries),
            Path = parts.Length == 2 ? parts[1] : null,
        };
        return value switch
        {
            ScriptBlock script => row with { ScriptBlock = script },
            string { Length: > 0 } file => row with { FilePath = file },
            _ => null,
        };
    }

    private HandlerRow? With(string name, object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture);
        return name.ToUpperInvariant() switch
        {
            "METHOD" => this with
            {
                Method = TextsOf(value),
            },
            "PATH" => this with { Path = string.IsNullOrEmpty(text) ? null : value },
            "SCRIPTBLOCK" when value is null or System.Management.Automation.ScriptBlock =>
                this with { ScriptBlock = (ScriptBlock?)value },
            "ONOPEN" when value is null or System.Management.Automation.ScriptBlock => this with { OnOpen = (ScriptBlock?)value },
            "ONCLOSE" when value is null or System.Management.Automation.ScriptBlock =>
                this with { OnClose = (ScriptBlock?)value },
            "FILEPATH" => this with { FilePath = text },
            "NAME" => this with { Name = text },
            "CONTENTTYPE" => this with { ContentType = text },
            "SERVER" => value is null or "" ? this : this with { Server = value },
            "RATELIMIT" => this with { RateLimit = text },
            "RATEKEY" => this with { RateKey = text },
            "AUTHENTICATION" => this with { Authentication = TextsOf(value) },
            "ROLE" => this with { Role = TextsOf(value) },
            "ALLOWCROSSSITE" => this with { AllowCrossSite = LanguagePrimitives.IsTrue(value) },
            "ANTIFORGERY" => this with { AntiForgery = value is null ? null : LanguagePrimitives.IsTrue(value) },
            "HIDDEN" => this with { Hidden = LanguagePrimitives.IsTrue(value) },
            "STREAM" => this with { Stream = LanguagePrimitives.IsTrue(value) },
            "THROTTLELIMIT" when LanguagePrimitives.TryConvertTo<int>(value, CultureInfo.InvariantCulture, out var limit)
                && limit >= 0 && limit <= 10_000 =>
                this with { ThrottleLimit = limit },
            _ => null,
        };
    }

    private static string[] TextsOf(object? value) => value is IEnumerable items and not string
        ? [.. items.Cast<object>().Select(static item => $"{item}")]
        : [Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""];

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
