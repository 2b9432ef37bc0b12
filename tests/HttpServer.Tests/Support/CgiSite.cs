namespace Http.Server.Tests.Support;

/// <summary>A directory with programs in <c>cgi-bin</c>, which nobody but its owner writes and everybody reads: a server that runs as root
/// runs them as <c>nobody</c>.</summary>
internal sealed class CgiSite : IAsyncDisposable
{
    /// <summary>Prints the environment exactly as it was given: a shell adds to what it passes on.</summary>
    public const string PrintEnvironment = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\ntr '\\0' '\\n' < /proc/$$/environ\n";

    private readonly TempDirectory _home = new();
    private readonly List<RunningServer> _servers = [];

    public CgiSite()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "These programs are shell scripts.");
        Tool.RequireCgi();
        Root = _home.MakeDirectory("site");
        Open(_home.Path);
        Open(Root);
        Open(_home.MakeDirectory("site/cgi-bin"));
    }

    public string Home => _home.Path;

    /// <summary>What is served.</summary>
    public string Root { get; }

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>The body of an answer to <see cref="PrintEnvironment"/>.</summary>
    public static Dictionary<string, string> ReadEnvironment(RawResponse response) => response.Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    public string Write(string name, string content) => _home.Write(Path.Combine("site", name), content);

    /// <summary>Writes a program and makes it executable.</summary>
    /// <param name="name">A path below the root; a bare name lies in <c>cgi-bin</c>.</param>
    /// <param name="content">The whole file; text without a #! line is the body of a shell script.</param>
    public string Script(string name, string content)
    {
        var path = Write(name.Contains('/', StringComparison.Ordinal) ? name : $"cgi-bin/{name}", content.StartsWith("#!", StringComparison.Ordinal) ? content : "#!/bin/sh\n" + content);
        Open(path);
        return path;
    }

    /// <summary>A program that prints a header and then what its text says.</summary>
    public string Page(string name, string content) => Script(name, "printf 'Content-Type: text/plain\\n\\n'\n" + content);

    /// <summary>A directory in which programs may write.</summary>
    public string MakeShared(string name)
    {
        var path = _home.MakeDirectory(name);
        Open(path, UnixFileMode.OtherWrite);
        return path;
    }

    /// <summary>
    /// A named pipe that programs hold open for writing: whoever reads it comes to its end when the last of them has ended.
    /// </summary>
    public async Task<string> MakeFifoAsync(string name)
    {
        var path = Path.Combine(Home, name);
        await Tool.RunAsync("mkfifo", "-m", "666", path);
        return path;
    }

    public RunningServer Serve(Action<CgiHttpRequestHandler>? configure = null, HttpServerOptions? options = null, ServerCertificate? certificate = null)
    {
        var server = new RunningServer(
            () =>
            {
                var handler = new CgiHttpRequestHandler { Directory = Root };
                configure?.Invoke(handler);
                return handler;
            },
            options,
            certificate);
        _servers.Add(server);
        return server;
    }

    public async Task<RawResponse> GetAsync(string target, string headers = "") => await Serve().GetAsync(target, headers);

    /// <summary>Runs a program of this text once.</summary>
    public async Task<RawResponse> RunAsync(string content)
    {
        Script("once", content);
        return await GetAsync("/cgi-bin/once");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _home.Dispose();
    }

    /// <summary>Everybody may read and enter or run it.</summary>
    public static void Open(string path, UnixFileMode more = default) => SetMode(path, more | UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
