using System.Collections;
using System.Text;
using Http.Server.PowerShell.Handlers.Forms;

namespace Http.Server.PowerShell.Tests.Handlers.Forms;

public sealed class FormDataTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a=1", "a:1")]
    [InlineData("a=1&b=2", "a:1 b:2")]
    [InlineData("a", "a:")]
    [InlineData("a=", "a:")]
    [InlineData("=1", ":1")]
    [InlineData("&&a=1&", "a:1")]
    [InlineData("a=1=2", "a:1=2")]
    [InlineData("a=x+y%2B%26%3D", "a:x_y+&=")]
    [InlineData("%61=1", "a:1")]
    [InlineData("a=1&A=2&a=3", "a:1,2,3")]
    [InlineData("name=%C3%A4", "name:\u00e4")]
    [InlineData("a=%zz", "a:%zz")]
    [InlineData("a=%4", "a:%4")]
    [InlineData("a=%", "a:%")]
    [InlineData("%3D%26=%2", "=&:%2")]
    [InlineData("filter={\"a\":1}&q=<b>", "filter:{\"a\":1} q:<b>")]
    [InlineData("q=caf\u00e9", "q:caf\u00e9")]
    [InlineData("q=%FF", "q:\ufffd")]
    public void Names_and_values_are_decoded(string text, string expected) => Assert.Equal(expected, Show(FormFields.Parse(Encoding.UTF8.GetBytes(text), Encoding.UTF8)));

    [Fact]
    public void Another_encoding_is_taken_as_told() => Assert.Equal("a:\u00e4", Show(FormFields.Parse("a=%E4"u8, Encoding.Latin1)));

    [Fact]
    public void Fields_and_files_of_a_form_are_told_apart()
    {
        using var form = Read(
            Part("name=\"color\"", "red"),
            Part("name=\"color\"", "bl\u00e4u"),
            Part("name=\"photo\"; filename=\"C:\\\\pictures\\\\me.png\"\r\nContent-Type: image/png", "PNG"),
            Part("name=\"none\"; filename=\"\"", ""),
            Part("name=\"empty\"", ""));
        Assert.Equal("color:red,bl\u00e4u empty:", Show(form.Fields));
        var file = Assert.Single(form.Files);
        Assert.Equal(("photo", "me.png", "image/png", 3L), (file.Name, file.FileName, file.ContentType, file.Length));
        Assert.Equal("PNG", File.ReadAllText(file.Path));
    }

    [Fact]
    public void The_files_are_gone_with_the_form()
    {
        var form = Read(Part("name=\"a\"; filename=\"a\"", "1"), Part("name=\"b\"; filename=\"b\"", "2"));
        var paths = form.Files.Select(file => file.Path).ToList();
        Assert.Equal(2, paths.Distinct().Count());
        Assert.All(paths, path => Assert.True(File.Exists(path)));
        form.Dispose();
        Assert.All(paths, path => Assert.False(File.Exists(path)));
    }

    [Fact]
    public void A_file_can_be_read_and_kept()
    {
        var target = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (var form = Read(Part("name=\"a\"; filename=\"a.txt\"", "one")))
        {
            using var reader = new StreamReader(form.Files[0].OpenRead());
            Assert.Equal("one", reader.ReadToEnd());
            form.Files[0].SaveAs(target);
            Assert.Throws<IOException>(() => form.Files[0].SaveAs(target));
            form.Files[0].SaveAs(target, overwrite: true);
        }

        Assert.Equal("one", File.ReadAllText(target));
        File.Delete(target);
    }

    [Fact]
    public void A_file_is_for_the_servers_user_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes: a user's temporary folder is his own.");
        using var form = Read(Part("name=\"a\"; filename=\"a\"", "1"));
#pragma warning disable CA1416 // Not on Windows, as said.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(form.Files[0].Path));
#pragma warning restore CA1416
    }

    [Fact]
    public void A_broken_form_is_refused() =>
        Assert.Equal(400, Assert.Throws<RequestFaultException>(() => Read("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nend")).Status);

    [Fact]
    public void A_form_has_ten_thousand_parts_and_no_more()
    {
        var parts = Enumerable.Repeat(Part("name=\"a\"", "1"), 10_000).ToArray();
        using var form = Read(parts);
        Assert.Equal(10_000, Assert.IsType<string[]>(form.Fields["a"]).Length);
        Assert.Equal(413, Assert.Throws<RequestFaultException>(() => Read([.. parts, parts[0]])).Status);
    }

    [Fact]
    public void All_fields_together_are_limited_and_files_are_not()
    {
        var limits = new HttpServerOptions { MaxFormSize = 10 };
        using var form = Read(limits, Part("name=\"a\"", "12345"), Part("name=\"f\"; filename=\"f\"", new string('x', 1000)), Part("name=\"b\"", "67890"));
        Assert.Equal("a:12345 b:67890", Show(form.Fields));
        var fault = Assert.Throws<RequestFaultException>(() => Read(limits, Part("name=\"a\"", "12345"), Part("name=\"b\"", "67890"), Part("name=\"c\"", "1")));
        Assert.Equal((413, "The fields of the form are longer than 10 bytes"), (fault.Status, fault.Message));
    }

    [Fact]
    public void Fields_are_counted_whether_their_names_differ_or_not()
    {
        Assert.Equal("a:1,2 b:3", Show(FormFields.Parse("a=1&&a=2&b=3"u8, Encoding.UTF8, 3)));
        var fault = Assert.Throws<RequestFaultException>(() => FormFields.Parse("a=1&a=2&b=3&c"u8, Encoding.UTF8, 3, 413, "too many"));
        Assert.Equal((413, "too many"), (fault.Status, fault.Message));
    }

    [Fact]
    public void A_field_is_limited_and_a_file_is_not()
    {
        var content = new string('x', (4 * 1024 * 1024) + 1);
        using var form = Read(Part("name=\"a\"", content[1..]), Part("name=\"b\"; filename=\"b\"", content));
        Assert.Equal(content[1..], form.Fields["a"]);
        Assert.Equal(content.Length, form.Files[0].Length);
        Assert.Equal(413, Assert.Throws<RequestFaultException>(() => Read(Part("name=\"a\"", content))).Status);
    }

    private static FormData Read(params string[] parts) => Read(new HttpServerOptions(), parts);

    private static FormData Read(HttpServerOptions limits, params string[] parts) =>
        FormData.Read(new MultipartReader(new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(parts) + "--x--\r\n")), "x"), limits);

    private static string Part(string disposition, string content) => $"--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n";

    /// <summary>A table in one line; spaces are shown as underscores.</summary>
    private static string Show(Hashtable table) => string.Join(' ', table.Cast<DictionaryEntry>()
        .Select(entry => $"{entry.Key}:{(entry.Value is string[] several ? string.Join(',', several) : entry.Value)}".Replace(' ', '_'))
        .Order(StringComparer.Ordinal));
}
