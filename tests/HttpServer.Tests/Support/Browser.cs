namespace Http.Server.Tests.Support;

/// <summary>A client that keeps cookies as browsers do, for servers of one site.</summary>
internal sealed class Browser
{
    private readonly Dictionary<string, string> _cookies = [];

    /// <summary>The one cookie's value; null for none.</summary>
    public string? Cookie => _cookies.Values.SingleOrDefault();

    /// <summary>Keeps this cookie in the place of what there was.</summary>
    public void Plant(string name, string value) => _cookies[name] = value;

    public async Task<RawResponse> SendAsync(RunningServer server, string target, string method = "GET", string headers = "", string body = "")
    {
        var cookies = _cookies.Count == 0 ? "" : $"Cookie: {string.Join("; ", _cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}"))}\r\n";
        var length = body.Length > 0 || method == "POST" ? $"Content-Length: {body.Length}\r\n" : "";
        var answer = await server.SendAsync($"{method} {target} HTTP/1.1\r\nHost: test\r\n{cookies}{headers}{length}\r\n{body}");
        if (answer["Set-Cookie"] is not { } set)
            return answer;
        var pair = set.Split(';')[0].Split('=', 2);
        if (set.Contains("Max-Age=0", StringComparison.Ordinal))
            _cookies.Remove(pair[0]);
        else
            _cookies[pair[0]] = pair[1];
        return answer;
    }
}
