using System.Text;
using System.Xml.Linq;
using Http.Server.Content;
using Http.Server.Tests.Support;
using Http.Server.Text;

namespace Http.Server.Tests.Content;

public class ListingPageTests
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
        Assert.Contains($"<td>{expected}</td>", Render("/", Entry("a", size: size)), StringComparison.Ordinal);

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
        Assert.DoesNotContain("../", Render("/"), StringComparison.Ordinal);
        Assert.Contains("<a href=\"../\">../</a>", Render("/a/"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_title_names_the_decoded_path_escaped()
    {
        var page = Render("/a%20b/%3Ci%3E&amp;%0A/");
        Assert.Contains("<title>Directory listing for /a b/&lt;i&gt;&amp;amp;\n/</title>", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Directory listing for /a b/&lt;i&gt;&amp;amp;\n/</h1>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_well_formed_for_every_name()
    {
        // Beside its doctype and its void elements the page is XML too, which a strict parser can check.
        var page = Render("/%3C%26%22/", [.. HostileNames.All.Select((name, at) => Entry(name, at % 2 == 0 ? EntryKind.File : EntryKind.Directory, at % 3 == 0))]);
        var document = XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("\">\n<meta", "\"/>\n<meta", StringComparison.Ordinal).Replace("\">\n<title>", "\"/>\n<title>", StringComparison.Ordinal));
        Assert.Equal(["head", "body"], document.Root!.Elements().Select(element => element.Name.LocalName));
        var rows = document.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(HostileNames.All.Count() + 1, rows.Count);
        Assert.All(rows, row => Assert.Equal(3, row.Elements("td").Count()));
        Assert.All(document.Descendants(), element => Assert.All(element.Attributes(), attribute =>
            Assert.Contains(attribute.Name.LocalName, new[] { "lang", "charset", "name", "content", "scope", "href" })));
    }

    [Fact]
    public void An_empty_directory_is_a_page_too() => Assert.Empty(Listing.NamesOf(Render("/")));

    private static ListingEntry Entry(string name, EntryKind kind = EntryKind.File, bool isLink = false, long size = 0) =>
        new(name, kind, isLink, size, new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc));

    private static string Render(string path, params ListingEntry[] entries)
    {
        Assert.Equal(UrlPathFault.None, UrlPath.TryParse(Encoding.ASCII.GetBytes(path), false, out var url));
        return Encoding.UTF8.GetString(ListingPage.Render(url!, entries));
    }
}
