namespace Http.Server.Benchmarks.Load;

/// <summary>Caddy as a plain file server: listings, gzip, as many threads at work as there are processors, no log, no administration.</summary>
internal static class CaddyPeer
{
    public static string Command(string program, int port, SampleTree tree, bool isSecure)
    {
        var home = Directory.CreateDirectory(Path.Combine(tree.Scratch, $"caddy-{port}")).FullName;
        var configuration = Path.Combine(home, "Caddyfile");
        File.WriteAllText(configuration, Configuration(port, tree, isSecure));
        // It keeps its state in the user's folders, were it not told otherwise.
        return $"exec env GOMAXPROCS={Environment.ProcessorCount} HOME={Programs.Quote(home)} XDG_DATA_HOME={Programs.Quote(home)} "
            + $"XDG_CONFIG_HOME={Programs.Quote(home)} {Programs.Quote(program)} run --adapter caddyfile --config {Programs.Quote(configuration)}";
    }

    // Without "log" in the site it logs no requests.
    private static string Configuration(int port, SampleTree tree, bool isSecure) => $$"""
        {
            admin off
            auto_https off
        }
        {{(isSecure ? "https" : "http")}}://:{{port}} {
            bind 127.0.0.1
            {{(isSecure ? $"tls {tree.Certificate} {tree.Key}" : "")}}
            root * "{{tree.Root}}"
            encode {
                gzip
                minimum_length 1025
            }
            file_server browse
        }

        """;
}
