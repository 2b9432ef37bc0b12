namespace Http.Server.Tests.Support;

/// <summary>
/// A directory that changes under a server. Small files and listings are kept in memory; the clock of this server says that
/// everything is settled and stands still, so that nothing but the stamps of the files can tell a change; yet each must be seen by
/// the very next request.
/// </summary>
public abstract class ChangingSite : IAsyncDisposable
{
    private protected ChangingSite()
    {
        Root = Around.MakeDirectory("site");
        Server = RunningServer.OfDirectory(Root, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    private protected static DateTime Old { get; } = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private protected TempDirectory Around { get; } = new();

    private protected string Root { get; }

    private protected RunningServer Server { get; }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Around.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Write(string name, string content, DateTime? modified = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(name))!);
        File.WriteAllText(Full(name), content);
        if (modified is { } time)
            File.SetLastWriteTimeUtc(Full(name), time);
    }

    private protected string Full(string name) => Path.Combine(Root, name);

    /// <summary>The second answer comes from memory wherever content is kept.</summary>
    private protected async Task<RawResponse> ReadTwiceAsync(string target, string content)
    {
        Assert.Equal(content, (await Server.GetAsync(target)).Text);
        var response = await Server.GetAsync(target);
        Assert.Equal(content, response.Text);
        return response;
    }

    private protected async Task<RawResponse> ListTwiceAsync(string target, params string[] names)
    {
        Assert.Equal(names, Listing.NamesOf((await Server.GetAsync(target)).Text));
        var response = await Server.GetAsync(target);
        Assert.Equal(names, Listing.NamesOf(response.Text));
        return response;
    }
}
