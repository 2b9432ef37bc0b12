namespace Http.Server.Benchmarks.Load;

/// <summary>nginx as a plain file server: sendfile, listings, gzip, a worker for each processor, no log.</summary>
internal static class NginxPeer
{
    public static string Command(string program, int port, SampleTree tree, bool isSecure)
    {
        var home = Directory.CreateDirectory(Path.Combine(tree.Scratch, $"nginx-{port}")).FullName;
        var configuration = Path.Combine(home, "nginx.conf");
        File.WriteAllText(configuration, Configuration(port, home, tree, isSecure));
        return $"exec {Programs.Quote(program)} -e stderr -p {Programs.Quote(home)} -c {Programs.Quote(configuration)}";
    }

    // keepalive_requests: by default nginx ends a connection after 1,000 requests, which no other server here does.
    private static string Configuration(int port, string home, SampleTree tree, bool isSecure) => $$"""
        daemon off;
        pid {{home}}/nginx.pid;
        worker_processes auto;
        events {
            worker_connections 4096;
        }
        http {
            access_log off;
            types {
                text/html html;
                text/plain txt;
            }
            default_type application/octet-stream;
            gzip on;
            gzip_min_length 1025;
            gzip_types text/plain;
            sendfile on;
            tcp_nopush on;
            keepalive_requests 100000000;
            client_body_temp_path {{home}}/body;
            proxy_temp_path {{home}}/proxy;
            fastcgi_temp_path {{home}}/fastcgi;
            uwsgi_temp_path {{home}}/uwsgi;
            scgi_temp_path {{home}}/scgi;
            server {
                listen 127.0.0.1:{{port}}{{(isSecure ? " ssl" : "")}};
                {{(isSecure ? $"ssl_certificate {tree.Certificate}; ssl_certificate_key {tree.Key};" : "")}}
                root {{tree.Root}};
                autoindex on;
            }
        }

        """;
}
