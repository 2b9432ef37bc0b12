using System.Globalization;

namespace Http.Server.Cli.Services;

/// <summary>
/// The options of <c>install-service</c> and <c>uninstall-service</c>, and the arguments that are none of them.
/// </summary>
internal sealed class ServiceOptions
{
    /// <summary>Instances have ports that follow each other: more than these are a mistake.</summary>
    private const int MaxInstances = 100;

    public string Name { get; private set; } = "httpserver";

    public string? User { get; private set; }

    public int Instances { get; private set; }

    public bool IsDryRun { get; private set; }

    public bool IsHelpWanted { get; private set; }

    /// <summary>The arguments of the server.</summary>
    public List<string> Rest { get; } = [];

    /// <summary>What is wrong, in a sentence; null if nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads a line.</summary>
    /// <param name="args">Its arguments after the command.</param>
    public static ServiceOptions Read(string[] args)
    {
        var options = new ServiceOptions();
        for (var at = 0; at < args.Length && options.Problem is null; at++)
        {
            var equals = args[at].IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals > 0 ? (args[at][..equals], args[at][(equals + 1)..]) : (args[at], null);
            if (args[at] is "--dry-run")
                options.IsDryRun = true;
            else if (args[at] is "-h" or "--help" or "-?")
                options.IsHelpWanted = true;
            else if (name is "--name" or "--user" or "--instances")
                options.Set(name, value ?? (++at < args.Length ? args[at] : ""));
            else
                options.Rest.Add(args[at]);
        }

        return options;
    }

    /// <summary>Letters, digits and what names of units and users have beside them.</summary>
    private static bool IsName(string text) => text.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    private void Set(string name, string value)
    {
        if (name == "--instances")
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count is < 1 or > MaxInstances)
                Problem = $"--instances takes a number from 1 to {MaxInstances}, not '{value}'.";
            Instances = count;
        }
        else if (!IsName(value))
        {
            Problem = $"{name} takes letters, digits, '-', '_' and '.', not '{value}'.";
        }
        else if (name == "--name")
        {
            Name = value;
        }
        else
        {
            User = value;
        }
    }
}
