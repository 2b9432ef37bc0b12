using System.IO.Enumeration;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>A directory that files are uploaded to, and servers for it.</summary>
internal sealed class UploadSite : IAsyncDisposable
{
    private readonly TempDirectory _home = new();
    private readonly List<RunningServer> _servers = [];

    public UploadSite()
    {
        Root = _home.MakeDirectory("site");
        _home.MakeDirectory("site/sub");
        _home.MakeDirectory("outside");
    }

    public string Home => _home.Path;

    /// <summary>What is served; it has one directory, <c>sub</c>.</summary>
    public string Root { get; }

    /// <summary>What lies in the site, files and directories, hidden ones too; what links lead to is left out.</summary>
    public IEnumerable<string> Entries => new FileSystemEnumerable<string>(
        Root, (ref FileSystemEntry entry) => Path.GetRelativePath(Root, entry.ToFullPath()).Replace('\\', '/'), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
    {
        ShouldRecursePredicate = static (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    }.Order(StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(Root, name);

    public string Read(string name) => File.ReadAllText(PathOf(name));

    public UnixFileMode ModeOf(string name) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(PathOf(name));

    public string Write(string name, string content) => _home.Write(Path.Combine("site", name), content);

    /// <summary>Waits until whatever is changed gets a later time from the file system than what has been changed up to now.</summary>
    public void WaitForNextStep()
    {
        var path = _home.Write("outside/step", "");
        var before = File.GetLastWriteTimeUtc(path);
        Assert.True(SpinWait.SpinUntil(() => File.GetLastWriteTimeUtc(_home.Write("outside/step", "")) != before, TimeSpan.FromSeconds(30)));
        File.Delete(path);
    }

    /// <summary>A server that takes files in.</summary>
    public RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null, HttpServerOptions? options = null, ServerCertificate? certificate = null) => Add(RunningServer.OfDirectory(
        Root,
        handler =>
        {
            handler.AllowUpload = true;
            configure?.Invoke(handler);
        },
        options,
        certificate));

    public RunningServer Serve<THandler>(Action<THandler>? configure = null)
        where THandler : SimpleHttpRequestHandler, new() => Add(new RunningServer(() =>
    {
        var handler = new THandler { Directory = Root, AllowUpload = true };
        configure?.Invoke(handler);
        return handler;
    }));

    public static string Put(string target, string content, string headers = "", string version = "HTTP/1.1") =>
        $"PUT {target} {version}\r\nHost: test\r\nContent-Length: {Encoding.UTF8.GetByteCount(content)}\r\n{headers}\r\n{content}";

    /// <summary>A form with files; of each part the rest of its Content-Disposition is given, and its content.</summary>
    public static string Post(string target, string headers, params (string Disposition, string Content)[] parts)
    {
        var body = string.Concat(parts.Select(part => $"--b\r\nContent-Disposition: form-data; {part.Disposition}\r\n\r\n{part.Content}\r\n")) + "--b--\r\n";
        return $"POST {target} HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}";
    }

    public static string Post(string target, params (string Disposition, string Content)[] parts) => Post(target, "", parts);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _home.Dispose();
    }

    private RunningServer Add(RunningServer server)
    {
        _servers.Add(server);
        return server;
    }
}
