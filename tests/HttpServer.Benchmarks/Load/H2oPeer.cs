namespace Http.Server.Benchmarks.Load;

/// <summary>h2o as a plain file server: listings, gzip, a thread for each processor, no log.</summary>
internal static class H2oPeer
{
    public static string Command(string program, int port, SampleTree tree, bool isSecure)
    {
        var home = Directory.CreateDirectory(Path.Combine(tree.Scratch, $"h2o-{port}")).FullName;
        var configuration = Path.Combine(home, "h2o.yaml");
        File.WriteAllText(configuration, Configuration(port, home, tree, isSecure));
        return $"exec {Programs.Quote(program)} -m worker -c {Programs.Quote(configuration)}";
    }

    // user: started as root, h2o would become nobody, who may not write its folder.
    private static string Configuration(int port, string home, SampleTree tree, bool isSecure) => $"""
        listen:
          host: 127.0.0.1
          port: {port}
        {(isSecure ? $"  ssl: {{ certificate-file: \"{tree.Certificate}\", key-file: \"{tree.Key}\" }}" : "")}
        user: "{Environment.UserName}"
        num-threads: {Environment.ProcessorCount}
        max-connections: 4096
        pid-file: "{home}/h2o.pid"
        error-log: /dev/null
        compress: [gzip]
        hosts:
          default:
            paths:
              "/":
                file.dir: "{tree.Root}"
                file.dirlisting: ON

        """;
}
