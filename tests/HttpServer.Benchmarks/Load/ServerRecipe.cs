namespace Http.Server.Benchmarks.Load;

/// <summary>How to start a server.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Command">Makes the shell command, given the port and the tree. It begins with <c>exec</c>, so that the process that is
/// started is the server itself.</param>
internal sealed record ServerRecipe(string Name, Func<int, SampleTree, string> Command)
{
    /// <summary>Whether it is compared where files are served.</summary>
    public bool ServesFiles { get; init; } = true;

    /// <summary>Whether it is compared where programs are run.</summary>
    public bool RunsPrograms { get; init; }

    /// <summary>Whether it is compared where scriptblocks are run.</summary>
    public bool RunsScripts { get; init; }

    /// <summary>The same for HTTPS; null where that is not compared.</summary>
    public Func<int, SampleTree, string>? SecureCommand { get; init; }

    /// <summary>Whether it speaks HTTPS, and is compared in that alone.</summary>
    public bool IsSecure { get; init; }

    public bool Takes(Scenario scenario) =>
        scenario.IsSecure == IsSecure && (scenario.NeedsPrograms ? RunsPrograms : scenario.NeedsScripts ? RunsScripts : ServesFiles);
}
