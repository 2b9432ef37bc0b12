using System.IO.Compression;
using System.Text;
using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files;

/// <summary>Links and directories that change places while they are asked for: what lies outside is never seen, nor written to.</summary>
public sealed class LinkRaceTests : IDisposable
{
    private const int Fetches = 600;

    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public LinkRaceTests()
    {
        _root = _directory.MakeDirectory("root");
        for (var number = 0; number < 3; number++)
        {
            _directory.Write($"root/real/name{number}", "inside");
            _directory.Write($"outside/name{number}", "SECRET");
        }

        _directory.Write("root/real/sub/name", "inside");
        _directory.Write("outside/sub/name", "SECRET");
        _directory.Write("outside/secret-name", "SECRET");
    }

    public static TheoryData<SymlinkPolicy, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<SymlinkPolicy, string, string>();
            foreach (var policy in new[] { SymlinkPolicy.Inside, SymlinkPolicy.Refuse })
            {
                foreach (var link in new[] { "../outside", "{home}/outside" })
                {
                    foreach (var target in new[] { "/swap/name1", "/swap/sub/name", "/swap/", "/swap/?format=json", "/?archive=zip", "/swap/?archive=tar", "/swap/sub/?archive=zip" })
                        cases.Add(policy, link, target);
                }
            }

            return cases;
        }
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Nothing_from_outside_is_ever_sent(SymlinkPolicy policy, string link, string target)
    {
        await using var server = Serve(policy);
        using var swapping = Swap(link);
        var (found, leaks) = (0, 0);
        for (var number = 0; number < Fetches; number++)
        {
            var response = await server.GetAsync(target);
            found += response.Status == 200 ? 1 : 0;
            leaks += response.Status == 200 && Leaks(response, target) ? 1 : 0;
        }

        Assert.True(swapping.Count > 0);
        Assert.NotEqual(0, found);
        Assert.Equal(0, leaks);
    }

    [Theory]
    [InlineData(SymlinkPolicy.Inside)]
    [InlineData(SymlinkPolicy.Refuse)]
    [InlineData(SymlinkPolicy.Follow)]
    public async Task Nothing_is_ever_written_outside(SymlinkPolicy policy)
    {
        await using var server = Serve(policy);
        var stored = 0;
        using (Swap("../outside"))
        {
            for (var number = 0; number < Fetches / 3; number++)
                stored += (await server.SendAsync(UploadSite.Put($"/swap/new{number}", "x"))).Status == 201 ? 1 : 0;
        }

        Assert.NotEqual(0, stored);
        Assert.Equal(["name0", "name1", "name2", "secret-name", "sub"], Directory.EnumerateFileSystemEntries(Path.Combine(_directory.Path, "outside")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_program_is_never_sent_as_a_file()
    {
        _directory.Write("root/cgi-bin/name1", "SECRET");
        await using var server = new RunningServer(() => new CgiHttpRequestHandler { Directory = _root });
        using var swapping = Swap("cgi-bin");
        for (var number = 0; number < Fetches; number++)
            Assert.DoesNotContain("SECRET", (await server.GetAsync("/swap/name1")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_plain_path_is_opened_through_no_link_with_openat2_and_without(bool byNames)
    {
        Assert.SkipUnless(LinuxFiles.IsSupported, "This system has no openat2 and statx.");
        Directory.CreateSymbolicLink(Path.Combine(_root, "in"), "real");
        using var root = LinuxFiles.OpenRoot(_root, out _)!;
        foreach (var (path, kind) in new[]
        {
            ("", EntryKind.Directory), ("real", EntryKind.Directory), ("real/name0", EntryKind.File), ("real/sub/name", EntryKind.File), ("in", EntryKind.None),
            ("in/name0", EntryKind.None), ("real/../real", EntryKind.None), ("../outside/name0", EntryKind.None), ("real/nothing", EntryKind.None), ("real/name0/x", EntryKind.None),
        })
        {
            if (!byNames && path == "real/../real")
                continue;
            var opened = LinuxFiles.OpenPlain(root, path, keepsDirectory: true, byNames);
            opened.Handle?.Dispose();
            Assert.Equal((path, kind, kind != EntryKind.None), (path, opened.Kind, opened.Handle is not null));
        }
    }

    private static bool Leaks(RawResponse response, string target)
    {
        if (!target.Contains("zip", StringComparison.Ordinal))
            return response.Text.Contains("SECRET", StringComparison.OrdinalIgnoreCase);
        using var zip = new ZipArchive(new MemoryStream(response.Body));
        return zip.Entries.Any(entry => entry.Name == "secret-name" || (entry.Length > 0 && Read(entry) == "SECRET"));
    }

    private static string Read(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private RunningServer Serve(SymlinkPolicy policy) => RunningServer.OfDirectory(_root, handler =>
        (handler.Symlinks, handler.Archive, handler.AllowUpload, handler.Compression) = (policy, true, true, CompressionPolicy.Off));

    private SwappedDirectory Swap(string link)
    {
        var swapped = Path.Combine(_root, "swap");
        Directory.CreateSymbolicLink(swapped, link.Replace("{home}", _directory.Path, StringComparison.Ordinal));
        return new SwappedDirectory(swapped, Path.Combine(_root, "real"));
    }
}
