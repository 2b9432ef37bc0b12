using System.Net;
using System.Net.Sockets;

namespace Http.Server.Tests.Support;

/// <summary>
/// nginx or HAProxy in front of a server. It listens at a Unix domain socket where it can, so that no port has to be guessed, and takes the PROXY protocol
/// there, so that clients can come from anywhere.
/// </summary>
internal sealed class ReverseProxy : IAsyncDisposable
{
    /// <summary>An address that nobody has (RFC 5737).</summary>
    public const string Client = "203.0.113.5";

    private const string NginxStream = "/usr/lib/nginx/modules/ngx_stream_module.so";

    private readonly TempDirectory _folder = new();
    private ListeningProgram? _program;
    private EndPoint _front;

    private ReverseProxy() => _front = new UnixDomainSocketEndPoint(SocketPath);

    private string SocketPath => Path.Combine(_folder.Path, "front");

    /// <summary>nginx as a proxy of HTTP.</summary>
    /// <param name="upstream">What <c>proxy_pass</c> takes behind <c>http://</c>.</param>
    /// <param name="directives">What stands beside <c>proxy_pass</c>.</param>
    public static Task<ReverseProxy> NginxAsync(string upstream, string directives) => StartNginxAsync("", $$"""
        http {
            access_log off;
            client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
            server {
                listen unix:FRONT proxy_protocol;
                set_real_ip_from unix:;
                real_ip_header proxy_protocol;
                location / {
                    proxy_pass http://{{upstream}};
                    {{directives}}
                }
            }
        }
        """);

    /// <summary>nginx as a proxy of bytes, which speaks version 1 of the PROXY protocol.</summary>
    public static Task<ReverseProxy> NginxStreamAsync(string upstream)
    {
        Tool.Require("nginx", "nginx");
        Assert.SkipUnless(File.Exists(NginxStream), "nginx has no stream module: install the package libnginx-mod-stream.");
        // It tells the address that the client connected to as well, which for the PROXY protocol must be one of the client's kind.
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var front = (IPEndPoint)probe.LocalEndPoint!;
        probe.Close();
        return StartNginxAsync($"load_module {NginxStream};", $$"""
            stream {
                server {
                    listen {{front}} proxy_protocol;
                    set_real_ip_from 127.0.0.1;
                    proxy_protocol on;
                    proxy_pass {{upstream}};
                }
            }
            """, front);
    }

    /// <summary>HAProxy as a proxy of bytes.</summary>
    /// <param name="upstream">Address and port.</param>
    /// <param name="option"><c>send-proxy</c> or <c>send-proxy-v2</c>.</param>
    public static Task<ReverseProxy> HAProxyAsync(string upstream, string option) => StartHAProxyAsync("tcp", upstream, option);

    /// <summary>HAProxy as a proxy of HTTP, which tells the client by X-Forwarded-For.</summary>
    /// <param name="upstream">Address and port.</param>
    public static Task<ReverseProxy> HAProxyHttpAsync(string upstream) => StartHAProxyAsync("http\n    option forwardfor", upstream, "");

    /// <summary>Sends one request as <see cref="Client"/> and reads the one answer.</summary>
    public async Task<RawResponse> GetAsync(string target, string headers = "")
    {
        using var client = await ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: example.com\r\n{headers}\r\n");
        return await client.ReadResponseAsync();
    }

    public async Task<RawClient> ConnectAsync()
    {
        var client = await RawClient.ConnectAsync(_front);
        await client.SendAsync($"PROXY TCP4 {Client} 192.0.2.1 4711 443\r\n");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<ReverseProxy> StartHAProxyAsync(string mode, string upstream, string option)
    {
        var program = Tool.Require("haproxy", "haproxy");
        var proxy = new ReverseProxy();
        var configuration = proxy._folder.Write("haproxy.cfg", $$"""
            defaults
                mode {{mode}}
                timeout connect 10s
                timeout client 30s
                timeout server 30s
                timeout tunnel 1h
            listen front
                bind unix@{{proxy.SocketPath}} accept-proxy
                server back {{upstream}} {{option}}

            """);
        await proxy.StartAsync(program, "-db", "-f", configuration);
        return proxy;
    }

    private static async Task<ReverseProxy> StartNginxAsync(string modules, string servers, EndPoint? front = null)
    {
        var program = Tool.Require("nginx", "nginx");
        var proxy = new ReverseProxy();
        proxy._front = front ?? proxy._front;
        var configuration = proxy._folder.Write("nginx.conf", $$"""
            {{modules}}
            daemon off;
            master_process off;
            pid pid;
            error_log stderr;
            events { }
            {{servers.Replace("FRONT", proxy.SocketPath, StringComparison.Ordinal)}}
            """);
        await proxy.StartAsync(program, "-p", proxy._folder.Path, "-e", "stderr", "-c", configuration);
        return proxy;
    }

    private async Task StartAsync(string program, params string[] arguments) =>
        _program = await ListeningProgram.StartAsync(program, arguments, _front);
}
