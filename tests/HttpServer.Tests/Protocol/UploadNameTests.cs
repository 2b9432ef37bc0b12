using Http.Server.Protocol;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Protocol;

public sealed class UploadNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("new\nline")]
    [InlineData("\u001b[31m")]
    [InlineData("\u007f")]
    [InlineData("\u0085")]
    [InlineData("trailing.")]
    [InlineData("trailing ")]
    [InlineData(".httpserver-upload-x")]
    [InlineData(".HTTPServer-Upload-0.tmp")]
    public void A_name_is_refused_that_no_file_should_have(string name)
    {
        Assert.NotNull(UploadName.FindFault(name, windowsRules: false));
        Assert.NotNull(UploadName.FindFault(name, windowsRules: true));
    }

    [Theory]
    [InlineData("a\\b")]
    [InlineData("a:b")]
    [InlineData("con")]
    [InlineData("NUL.txt")]
    [InlineData("PROGRA~1")]
    public void What_Windows_reads_otherwise_is_refused_there(string name)
    {
        Assert.Null(UploadName.FindFault(name, windowsRules: false));
        Assert.NotNull(UploadName.FindFault(name, windowsRules: true));
    }

    [Fact]
    public void A_name_has_255_bytes_at_most()
    {
        Assert.Null(UploadName.FindFault(new string('x', 255), windowsRules: false));
        Assert.NotNull(UploadName.FindFault(new string('x', 256), windowsRules: false));
        Assert.NotNull(UploadName.FindFault(new string('\u00e9', 128), windowsRules: false));
        Assert.Null(UploadName.FindFault(new string('\u00e9', 255), windowsRules: true));
    }

    [Fact]
    public void Half_a_character_is_refused() => Assert.All(
        new[] { "\ud83d", "a\ude00b", "\ufffd\ud83d", "\ude00\ud83d", "\ud83d\ude00\ude00" }, name => Assert.NotNull(UploadName.FindFault(name, windowsRules: false)));

    [Fact]
    public void Usual_and_unusual_names_are_taken() => Assert.All(
        HostileNames.Everywhere.Except(["\u0085"]), name => Assert.Null(UploadName.FindFault(name, windowsRules: false)));

    [Fact]
    public void Temporary_names_are_recognised_and_never_twice_the_same()
    {
        var names = Enumerable.Range(0, 100).Select(_ => UploadName.MakeTemporary()).ToList();
        Assert.All(names, name => Assert.True(UploadName.IsTemporary(name) && UploadName.IsMade(name)));
        Assert.Equal(100, names.Distinct().Count());
        Assert.False(UploadName.IsTemporary(".httpserver-uploads"));
    }

    /// <summary>What is removed unasked must be the server's own beyond doubt.</summary>
    [Theory]
    [InlineData(".httpserver-upload-.tmp")]
    [InlineData(".httpserver-upload-notes.tmp")]
    [InlineData(".httpserver-upload-0123456789abcdef0123456789abcde.tmp")]
    [InlineData(".httpserver-upload-0123456789abcdef0123456789abcdef0.tmp")]
    [InlineData(".httpserver-upload-0123456789ABCDEF0123456789abcdef.tmp")]
    [InlineData(".httpserver-upload-0123456789abcdeg0123456789abcdef.tmp")]
    [InlineData(".httpserver-upload-0123456789abcdef0123456789abcdef.tmq")]
    [InlineData(".HTTPSERVER-upload-0123456789abcdef0123456789abcdef.tmp")]
    [InlineData(".httpserver-upload-0123456789abcdef0123456789abcdef.tmp~")]
    [InlineData("xhttpserver-upload-0123456789abcdef0123456789abcdef.tmp")]
    public void A_name_that_is_merely_like_a_temporary_one_is_none(string name) => Assert.False(UploadName.IsMade(name));
}
