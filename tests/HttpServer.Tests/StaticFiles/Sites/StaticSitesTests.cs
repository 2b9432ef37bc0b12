using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles.Sites;

public sealed class StaticSitesTests
{
    private readonly StaticSites _sites = new();

    [Fact]
    public void Handlers_with_equal_options_share_a_site_however_their_lists_were_made()
    {
        var site = _sites.Get(Options("/srv"));
        Assert.Same(site, _sites.Get(Options("/srv")));
        Assert.Same(site, _sites.Get(Options("/srv") with { IndexPages = ["index.html", "index.htm"], ExtensionsMap = new Dictionary<string, string>() }));
        Assert.Single(_sites.All);
    }

    [Fact]
    public void Each_option_that_differs_means_another_site()
    {
        var changes = new Action<SiteOptions>[]
        {
            options => options.Directory = "/other",
            options => options.IndexPages = ["home.html"],
            options => options.ExtensionsMap = new Dictionary<string, string> { [".x"] = "text/x" },
            options => options.DefaultContentType = "text/plain",
            options => options.Symlinks = SymlinkPolicy.Follow,
            options => options.HideDotfiles = true,
            options => options.ExtraHeaders = [new("A", "b")],
            options => options.CacheControl = "",
            options => options.ImmutableFiles = ["*.js"],
            options => options.FallbackPage = "index.html",
            options => options.NotFoundPage = null,
            options => options.CleanUrls = true,
            options => options.TrailingSlash = TrailingSlashPolicy.Never,
            options => options.CorsOrigins = ["*"],
            options => options.Hsts = true,
            options => options.Compression = CompressionPolicy.Off,
            options => options.Archive = true,
            options => options.AllowUpload = true,
            options => options.AllowOverwrite = true,
            options => options.LiveReload = true,
            options => options.ProgramDirectories = ["/cgi-bin"],
            options => options.HeavyWork = Http.Server.Work.WorkLimits.Of(1 << 30),
            options => options.NamesUploadsAtOnce = true,
            options => options.Opened = static _ => { },
        };
        // A property that is forgotten here, or when options are compared, would have handlers share what they must not.
        Assert.Equal(typeof(SiteOptions).GetProperties().Count(property => property.CanWrite), changes.Length);
        var plain = new StaticSites().Get(Options("/srv"));
        Assert.All(changes, change =>
        {
            var options = Options("/srv");
            change(options);
            var sites = new StaticSites();
            Assert.NotSame(sites.Get(Options("/srv")), sites.Get(options));
            Assert.NotEqual(plain.Options, options);
        });
    }

    [Fact]
    public void A_site_in_use_stays_and_the_oldest_of_many_goes()
    {
        var first = _sites.Get(Options("/0"));
        for (var number = 1; number < 16; number++)
            _sites.Get(Options("/" + number));
        Assert.Same(first, _sites.Get(Options("/0")));
        _sites.Get(Options("/16"));
        Assert.Equal(16, _sites.All.Count);
        Assert.NotSame(first, _sites.Get(Options("/0")));
    }

    [Fact]
    public async Task The_handlers_of_a_server_share_one_site_until_one_of_them_is_changed()
    {
        using var directory = new TempDirectory();
        directory.Write("a.txt", "a");
        var hides = false;
        await using var server = RunningServer.OfDirectory(directory.Path, handler => handler.HideDotfiles = hides);
        var sites = ((ISiteOwner)server.Server).Sites;
        await server.GetAsync("/a.txt");
        await server.GetAsync("/a.txt");
        Assert.Single(sites.All);
        hides = true;
        await server.GetAsync("/a.txt");
        Assert.Equal(2, sites.All.Count);
    }

    private static SiteOptions Options(string directory) => new() { Directory = directory };
}
