using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class ContentDispositionTests
{
    [Theory]
    [InlineData("photos.zip", "attachment; filename=\"photos.zip\"")]
    [InlineData("a b(1).tar", "attachment; filename=\"a b(1).tar\"")]
    [InlineData("ünï.zip", "attachment; filename=\"_n_.zip\"; filename*=UTF-8''%C3%BCn%C3%AF.zip")]
    [InlineData("😀.zip", "attachment; filename=\"_.zip\"; filename*=UTF-8''%F0%9F%98%80.zip")]
    [InlineData("100%41.zip", "attachment; filename=\"100_41.zip\"; filename*=UTF-8''100%2541.zip")]
    [InlineData("a\"; filename=\"b", "attachment; filename=\"a_; filename=_b\"")]
    [InlineData("a\r\nX: y\0.zip", "attachment; filename=\"a__X_ y_.zip\"")]
    [InlineData("../\\..\\x", "attachment; filename=\"..__.._x\"")]
    [InlineData("\u202egpj.zip", "attachment; filename=\"_gpj.zip\"")]
    [InlineData("it's*.zip", "attachment; filename=\"it's_.zip\"")]
    public void A_download_has_a_name_that_is_safe_to_save(string fileName, string expected) =>
        Assert.Equal(expected, ContentDisposition.Attachment(fileName));

    [Theory]
    [InlineData("form-data; name=\"a\"", "a", null)]
    [InlineData("form-data; name=\"a\"; filename=\"b.txt\"", "a", "b.txt")]
    [InlineData("Form-Data;NAME=a;FileName=b.txt", "a", "b.txt")]
    [InlineData("form-data ; name=\"a\" ;\tfilename=\"b\" ; ", "a", "b")]
    [InlineData("form-data; filename=\"b\"; name=\"a\"", "a", "b")]
    [InlineData("form-data; name=\"\"; filename=\"\"", "", "")]
    [InlineData("form-data; name=\"a; filename=b\"", "a; filename=b", null)]
    [InlineData("form-data; name=list[0]; filename=a.b", "list[0]", "a.b")]
    [InlineData("attachment; filename=\"b\"; size=5", null, "b")]
    [InlineData("form-data; name=\"日本 😀\"; filename=\"ü.txt\"", "日本 😀", "ü.txt")]
    [InlineData("form-data", null, null)]
    [InlineData("form-data;", null, null)]
    [InlineData(null, null, null)]
    public void Name_and_file_name_are_parameters(string? value, string? name, string? fileName) => Check(value, name, fileName);

    [Theory]
    [InlineData("%22quoted%22", "\"quoted\"")]
    [InlineData("a%0D%0Ab", "a\r\nb")]
    [InlineData("a%0Db%0Ac", "a\rb\nc")]
    [InlineData("%41%20%2F%5C%00%", "%41%20%2F%5C%00%")]
    [InlineData("%0d%0a", "%0d%0a")]
    [InlineData("100%", "100%")]
    [InlineData("\\\"quoted\\\"", "\"quoted\"")]
    [InlineData("a\\\\b", "a\\b")]
    [InlineData("\\\\\\\"", "\\\"")]
    [InlineData("a\\\\", "a\\")]
    [InlineData("a\\b\\'", "a\\b\\'")]
    [InlineData("\\", "\\")]
    [InlineData("a\\", "a\\")]
    [InlineData("=?utf-8?B?w7w=?=", "ü")]
    [InlineData("=?UTF-8?b?w7w=?=", "ü")]
    [InlineData("=?utf-8?B?/w==?=", "=?utf-8?B?/w==?=")]
    [InlineData("=?utf-8?B?AA==?=", "=?utf-8?B?AA==?=")]
    [InlineData("=?utf-8?B??=", "")]
    [InlineData("=?utf-8?B?=", "=?utf-8?B?=")]
    [InlineData("=?utf-8?B?%%%?=", "=?utf-8?B?%%%?=")]
    [InlineData("=?utf-8?Q?a?=", "=?utf-8?Q?a?=")]
    [InlineData("x=?utf-8?B?w7w=?=", "x=?utf-8?B?w7w=?=")]
    public void The_escapes_of_browsers_curl_and_NET_are_undone_in_quotes(string quoted, string name)
    {
        Check($"form-data; name=\"{quoted}\"", name, null);
        Check($"form-data; filename=\"x\"; name=\"{quoted}\"", name, "x");
    }

    [Theory]
    // A backslash at the end is no escape of the quote if nothing else makes sense.
    [InlineData("form-data; name=\"a\\\"; filename=\"b\"", "a\\", "b")]
    [InlineData("form-data; name=\"a\"; filename=\"b\\\"", "a", "")]
    [InlineData("form-data; name=\"a\\\"; filename=\"b\\\"", "a\\", "")]
    [InlineData("form-data; name=\"a\\\"; filename=\\\"b\"", "a\"; filename=\"b", null)]
    public void A_backslash_before_the_last_quote_is_itself(string value, string name, string? fileName) => Check(value, name, fileName);

    [Theory]
    [InlineData("form-data; name=%22", "%22")]
    [InlineData("form-data; name=a%0D%0A", "a%0D%0A")]
    [InlineData("form-data; name==?utf-8?B?w7w=?=", "=?utf-8?B?w7w=?=")]
    [InlineData("form-data; name=a\\\\b", "a\\\\b")]
    public void Without_quotes_nothing_is_an_escape(string value, string name) => Check(value, name, null);

    [Theory]
    [InlineData("C:\\Documents\\a.txt", "a.txt")]
    [InlineData("\\\\server\\share\\a.txt", "a.txt")]
    [InlineData("C:\\\\Documents\\\\a.txt", "a.txt")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("../../a.txt", "a.txt")]
    [InlineData("..\\../a\\b/c", "c")]
    [InlineData("a/", "")]
    [InlineData("..", "..")]
    [InlineData("C:a.txt", "C:a.txt")]
    public void A_file_name_is_without_its_path(string quoted, string fileName) => Check($"form-data; name=\"/a/b\"; filename=\"{quoted}\"", "/a/b", fileName);

    [Theory]
    [InlineData("filename=\"a\"; filename*=UTF-8''%e2%82%ac%20rates.txt", "€ rates.txt")]
    [InlineData("filename*=utf-8'en'b; filename=\"a\"", "b")]
    [InlineData("filename*=iso-8859-1''%A3.txt", "£.txt")]
    [InlineData("filename*=UTF-8''..%2F..%5cb.txt", "b.txt")]
    [InlineData("filename*=UTF-8''%22%0d%0a", "\"\r\n")]
    [InlineData("filename*=UTF-8''", "")]
    // What cannot be decoded is as if it were not there.
    [InlineData("filename=\"a\"; filename*=UTF-8''%ff", "a")]
    [InlineData("filename=\"a\"; filename*=UTF-8''%0", "a")]
    [InlineData("filename=\"a\"; filename*=UTF-8''b%00", "a")]
    [InlineData("filename=\"a\"; filename*=UTF-16''b", "a")]
    [InlineData("filename=\"a\"; filename*=UTF-8'b", "a")]
    [InlineData("filename=\"a\"; filename*=b", "a")]
    [InlineData("filename=\"a\"; filename*=UTF-8''ü", "a")]
    [InlineData("filename=\"a\"; filename*=\"UTF-8''b\"", "a")]
    [InlineData("filename*=UTF-8''%ff", null)]
    public void An_extended_file_name_wins(string parameters, string? fileName) => Check("form-data; name=\"n\"; " + parameters, "n", fileName);

    [Theory]
    [InlineData("")]
    [InlineData("; name=\"a\"")]
    [InlineData("form data; name=\"a\"")]
    [InlineData("form-data, name=\"a\"")]
    [InlineData("form-data; name")]
    [InlineData("form-data; name=")]
    [InlineData("form-data; name=;")]
    [InlineData("form-data; name=\"a")]
    [InlineData("form-data; name=\"a\"b")]
    [InlineData("form-data; name=\"a\"b\"")]
    [InlineData("form-data; name=a b")]
    [InlineData("form-data; name=a\"b\"")]
    [InlineData("form-data; na me=\"a\"")]
    [InlineData("form-data; =\"a\"")]
    [InlineData("form-data; name =\"a\"")]
    [InlineData("form-data; name=\"a\" filename=\"b\"")]
    [InlineData("form-data; name=\"a\"; name=\"a\"")]
    [InlineData("form-data; name=\"a\"; filename=\"b\"; Filename=\"c\"")]
    public void Nothing_is_taken_of_a_malformed_value(string value) => Check(value, null, null);

    private static void Check(string? value, string? name, string? fileName) =>
        Assert.Equal(new ContentDisposition(name, fileName), ContentDisposition.Parse(value));
}
