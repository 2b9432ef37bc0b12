namespace Http.Server.Benchmarks.Load;

/// <summary>One kind of load.</summary>
/// <param name="Name">What the command line and the table call it.</param>
/// <param name="Driver">Makes the load.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="MinBytes">Body bytes of a right answer, at least.</param>
internal sealed record Scenario(string Name, ILoadDriver Driver, string Path, long MinBytes)
{
    /// <summary>A further header line; null for none.</summary>
    public string? Header { get; init; }

    /// <summary>The status of a right answer.</summary>
    public int Status { get; init; } = 200;

    /// <summary>It is about programs, not files: only servers that run programs are compared in it.</summary>
    public bool NeedsPrograms { get; init; }

    /// <summary>It is about scriptblocks: only servers of PowerShell are compared in it.</summary>
    public bool NeedsScripts { get; init; }

    /// <summary>It is about HTTPS: only servers that speak it are compared in it.</summary>
    public bool IsSecure { get; init; }

    /// <summary>Asks once and looks at the answer: a server that is fast at the wrong thing is no peer.</summary>
    /// <exception cref="LoadException">The answer is not the one to be measured.</exception>
    public async Task CheckAsync(ServerProcess server)
    {
        using var client = new HttpClient(new HttpClientHandler
        {
            AllowAutoRedirect = false,
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url + Path);
        if (Header?.Split(": ", 2) is [var name, var value])
            request.Headers.Add(name, value);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[256 * 1024];
        var length = 0L;
        for (int count; (count = await body.ReadAsync(buffer)) > 0;)
            length += count;
        if ((int)answer.StatusCode != Status || length < MinBytes)
            throw new LoadException($"{Path} was answered with {(int)answer.StatusCode} and {length} bytes, not with {Status} and at least {MinBytes}.");
    }
}
