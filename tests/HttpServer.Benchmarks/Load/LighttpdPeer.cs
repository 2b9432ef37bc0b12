namespace Http.Server.Benchmarks.Load;

/// <summary>lighttpd as a plain file server: sendfile, listings, gzip, a worker for each processor, no log.</summary>
internal static class LighttpdPeer
{
    public static string Command(string program, int port, SampleTree tree, bool isSecure)
    {
        var home = Directory.CreateDirectory(Path.Combine(tree.Scratch, $"lighttpd-{port}")).FullName;
        var configuration = Path.Combine(home, "lighttpd.conf");
        File.WriteAllText(configuration, Configuration(port, tree, isSecure));
        return $"exec {Programs.Quote(program)} -D -f {Programs.Quote(configuration)}";
    }

    // server.max-keep-alive-requests: by default lighttpd ends a connection after 1,000 requests, which no other server here does.
    private static string Configuration(int port, SampleTree tree, bool isSecure) => $$"""
        server.modules = ("mod_dirlisting", "mod_deflate"{{(isSecure ? ", \"mod_openssl\"" : "")}})
        server.bind = "127.0.0.1"
        server.port = {{port}}
        server.document-root = "{{tree.Root}}"
        server.max-worker = {{Environment.ProcessorCount}}
        server.max-keep-alive-requests = 100000000
        server.max-fds = 8192
        server.network-backend = "sendfile"
        {{(isSecure ? $"ssl.engine = \"enable\"\nssl.pemfile = \"{tree.Certificate}\"\nssl.privkey = \"{tree.Key}\"" : "")}}
        index-file.names = ("index.html")
        dir-listing.activate = "enable"
        deflate.mimetypes = ("text/plain")
        deflate.allowed-encodings = ("gzip")
        mimetype.assign = (".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream")

        """;
}
