namespace Http.Server.Tests.MediaTypes;

public class MimeTypesTests
{
    [Theory]
    [InlineData("index.html", "text/html; charset=utf-8")]
    [InlineData("a.css", "text/css; charset=utf-8")]
    [InlineData("a.txt", "text/plain; charset=utf-8")]
    [InlineData("a.ps1", "text/plain; charset=utf-8")]
    [InlineData("a.js", "text/javascript; charset=utf-8")]
    [InlineData("a.mjs", "text/javascript; charset=utf-8")]
    [InlineData("a.json", "application/json")]
    [InlineData("a.xml", "application/xml")]
    [InlineData("a.svg", "image/svg+xml")]
    [InlineData("a.png", "image/png")]
    [InlineData("a.wasm", "application/wasm")]
    public void Text_types_and_javascript_have_a_charset_and_others_do_not(string path, string expected) =>
        Assert.Equal(expected, MimeTypes.GuessType(path));

    [Theory]
    [InlineData("PHOTO.JPG", "image/jpeg")]
    [InlineData("Photo.JpEg", "image/jpeg")]
    [InlineData("A.Z", "application/octet-stream")]
    [InlineData("Read.ME.HTML", "text/html; charset=utf-8")]
    public void The_case_of_an_extension_does_not_matter(string path, string expected) =>
        Assert.Equal(expected, MimeTypes.GuessType(path));

    [Theory]
    [InlineData("a.tar.gz", "application/gzip")]
    [InlineData("a.svg.gz", "application/gzip")]
    [InlineData("a.html.gz", "application/gzip")]
    [InlineData("a.tgz", "application/gzip")]
    [InlineData("a.svgz", "application/gzip")]
    [InlineData("a.tar.bz2", "application/x-bzip2")]
    [InlineData("a.tar.xz", "application/x-xz")]
    [InlineData("a.tar.zst", "application/zstd")]
    [InlineData("a.tar.Z", "application/octet-stream")]
    [InlineData("a.js.br", "application/x-brotli")]
    [InlineData("jquery.min.js", "text/javascript; charset=utf-8")]
    [InlineData("a.gz.txt", "text/plain; charset=utf-8")]
    public void The_last_of_several_suffixes_tells_the_type(string path, string expected) =>
        Assert.Equal(expected, MimeTypes.GuessType(path));

    [Theory]
    [InlineData("")]
    [InlineData("README")]
    [InlineData("html")]
    [InlineData("a.")]
    [InlineData("a.nosuchextension")]
    [InlineData("a.html ")]
    [InlineData("a.html~")]
    [InlineData("a.ht\u217Fl")]
    [InlineData("a.m\u212Av")]
    public void An_unknown_or_missing_extension_is_a_byte_stream(string path) =>
        Assert.Equal("application/octet-stream", MimeTypes.GuessType(path));

    [Theory]
    [InlineData(".bashrc", "application/octet-stream")]
    [InlineData(".html", "application/octet-stream")]
    [InlineData("/home/me/.html", "application/octet-stream")]
    [InlineData("..html", "application/octet-stream")]
    [InlineData(".", "application/octet-stream")]
    [InlineData("..", "application/octet-stream")]
    [InlineData("...", "application/octet-stream")]
    [InlineData(".config.json", "application/json")]
    [InlineData("..a.json", "application/json")]
    [InlineData("a..json", "application/json")]
    public void Leading_dots_belong_to_the_name(string path, string expected) =>
        Assert.Equal(expected, MimeTypes.GuessType(path));

    [Theory]
    [InlineData("/site.html/README", "application/octet-stream")]
    [InlineData("/site.html/", "application/octet-stream")]
    [InlineData("/v1.2/data.json", "application/json")]
    [InlineData("../a.png", "image/png")]
    [InlineData("/.hidden/a.png", "image/png")]
    public void Dots_in_folders_do_not_count(string path, string expected) =>
        Assert.Equal(expected, MimeTypes.GuessType(path));

    [Fact]
    public void A_backslash_separates_on_Windows_only()
    {
        Assert.Equal(OperatingSystem.IsWindows() ? MimeTypes.Default : "image/png", MimeTypes.GuessType(@"folder\.png"));
        Assert.Equal("image/png", MimeTypes.GuessType(@"site.html\a.png"));
    }

    [Fact]
    public void The_same_extension_gives_the_same_string()
    {
        Assert.Same(MimeTypes.GuessType("a.html"), MimeTypes.GuessType("B.HTML"));
        Assert.True(MimeTypes.TryGetType("html", out string? first));
        Assert.True(MimeTypes.TryGetType(".HTML", out string? second));
        Assert.Same(first, second);
    }

    [Theory]
    [InlineData("html", "text/html")]
    [InlineData(".html", "text/html")]
    [InlineData(".HTML", "text/html")]
    [InlineData("7z", "application/x-7z-compressed")]
    public void An_extension_is_found_with_or_without_its_dot(string extension, string expected)
    {
        Assert.True(MimeTypes.TryGetType(extension, out string? mediaType));
        Assert.Equal(expected, mediaType);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..html")]
    [InlineData("htm l")]
    [InlineData("html ")]
    [InlineData("html text")]
    [InlineData("html\n")]
    [InlineData("a.html")]
    public void What_is_not_an_extension_is_not_found(string extension)
    {
        Assert.False(MimeTypes.TryGetType(extension, out string? mediaType));
        Assert.Null(mediaType);
    }

    [Theory]
    [InlineData("text/html", "text/html; charset=utf-8")]
    [InlineData("Text/X-Own", "Text/X-Own; charset=utf-8")]
    [InlineData("application/javascript", "application/javascript; charset=utf-8")]
    [InlineData("text/html; charset=iso-8859-1", "text/html; charset=iso-8859-1")]
    [InlineData("text/plain;format=flowed", "text/plain;format=flowed")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/xml", "application/xml")]
    [InlineData("application/xhtml+xml", "application/xhtml+xml")]
    [InlineData("image/svg+xml", "image/svg+xml")]
    [InlineData("textual/plain", "textual/plain")]
    [InlineData("", "")]
    public void A_charset_is_added_where_it_has_a_meaning_and_none_is_given(string mediaType, string expected) =>
        Assert.Equal(expected, MimeTypes.WithCharset(mediaType));

    [Fact]
    public void Null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => MimeTypes.GuessType(null!));
        Assert.Throws<ArgumentNullException>(() => MimeTypes.WithCharset(null!));
    }
}
