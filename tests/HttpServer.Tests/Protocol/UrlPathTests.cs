using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class UrlPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a", "/a")]
    [InlineData("/a/b.txt", "/a/b.txt")]
    [InlineData("/a/", "/a/")]
    [InlineData("//", "/")]
    [InlineData("//evil.example/x", "/evil.example/x")]
    [InlineData("///a////b//", "/a/b/")]
    [InlineData("/.", "/")]
    [InlineData("/./a/./b", "/a/b")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/b/../", "/a/")]
    [InlineData("/a/b/../c", "/a/c")]
    [InlineData("/a/..", "/")]
    [InlineData("/a//../b", "/b")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/a/.%2e/b", "/b")]
    [InlineData("/a/%2e/b", "/a/b")]
    [InlineData("/a/b/%2e%2e", "/a/")]
    [InlineData("/...", "/...")]
    [InlineData("/..a/b..", "/..a/b..")]
    [InlineData("/.. ", "/.. ")]
    [InlineData("/%61%62", "/ab")]
    [InlineData("/a+b", "/a+b")]
    [InlineData("/a%20b", "/a b")]
    [InlineData("/%252e%252e/x", "/%2e%2e/x")]
    [InlineData("/%252f", "/%2f")]
    [InlineData("/%25", "/%")]
    [InlineData("/a%3Fb", "/a?b")]
    [InlineData("/a%23b", "/a#b")]
    [InlineData("/a;x=1/b", "/a;x=1/b")]
    [InlineData("/caf%C3%A9", "/caf\u00E9")]
    [InlineData("/%F0%9F%98%80", "/\U0001F600")]
    [InlineData("/%E2%88%95", "/\u2215")]
    [InlineData("/%EF%BC%8E%EF%BC%8E/x", "/\uFF0E\uFF0E/x")]
    [InlineData("/%0a%1b%7f", "/\n\u001B\u007F")]
    public void A_path_is_decoded_once_and_normalised(string target, string decoded) =>
        Assert.Equal(decoded, Parse(target).Decoded);

    [Theory]
    [InlineData("", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("a", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("*", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("?/a", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("\\a", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("%2fa", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("http://host/", nameof(UrlPathFault.NotAbsolute))]
    [InlineData("/%", nameof(UrlPathFault.BadEscape))]
    [InlineData("/a%2", nameof(UrlPathFault.BadEscape))]
    [InlineData("/%zz", nameof(UrlPathFault.BadEscape))]
    [InlineData("/%2/e", nameof(UrlPathFault.BadEscape))]
    [InlineData("/%u002e", nameof(UrlPathFault.BadEscape))]
    [InlineData("/%?41", nameof(UrlPathFault.BadEscape))]
    [InlineData("/a%00", nameof(UrlPathFault.ControlByte))]
    [InlineData("/a%00.txt", nameof(UrlPathFault.ControlByte))]
    [InlineData("/a\0b", nameof(UrlPathFault.ControlByte))]
    [InlineData("/%2e%2e%00", nameof(UrlPathFault.ControlByte))]
    [InlineData("/..", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/../etc/passwd", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/%2e%2e/etc/passwd", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/%2E./etc/passwd", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/.%2e", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/a/../../b", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/a/../../a/b", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("//..", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/./..", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/a//..//..//", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/..?x", nameof(UrlPathFault.LeavesRoot))]
    [InlineData("/..%2fetc", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/%2e%2e%2fetc", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2f..", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2f%2e", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2F.%2fb", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2f..%2fb/c", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/..%2F%ff", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2fb/..", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2fb/%2e%2e/c", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/%ff%00", nameof(UrlPathFault.ControlByte))]
    public void A_path_that_could_be_misread_is_refused(string target, string fault)
    {
        Assert.Equal(fault, Fault(target, windowsRules: false));
        Assert.Equal(fault, Fault(target, windowsRules: true));
    }

    [Theory]
    [InlineData("/%2F", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/%2f%2fevil.example", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/%c0%ae%c0%ae/x", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%c0%af", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%e0%80%ae", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%f0%80%80%af", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%c0%80", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%ed%a0%80", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%f4%90%80%80", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%ff", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%c3", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/%c3/%a9", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/caf\u00E9", nameof(UrlPathFault.NotUtf8))]
    [InlineData("/a%2f", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2f%2fb", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/a%2f/b", nameof(UrlPathFault.EncodedSlash))]
    [InlineData("/.httpserver-%ff", nameof(UrlPathFault.NotUtf8))]
    public void Some_paths_are_for_routes_and_programs_and_never_for_files(string target, string fault)
    {
        foreach (var windowsRules in new[] { false, true })
        {
            Assert.Equal(nameof(UrlPathFault.None), Fault(target, windowsRules));
            // On Linux a name is bytes, of any encoding.
            Assert.Equal(OperatingSystem.IsLinux() && fault == nameof(UrlPathFault.NotUtf8) ? nameof(UrlPathFault.None) : fault, FileFault(target, windowsRules));
        }
    }

    [Theory]
    [InlineData("/job/john%2f117", "job|john/117", "job|john|117")]
    [InlineData("/job/john%2F117/objects", "job|john/117|objects", "job|john|117|objects")]
    [InlineData("/@scope%2fname", "@scope/name", "@scope|name")]
    [InlineData("/a%252fb", "a%2fb", "a%2fb")]
    [InlineData("/a%2f%2fb", "a//b", "a||b")]
    [InlineData("/%2f", "/", "|")]
    [InlineData("/http%3A%2F%2Fhost", "http://host", "http:||host")]
    [InlineData("/a%2f...%2f.b", "a/.../.b", "a|...|.b")]
    [InlineData("/x/../a%2fb", "a/b", "a|b")]
    [InlineData("/%ff", "\ufffd", null)]
    [InlineData("/a%c3%a9%c3/b", "a\u00e9\ufffd|b", null)]
    public void A_path_is_split_first_and_decoded_then(string target, string routes, string? names)
    {
        var path = Parse(target);
        Assert.Equal(routes, string.Join('|', path.RouteSegments));
        if (names is not null)
            Assert.Equal(names, string.Join('|', path.Segments));
        Assert.Equal(target.Contains("%2f", StringComparison.OrdinalIgnoreCase), path.HasEncodedSlash);
    }

    [Theory]
    [InlineData("/@scope%2fname", "/@scope/name")]
    [InlineData("/a%2fb/", "/a/b/")]
    [InlineData("/a/%ff", "/a/%FF")]
    public void The_canonical_path_has_no_encoded_slash_and_every_byte(string target, string encoded) => Assert.Equal(encoded, Parse(target).Encoded);

    [Theory]
    [InlineData("/cgi-bin/run/a%2f%2fb", 3)]
    [InlineData("/cgi-bin/run/%ff/x", 2)]
    [InlineData("/cgi-bin%2f%2frun", 1)]
    [InlineData("/%2fcgi-bin/run", 0)]
    [InlineData("/cgi-bin/run/a%2fb", 4)]
    public void The_names_before_the_first_that_is_none_are_counted(string target, int count) =>
        Assert.Equal(OperatingSystem.IsLinux() && target.Contains("%ff", StringComparison.Ordinal) ? Parse(target).Segments.Count : count, Parse(target).NameCount);

    [Theory]
    [InlineData("/a%5C..%5Cb")]
    [InlineData("/..%5cb")]
    public void On_windows_no_route_sees_a_dot_segment_behind_a_backslash(string target) =>
        Assert.Equal(nameof(UrlPathFault.EncodedSlash), Fault(target, windowsRules: true));

    [Theory]
    [InlineData("/a%5Cb", "/a\\b")]
    [InlineData("/a\\b", "/a\\b")]
    [InlineData("/\\evil.example", "/\\evil.example")]
    [InlineData("/c:", "/c:")]
    [InlineData("/file.txt::$DATA", "/file.txt::$DATA")]
    [InlineData("/name.", "/name.")]
    [InlineData("/name%20", "/name ")]
    [InlineData("/...", "/...")]
    [InlineData("/a/..%20/b", "/a/.. /b")]
    [InlineData("/nul.txt", "/nul.txt")]
    [InlineData("/dir/COM1", "/dir/COM1")]
    [InlineData("/a%2a%22%3c%3e%7c%3f", "/a*\"<>|?")]
    [InlineData("/%01", "/\u0001")]
    [InlineData("/PROGRA~1/x", "/PROGRA~1/x")]
    public void Names_that_windows_reads_otherwise_are_refused_there_and_ordinary_elsewhere(string target, string decoded)
    {
        Assert.Equal(nameof(UrlPathFault.ReservedOnWindows), FileFault(target, windowsRules: true));
        Assert.Equal(decoded, Parse(target).Decoded);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/a/./b/../c/")]
    [InlineData("/.hidden/console.log")]
    public void Plain_names_and_dot_segments_are_accepted_on_windows(string target) =>
        Assert.Equal(nameof(UrlPathFault.None), Fault(target, windowsRules: true));

    [Fact]
    public void A_name_that_a_parent_segment_removes_is_checked_all_the_same()
    {
        Assert.Equal(OperatingSystem.IsLinux() ? nameof(UrlPathFault.None) : nameof(UrlPathFault.NotUtf8), FileFault("/%ff/..", windowsRules: false));
        Assert.Equal(nameof(UrlPathFault.ReservedOnWindows), FileFault("/nul/..", windowsRules: true));
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/a/b/", "/a/b/")]
    [InlineData("//evil.example/%2e%2e/evil.example//", "/evil.example/")]
    [InlineData("/%5cevil.example", "/%5Cevil.example")]
    [InlineData("/%41 b", "/A%20b")]
    [InlineData("/%252e%252e", "/%252e%252e")]
    [InlineData("/javascript:x", "/javascript%3Ax")]
    [InlineData("/%0d%0aSet-Cookie:x", "/%0D%0ASet-Cookie%3Ax")]
    [InlineData("/caf%c3%a9", "/caf%C3%A9")]
    public void The_encoded_form_is_canonical(string target, string encoded) => Assert.Equal(encoded, Parse(target).Encoded);

    [Theory]
    [InlineData("/", true)]
    [InlineData("/a", false)]
    [InlineData("/a/", true)]
    [InlineData("/a//", true)]
    [InlineData("/a/.", true)]
    [InlineData("/a/%2e", true)]
    [InlineData("/a/b/..", true)]
    [InlineData("/a/..", true)]
    [InlineData("/a/../b", false)]
    [InlineData("/a/...", false)]
    [InlineData("/a/?q/", true)]
    [InlineData("/a?q/", false)]
    public void A_last_segment_that_is_empty_or_of_dots_is_a_trailing_slash(string target, bool expected) =>
        Assert.Equal(expected, Parse(target).HasTrailingSlash);

    [Theory]
    [InlineData("/a", "")]
    [InlineData("/a?", "")]
    [InlineData("/a?x=1&y=%2e%2e/..", "x=1&y=%2e%2e/..")]
    [InlineData("/a?b?c", "b?c")]
    [InlineData("/?%zz%00\u00E9", "%zz%00\u00E9")]
    public void The_query_is_kept_raw(string target, string query) => Assert.Equal(query, Parse(target).Query);

    [Theory]
    [InlineData("/a/b", false)]
    [InlineData("/", false)]
    [InlineData("/a.b", false)]
    [InlineData("/./a/../b", false)]
    [InlineData("/.git/config", true)]
    [InlineData("/a/%2egit", true)]
    [InlineData("/a/.b/c", true)]
    [InlineData("/...", true)]
    [InlineData("/.a/../b", false)]
    public void A_segment_that_starts_with_a_dot_is_hidden(string target, bool expected) =>
        Assert.Equal(expected, Parse(target).HasHiddenSegment);

    [Theory]
    [InlineData("/cgi-bin/x", "/cgi-bin", true)]
    [InlineData("/cgi-bin/x", "/cgi-bin/", true)]
    [InlineData("/cgi-bin/x", "cgi-bin", true)]
    [InlineData("/cgi-bin", "/cgi-bin", true)]
    [InlineData("/cgi-bin/", "/cgi-bin", true)]
    [InlineData("/%63gi-bin/x", "/cgi-bin", true)]
    [InlineData("//x/..//cgi-bin/x", "/cgi-bin", true)]
    [InlineData("/cgi-binary", "/cgi-bin", false)]
    [InlineData("/cgi", "/cgi-bin", false)]
    [InlineData("/a/cgi-bin", "/cgi-bin", false)]
    [InlineData("/cgi-bin/../x", "/cgi-bin", false)]
    [InlineData("/a/b/c", "/a/b", true)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/a/bc", "/a/b", false)]
    [InlineData("/a", "/", true)]
    [InlineData("/", "/", true)]
    [InlineData("/a", "", true)]
    [InlineData("/", "/a", false)]
    public void Being_under_a_prefix_goes_by_segments(string target, string prefix, bool expected) =>
        Assert.Equal(expected, Parse(target).IsUnder(prefix));

    [Fact]
    public void Case_counts_for_a_prefix_but_on_windows()
    {
        Assert.False(Parse("/CGI-BIN/x").IsUnder("/cgi-bin"));
        UrlPath.TryParse("/CGI-BIN/x"u8, windowsRules: true, out var path);
        Assert.True(path!.IsUnder("/cgi-bin"));
        Assert.Equal("/CGI-BIN/x", path.Decoded);
    }

    [Fact]
    public void A_refused_target_gives_no_path()
    {
        UrlPath.TryParse("/.."u8, windowsRules: false, out var path);
        Assert.Null(path);
    }

    [Fact]
    public void A_long_path_is_read_like_a_short_one()
    {
        var path = Parse("/" + string.Concat(Enumerable.Repeat("x%20y/../", 1000)) + new string('z', 3000));
        Assert.Equal([new string('z', 3000)], path.Segments);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_accepted_is_canonical_and_stays_so(bool windowsRules)
    {
        string[] pieces =
        [
            "/", "/", "/", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", "%00", "%25", "%", "?", "#", ":", "~1", " ", "a", "con",
            "%c3%a9", "%c0%ae", "\u00C3\u00A9", "\0", "\u00FF",
        ];
        var random = new Random(20260615);
        var accepted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var target = RandomTarget(random, pieces);
            if (UrlPath.TryParse(target, windowsRules, out var path) != UrlPathFault.None)
            {
                Assert.Null(path);
                continue;
            }

            Assert.NotNull(path);
            Assert.All(path.RouteSegments, segment => Assert.DoesNotContain(segment.Split('/'), part => part is "." or ".."));
            if (path.FileFault != UrlPathFault.None)
                continue;
            accepted++;
            Assert.All(path.Segments, segment =>
            {
                Assert.False(segment is "" or "." or "..");
                Assert.DoesNotContain('/', segment);
                Assert.DoesNotContain('\0', segment);
            });
            Assert.False(path.Encoded.StartsWith("//", StringComparison.Ordinal));
            Assert.DoesNotContain('\\', path.Encoded);
            Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.ASCII.GetBytes(path.Encoded), windowsRules, out var again));
            Assert.Equal(path.Segments, again!.Segments);
            Assert.Equal(path.HasTrailingSlash, again.HasTrailingSlash);
            Assert.Equal(path.Encoded, again.Encoded);
        }

        Assert.InRange(accepted, 1000, 19_000);
    }

    // Half of the targets are random bytes, half random rows of the pieces that matter; nearly all start with a slash.
    private static byte[] RandomTarget(Random random, string[] pieces)
    {
        var start = random.Next(20) == 0 ? "" : "/";
        if (random.Next(2) == 0)
            return Encoding.Latin1.GetBytes(start + string.Concat(random.GetItems(pieces, random.Next(10))));

        var bytes = new byte[random.Next(24)];
        random.NextBytes(bytes);
        return [.. Encoding.Latin1.GetBytes(start), .. bytes];
    }

    private static UrlPath Parse(string target)
    {
        Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.Latin1.GetBytes(target), windowsRules: false, out var path));
        return path!;
    }

    private static string Fault(string target, bool windowsRules) =>
        UrlPath.TryParse(Encoding.Latin1.GetBytes(target), windowsRules, out _).ToString();

    private static string FileFault(string target, bool windowsRules)
    {
        UrlPath.TryParse(Encoding.Latin1.GetBytes(target), windowsRules, out var path);
        return path!.FileFault.ToString();
    }
}
