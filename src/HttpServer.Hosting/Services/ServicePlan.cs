namespace Http.Server.Hosting.Services;

/// <summary>What a service is to be, from which <see cref="SystemdUnits"/> makes its units. All paths are full ones.</summary>
public sealed record ServicePlan
{
    /// <summary>The name of the service, without a suffix.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, for people.</summary>
    public required string Description { get; init; }

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>
    /// Where systemd listens for the service: a port, an address with a port, or a path of a socket. Empty for a service that
    /// listens by itself, to which no port below 1024 is given.
    /// </summary>
    public IReadOnlyList<string> Sockets { get; init; } = [];

    /// <summary>Files and directories that it reads; those of users' homes are shown to it and nothing else of them.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];

    /// <summary>Directories that it writes to.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>
    /// Secrets that only root can read, by name: the service finds each in the directory of the variable
    /// <c>CREDENTIALS_DIRECTORY</c>, and arguments name them by <see cref="SecretPrefix"/>.
    /// </summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The user that it runs as; null, the default, for one that exists only while it runs.</summary>
    public string? User { get; init; }

    /// <summary>How many run beside each other, each with sockets of its own; 0, the default, for one without a number.</summary>
    public int Instances { get; init; }

    /// <summary>How long it may take to end, beyond which it is broken off. Default 10 seconds.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The program is compiled as it runs, or runs others: memory may become code.</summary>
    public bool MakesCode { get; init; }

    /// <summary>It opens sockets by itself: without that it has no network but the sockets that systemd hands on.</summary>
    public bool NeedsNetwork { get; init; }

    /// <summary>It keeps files of its own, in <c>/var/cache</c>, which is its home.</summary>
    public bool NeedsHome { get; init; }

    /// <summary>What an argument begins with that stands for the file of a secret.</summary>
    public static string SecretPrefix => "\0secret:";
}
