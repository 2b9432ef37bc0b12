using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Http.Server.Pages;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Pages;

/// <summary>What stands in a page is what its policy allows, and nothing else: a browser would leave out the rest without a word.</summary>
public sealed partial class PageAssetTests : IDisposable
{
    private static readonly Dictionary<string, (string Target, int Styles, int Scripts, Action<SimpleHttpRequestHandler> Configure)> Kinds = new()
    {
        ["a listing"] = ("/", 1, 1, Nothing),
        ["a listing with archives"] = ("/", 1, 1, static handler => handler.Archive = true),
        ["a listing with uploads"] = ("/", 2, 2, static handler => handler.AllowUpload = true),
        ["a listing with uploads that replace"] = ("/", 2, 2, static handler => (handler.AllowUpload, handler.AllowOverwrite) = (true, true)),
        ["a listing with live reload"] = ("/", 1, 1, static handler => handler.LiveReload = true),
        ["a listing with all"] = ("/", 2, 2, static handler => (handler.AllowUpload, handler.Archive, handler.LiveReload) = (true, true, true)),
        ["an error"] = ("/missing", 1, 0, Nothing),
        ["an error of the path"] = ("/%00", 1, 0, Nothing),
        ["an error with live reload"] = ("/missing", 1, 0, static handler => handler.LiveReload = true),
        ["an error without a password"] = ("/", 1, 0, static handler => (handler.LiveReload, handler.Authentication) = (true, BasicAuthentication.FromPasswords([new("anna", "secret")]))),
    };

    private static Action<SimpleHttpRequestHandler> Nothing => static _ =>
    {
    };

    private readonly TempDirectory _directory = new();

    public static TheoryData<string> Names => [.. Kinds.Keys];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_policy_of_a_page_names_the_styles_and_scripts_within_it(string name)
    {
        var (target, styles, scripts, configure) = Kinds[name];
        _directory.Write("a.txt", "a");
        await using var server = RunningServer.OfDirectory(_directory.Path, configure);
        var page = await server.GetAsync(target);
        var policy = page["Content-Security-Policy"]!.Split(';', StringSplitOptions.TrimEntries)
            .ToDictionary(static directive => directive.Split(' ')[0], static directive => directive.Split(' ')[1..]);
        Assert.Equal(["'none'"], policy["default-src"]);
        Check("style", styles);
        Check("script", scripts);
        // Nothing that a policy with hashes would stop.
        Assert.DoesNotMatch(@"<[^>]*\s(style|on\w+)\s*=", ElementPattern().Replace(page.Text, ""));

        void Check(string element, int count)
        {
            var within = ElementPattern().Matches(page.Text).Where(match => match.Groups["name"].Value == element)
                .Select(match => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(match.Groups["text"].Value)))}'").ToList();
            Assert.Equal(count, within.Count);
            var allowed = policy.GetValueOrDefault(element + "-src", []);
            Assert.Equal(within, allowed.Where(static source => source != "'self'"));
        }
    }

    [Fact]
    public async Task A_format_of_the_users_own_may_have_any_style_within_it()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, static handler =>
            handler.ErrorMessageFormat = handler.ErrorMessageFormat.Replace("</style>", "p { color: red }</style>", StringComparison.Ordinal));
        var page = await server.GetAsync("/missing");
        Assert.Contains("p { color: red }</style>", page.Text, StringComparison.Ordinal);
        Assert.Contains("; style-src 'unsafe-inline';", page["Content-Security-Policy"], StringComparison.Ordinal);
    }

    /// <summary>Browsers read CR LF as LF before they hash, and end the element at its end tag, wherever that stands.</summary>
    [Fact]
    public void Each_file_can_stand_within_a_page_and_is_embedded_as_it_is()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src", "HttpServer"), "*", SearchOption.AllDirectories)
            .Where(static path => Path.GetFileName(Path.GetDirectoryName(path)) == "Assets").ToList();
        Assert.Equal(files.Count, typeof(HttpServer).Assembly.GetManifestResourceNames().Length);
        Assert.True(files.Count > 5);
        Assert.All(files, static path =>
        {
            var asset = new PageAsset(Path.GetFileName(path));
            var text = File.ReadAllText(path);
            Assert.Equal(text, Encoding.UTF8.GetString(asset.Content.Span));
            Assert.DoesNotMatch("\r|</(style|script)|<!--", text);
        });
    }

    [Fact]
    public void No_hash_is_written_by_hand() => Assert.DoesNotContain(
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)),
        static path => HashPattern().IsMatch(File.ReadAllText(path)));

    [Fact]
    public void A_name_without_a_file_is_told_at_once() => Assert.Throws<ArgumentException>(static () => new PageAsset("missing.css"));

    [GeneratedRegex(@"<(?<name>style|script)>(?<text>.*?)</\k<name>>", RegexOptions.Singleline)]
    private static partial Regex ElementPattern();

    [GeneratedRegex(@"sha256-[A-Za-z0-9+/]{43}=")]
    private static partial Regex HashPattern();
}
