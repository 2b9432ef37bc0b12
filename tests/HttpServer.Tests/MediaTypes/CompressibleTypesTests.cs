using System.Text;
using Http.Server.MediaTypes;

namespace Http.Server.Tests.MediaTypes;

public sealed class CompressibleTypesTests
{
    [Theory]
    [InlineData("html css js mjs txt md csv svg json map webmanifest xml xhtml wasm ttf otf ttc eot ico bmp yaml toml ndjson jsonl ps1 geojson gltf rss vtt sh rtf", true)]
    [InlineData("png jpg gif webp avif jxl mp4 webm mp3 ogg woff woff2 zip gz tgz br zst 7z xz bz2 pdf docx jar bin exe iso tar ova dmg svgz", false)]
    public void Types_of_well_known_extensions_shrink_or_do_not(string extensions, bool shrinks) =>
        Assert.All(extensions.Split(' '), extension =>
            Assert.True(CompressibleTypes.Contains(MimeTypes.GuessType("a." + extension)) == shrinks, $".{extension}: {MimeTypes.GuessType("a." + extension)}"));

    [Theory]
    [InlineData("text/html; charset=utf-8", true)]
    [InlineData("TEXT/HTML", true)]
    [InlineData("Application/JSON;charset=utf-8", true)]
    [InlineData("application/json ; a=b", true)]
    [InlineData("application/vnd.unknown+json", true)]
    [InlineData("image/svg+xml;x", true)]
    [InlineData("application/octet-stream", false)]
    [InlineData("application/jso", false)]
    [InlineData("pplication/json", false)]
    [InlineData("application/json\napplication/xml", false)]
    [InlineData("", false)]
    [InlineData(";", false)]
    [InlineData("application/j\u00e9son", false)]
    public void A_type_is_read_without_its_parameters_in_any_case(string contentType, bool shrinks) =>
        Assert.Equal(shrinks, CompressibleTypes.Contains(contentType));

    [Fact]
    public void A_very_long_type_is_unknown() => Assert.False(CompressibleTypes.Contains("application/" + new string('x', 10_000)));

    [Fact]
    public void Every_line_of_the_list_is_a_type_and_found()
    {
        string[] types = Encoding.ASCII.GetString(CompressibleTypes.Lines).Trim('\n').Split('\n');
        Assert.Equal(types.Distinct().Order(StringComparer.Ordinal), types);
        Assert.All(types, type => Assert.Matches("^[a-z-]+/[a-z0-9][a-z0-9+.-]*$", type));
        Assert.All(types, type => Assert.True(CompressibleTypes.Contains(type)));
    }
}
