using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Http.Server.Files;
using Http.Server.Listings;
using Http.Server.Protocol;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Listings;

public partial class ListingPageTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1024 * 1024 - 1, "1.0 MiB")]
    [InlineData(1024 * 1024, "1.0 MiB")]
    [InlineData(5L << 30, "5.0 GiB")]
    [InlineData(3L << 40, "3.0 TiB")]
    [InlineData(long.MaxValue, "8.0 EiB")]
    public void Sizes_are_short(long size, string expected) =>
        Assert.Contains($">{expected}<td><time>", Render("/", Entry("a", size: size)), StringComparison.Ordinal);

    [Theory]
    [InlineData("a", EntryKind.File, false, "<a href=\"a\">a</a>")]
    [InlineData("a", EntryKind.Directory, false, "<a href=\"a/\">a/</a>")]
    [InlineData("a", EntryKind.File, true, "<a href=\"a\">a@</a>")]
    [InlineData("a", EntryKind.Directory, true, "<a href=\"a/\">a@</a>")]
    [InlineData("a&amp;b", EntryKind.File, false, "<a href=\"a%26amp;b\">a&amp;amp;b</a>")]
    [InlineData("\"'<>", EntryKind.File, false, "<a href=\"%22%27%3C%3E\">&quot;&#x27;&lt;&gt;</a>")]
    [InlineData("javascript:alert(1)", EntryKind.File, false, "<a href=\"javascript%3Aalert(1)\">javascript:alert(1)</a>")]
    [InlineData("\\\\evil", EntryKind.Directory, false, "<a href=\"%5C%5Cevil/\">\\\\evil/</a>")]
    [InlineData("%2e#?", EntryKind.File, false, "<a href=\"%252e%23%3F\">%2e#?</a>")]
    [InlineData("\u0001\u007f", EntryKind.File, false, "<a href=\"%01%7F\">\u2401\u2421</a>")]
    [InlineData("é", EntryKind.File, false, "<a href=\"%C3%A9\">é</a>")]
    internal void A_name_is_escaped_as_text_and_encoded_as_a_link(string name, EntryKind kind, bool isLink, string expected) =>
        Assert.Contains(expected, Render("/", Entry(name, kind, isLink)), StringComparison.Ordinal);

    [Fact]
    public void Only_the_root_has_no_link_to_its_parent()
    {
        Assert.DoesNotContain("<a href=\"../", Render("/"), StringComparison.Ordinal);
        Assert.Contains("<a href=\"../\">../</a>", Render("/a/"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_title_names_the_decoded_path_escaped() => Assert.Contains(
        "<title>Directory listing for /a b/&lt;i&gt;&amp;amp;\n/</title>", Render("/a%20b/%3Ci%3E&amp;%0A/"), StringComparison.Ordinal);

    [Fact]
    public void The_heading_is_the_way_from_the_root_to_here_by_canonical_paths()
    {
        Assert.Contains("<h1><span aria-current=\"page\">Home</span></h1>", Render("/"), StringComparison.Ordinal);
        Assert.Contains(
            "<h1><a href=\"/\">Home</a><i aria-hidden=\"true\">/</i><a href=\"/a%20b/\">a b</a><i aria-hidden=\"true\">/</i>"
            + "<a href=\"/a%20b/%22%3E/\">&quot;&gt;</a><i aria-hidden=\"true\">/</i><span aria-current=\"page\">&lt;i&gt;</span></h1>",
            Render("//a%20b/./%22%3E/x/..//%3Ci%3E/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "name ascending", "?sort=-name ?sort=size ?sort=date", "")]
    [InlineData("sort=name", "name ascending", "?sort=-name ?sort=size ?sort=date", "")]
    [InlineData("sort=-name", "name descending", "?sort=name ?sort=size ?sort=date", "?sort=-name")]
    [InlineData("sort=size", "size ascending", "?sort=name ?sort=-size ?sort=date", "?sort=size")]
    [InlineData("sort=-size&x=y", "size descending", "?sort=name ?sort=size ?sort=date", "?sort=-size")]
    [InlineData("a=b&sort=date", "date ascending", "?sort=name ?sort=size ?sort=-date", "?sort=date")]
    [InlineData("sort=-date&format=html", "date descending", "?sort=name ?sort=size ?sort=date", "?sort=-date")]
    public void A_column_that_sorts_says_so_and_the_links_to_directories_keep_the_order(string query, string sorted, string links, string suffix)
    {
        var page = Render("/a/b/?" + query, Entry("d", EntryKind.Directory), Entry("f"));
        var columns = page.Split("<thead>")[1].Split("</thead>")[0];
        var sort = sorted.Split(' ');
        var titles = new Dictionary<string, string> { ["name"] = "Name", ["size"] = "Size", ["date"] = "Modified" };
        var at = links.Split(' ')[Array.IndexOf(["name", "size", "date"], sort[0])];
        Assert.Contains($"<th scope=\"col\" aria-sort=\"{sort[1]}\"><a href=\"{at}\">{titles[sort[0]]}</a></th>", columns, StringComparison.Ordinal);
        Assert.Equal(2, columns.Split("aria-sort").Length);
        Assert.Equal(links.Split(' '), columns.Split("<a href=\"").Skip(1).Select(text => text.Split('"')[0]));
        foreach (var link in new[] { $"\"/{suffix}\"", $"\"/a/{suffix}\"", $"\"../{suffix}\"", $"\"d/{suffix}\"", "\"f\"" })
            Assert.Contains("<a href=" + link, page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_caption_counts_what_is_there()
    {
        Assert.Contains("<caption>This directory is empty</caption>", Render("/"), StringComparison.Ordinal);
        Assert.Contains("<caption>1 directory</caption>", Render("/", Entry("a", EntryKind.Directory, size: 4096)), StringComparison.Ordinal);
        Assert.Contains("<caption>1 file, 12 B</caption>", Render("/", Entry("a", size: 12)), StringComparison.Ordinal);
        Assert.Contains("<caption>2 directories, 1,000 files, 1.0 MiB</caption>",
            Render("/", [Entry("a", EntryKind.Directory), Entry("b", EntryKind.Directory), .. Enumerable.Range(0, 1000).Select(at => Entry("f" + at, size: 1049))]), StringComparison.Ordinal);
        Assert.Contains("<caption>2 files, 8.0 EiB</caption>", Render("/", Entry("a", size: long.MaxValue), Entry("b", size: long.MaxValue)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2021-03-04T05:06:07Z")]
    [InlineData("2021-07-04T05:06:07Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:00Z")]
    [InlineData("1845-01-01T00:00:00Z")]
    public void A_time_is_local_and_tells_which_moment_it_is(string moment)
    {
        var utc = DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture).UtcDateTime;
        var page = Render("/", new DirectoryEntry("a", EntryKind.File, false, 0, utc));
        var text = page.Split("<time>")[1].Split("</time>")[0];
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$", text);
        if (utc.Year is > 1 and < 9999)
            Assert.Equal(utc.AddSeconds(-utc.Second), DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcDateTime);
    }

    [Fact]
    public void The_page_is_well_formed_for_every_name()
    {
        // With the end tags that HTML leaves out and beside its doctype and its void elements the page is XML too, which a strict parser can check.
        var page = Render("/%3C%26%22/", [.. HostileNames.All.Select((name, at) => Entry(name, at % 2 == 0 ? EntryKind.File : EntryKind.Directory, at % 3 == 0, at * 1000))]);
        var document = XDocument.Parse(VoidElement().Replace(page, "$1/>")
            .Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("<td", "</td><td", StringComparison.Ordinal)
            .Replace("<tr><td", "</td></tr><tr><td", StringComparison.Ordinal)
            .Replace("<tr></td>", "</td></tr><tr>", StringComparison.Ordinal)
            .Replace("<tr id=\"up\"></td>", "<tr id=\"up\">", StringComparison.Ordinal)
            .Replace("</tbody>", "</td></tr></tbody>", StringComparison.Ordinal)
            .Replace(" hidden/>", " hidden=\"\"/>", StringComparison.Ordinal)
            .Replace("</style>", "]]></style>", StringComparison.Ordinal).Replace("<style>", "<style><![CDATA[", StringComparison.Ordinal)
            .Replace("</script>", "]]></script>", StringComparison.Ordinal).Replace("<script>", "<script><![CDATA[", StringComparison.Ordinal));
        Assert.Equal(["head", "body"], document.Root!.Elements().Select(element => element.Name.LocalName));
        var rows = document.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(HostileNames.All.Count() + 1, rows.Count);
        Assert.All(rows, row => Assert.Equal(3, row.Elements("td").Count()));
        Assert.All(document.Descendants("tbody").Single().DescendantsAndSelf(), element => Assert.All(element.Attributes(), attribute =>
            Assert.Contains(attribute.Name.LocalName, new[] { "href", "title", "id" })));
        Assert.Equal(["style", "script"], document.Descendants().Where(element => element.Name.LocalName is "style" or "script").Select(element => element.Name.LocalName));
        Assert.DoesNotContain(document.Descendants(), element => element.Attributes().Any(attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [InlineData("/", false, "action=\"/\" data-most=\"1000\">")]
    [InlineData("/a%20b/%22/?sort=size", true, "action=\"/a%20b/%22/\" data-most=\"1000\" data-over=\"\">")]
    [InlineData("/a/b/../.", false, "action=\"/a/\" data-most=\"1000\">")]
    public void A_page_that_takes_files_in_has_a_form_of_its_own_address(string path, bool isOverwriting, string expected)
    {
        UrlPath.TryParse(Encoding.ASCII.GetBytes(path), false, out var url);
        var shape = new ListingShape(ListingFormat.Html, HasArchives: false, new ListingUploads(true, isOverwriting, 1000));
        var page = Encoding.UTF8.GetString(ListingPage.Render(url!, [Entry("a")], ListingQuery.Parse(url!.Query), shape).ToArray());
        Assert.Contains("<form id=\"send\" method=\"post\" enctype=\"multipart/form-data\" " + expected, page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", Render(path, Entry("a")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_directory_is_a_page_too() => Assert.Empty(Listing.NamesOf(Render("/")));

    [Fact]
    public void A_large_listing_stays_small()
    {
        // What goes over the wire is what it costs: some 8 KiB once, and for a row little more than its name twice.
        var page = Render("/", [.. Enumerable.Range(0, 1000).Select(at => Entry($"file-{at:0000}.txt", size: 1024))]);
        Assert.InRange(page.Length, 1, 10_000 + (1000 * (90 + (2 * 13))));
    }

    private static DirectoryEntry Entry(string name, EntryKind kind = EntryKind.File, bool isLink = false, long size = 0) =>
        new(name, kind, isLink, size, new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc));

    private static string Render(string path, params DirectoryEntry[] entries)
    {
        Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.ASCII.GetBytes(path), false, out var url));
        return Encoding.UTF8.GetString(ListingPage.Render(url!, entries, ListingQuery.Parse(url!.Query), default).ToArray());
    }

    [GeneratedRegex("(<(?:meta|link|input)[^>]*)>")]
    private static partial Regex VoidElement();
}
