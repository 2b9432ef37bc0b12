namespace Http.Server.Benchmarks.Micro;

/// <summary>Request heads as two very different clients send them.</summary>
internal static class SampleHeads
{
    /// <summary>What wrk sends: the least there is.</summary>
    public static string Wrk(string target) => $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n";

    /// <summary>What Chrome sends for a page: fifteen fields, some of them long.</summary>
    public static string Chrome(string target) =>
        $"GET {target} HTTP/1.1\r\n"
        + "Host: localhost:8000\r\n"
        + "Connection: keep-alive\r\n"
        + "Cache-Control: max-age=0\r\n"
        + "sec-ch-ua: \"Chromium\";v=\"140\", \"Google Chrome\";v=\"140\", \"Not?A_Brand\";v=\"99\"\r\n"
        + "sec-ch-ua-mobile: ?0\r\n"
        + "sec-ch-ua-platform: \"Linux\"\r\n"
        + "Upgrade-Insecure-Requests: 1\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n"
        + "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
        + "Sec-Fetch-Site: none\r\n"
        + "Sec-Fetch-Mode: navigate\r\n"
        + "Sec-Fetch-User: ?1\r\n"
        + "Sec-Fetch-Dest: document\r\n"
        + "Accept-Encoding: gzip, deflate, br, zstd\r\n"
        + "Accept-Language: en-GB,en;q=0.9\r\n\r\n";
}
