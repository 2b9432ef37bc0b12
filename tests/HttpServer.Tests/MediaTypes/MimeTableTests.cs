using System.Text;
using Http.Server.MediaTypes;

namespace Http.Server.Tests.MediaTypes;

public class MimeTableTests
{
    private static readonly string[] Lines = Encoding.ASCII.GetString(MimeTable.Lines).Split('\n');

    [Fact]
    public void Every_line_is_a_lower_case_extension_a_space_and_a_media_type() =>
        Assert.All(Lines, line => Assert.Matches("^[a-z0-9_-]+ [a-z-]+/[a-z0-9][a-z0-9!#$&^_.+-]*$", line));

    [Fact]
    public void Extensions_are_in_ordinal_order_without_duplicates()
    {
        string[] extensions = [.. Lines.Select(line => line[..line.IndexOf(' ')])];
        Assert.Equal(extensions.Distinct().Order(StringComparer.Ordinal), extensions);
    }

    [Fact]
    public void Every_line_is_found_by_its_extension_in_both_cases()
    {
        Assert.Equal(MimeTable.Count, Lines.Length);
        for (int i = 0; i < Lines.Length; i++)
        {
            string[] line = Lines[i].Split(' ');
            Assert.Equal(i, MimeTable.IndexOf(line[0]));
            Assert.Equal(i, MimeTable.IndexOf(line[0].ToUpperInvariant()));
            Assert.Equal(line[1], MimeTable.MediaTypeAt(i));
        }
    }

    [Fact]
    public void A_type_is_one_instance_also_when_threads_ask_at_once()
    {
        int index = MimeTable.IndexOf("x3dv");
        var types = new string[64];
        Parallel.For(0, types.Length, i => types[i] = MimeTable.MediaTypeAt(index));
        Assert.All(types, type => Assert.Same(types[0], type));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("!")]
    [InlineData("~")]
    [InlineData("htmlx")]
    [InlineData("ht")]
    [InlineData("zzzzzz")]
    [InlineData("000")]
    [InlineData("\u00E9")]
    [InlineData("\u0130co")]
    public void What_is_not_in_the_table_is_not_found(string extension) => Assert.Equal(-1, MimeTable.IndexOf(extension));

    [Fact]
    public void The_text_of_the_table_itself_is_not_an_extension()
    {
        Assert.All(Lines, line => Assert.Equal(-1, MimeTable.IndexOf(line)));
        Assert.All(Lines.Zip(Lines.Skip(1)), pair =>
            Assert.Equal(-1, MimeTable.IndexOf($"{pair.First}\n{pair.Second.Split(' ')[0]}")));
    }

    [Theory]
    [InlineData("text/html", "html htm")]
    [InlineData("text/css", "css")]
    [InlineData("text/javascript", "js mjs cjs")]
    [InlineData("text/markdown", "md markdown")]
    [InlineData("text/csv", "csv")]
    [InlineData("text/vtt", "vtt")]
    [InlineData("text/calendar", "ics")]
    [InlineData("text/vcard", "vcf vcard")]
    [InlineData("text/plain", "txt text log ini cfg conf ps1 psm1 psd1 py sh c h cpp cs go rs java rb pl bat cmd diff patch tsx")]
    [InlineData("application/json", "json map")]
    [InlineData("application/manifest+json", "webmanifest")]
    [InlineData("application/wasm", "wasm")]
    [InlineData("application/xml", "xml csproj ps1xml")]
    [InlineData("application/xhtml+xml", "xhtml")]
    [InlineData("application/yaml", "yaml yml")]
    [InlineData("application/toml", "toml")]
    [InlineData("application/rtf", "rtf")]
    [InlineData("application/pdf", "pdf")]
    [InlineData("application/octet-stream", "bin exe dll msi iso dmg deb z")]
    [InlineData("application/zip", "zip")]
    [InlineData("application/gzip", "gz tgz svgz")]
    [InlineData("application/zstd", "zst")]
    [InlineData("application/x-bzip2", "bz2")]
    [InlineData("application/x-xz", "xz")]
    [InlineData("application/x-tar", "tar")]
    [InlineData("application/x-7z-compressed", "7z")]
    [InlineData("application/vnd.rar", "rar")]
    [InlineData("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")]
    [InlineData("font/woff", "woff")]
    [InlineData("font/woff2", "woff2")]
    [InlineData("font/ttf", "ttf")]
    [InlineData("font/otf", "otf")]
    [InlineData("image/svg+xml", "svg")]
    [InlineData("image/x-icon", "ico")]
    [InlineData("image/png", "png")]
    [InlineData("image/apng", "apng")]
    [InlineData("image/jpeg", "jpg jpeg jfif")]
    [InlineData("image/gif", "gif")]
    [InlineData("image/bmp", "bmp")]
    [InlineData("image/webp", "webp")]
    [InlineData("image/avif", "avif")]
    [InlineData("image/jxl", "jxl")]
    [InlineData("audio/wav", "wav")]
    [InlineData("audio/mpeg", "mp3")]
    [InlineData("audio/mp4", "m4a")]
    [InlineData("audio/flac", "flac")]
    [InlineData("audio/ogg", "ogg opus")]
    [InlineData("audio/aac", "aac")]
    [InlineData("video/mp4", "mp4")]
    [InlineData("video/webm", "webm")]
    [InlineData("video/mp2t", "ts mts m2ts")]
    [InlineData("model/stl", "stl")]
    public void Well_known_extensions_have_the_type_that_browsers_and_users_expect(string mediaType, string extensions) =>
        Assert.All(extensions.Split(' '), extension =>
            Assert.Equal(mediaType, MimeTable.MediaTypeAt(MimeTable.IndexOf(extension))));
}
