using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

public sealed class ScriptResponseTests
{
    [EngineTheory]
    [InlineData("'a', 'b'", "a=b; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', ''", "a=; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', $null", "a=; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'__Host-a.b', 'x'", "__Host-a.b=x; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'x y'", "a=x%20y; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'x;y,z\"\\%'", "a=x%3By%2Cz%22%5C%25; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', \"x`r`ny\"", "a=x%0D%0Ay; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', [string][char]0xe4", "a=%C3%A4; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'k=v&w'", "a=k=v&w; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ Path = '/x'; Domain = 'example.com' }", "a=b; Path=/x; Domain=example.com; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ MaxAge = 60 }", "a=b; Path=/; Max-Age=60; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ MaxAge = [timespan] '00:01:30' }", "a=b; Path=/; Max-Age=90; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ MaxAge = 0 }", "a=b; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ Expires = [datetime]::SpecifyKind('2030-01-02T03:04:05', 'Utc') }", "a=b; Path=/; Expires=Wed, 02 Jan 2030 03:04:05 GMT; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ Expires = [datetimeoffset]::new(2030, 1, 2, 3, 4, 5, [timespan]'02:00') }", "a=b; Path=/; Expires=Wed, 02 Jan 2030 01:04:05 GMT; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ Expires = '2030-01-02' }", "a=b; Path=/; Expires=Wed, 02 Jan 2030 00:00:00 GMT; HttpOnly; SameSite=Lax")]
    [InlineData("'a', 'b', @{ secure = $true; httponly = $false; samesite = 'Strict' }", "a=b; Path=/; Secure; SameSite=Strict")]
    public async Task A_cookie_is_safe_unless_told_otherwise(string arguments, string header)
    {
        await using var site = new ScriptSite();
        using var response = await site.AskAsync($"$Response.SetCookie({arguments}); 'x'");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([header], response.Headers.GetValues("Set-Cookie"));
    }

    [EngineFact]
    public async Task Each_cookie_has_a_header_of_its_own()
    {
        await using var site = new ScriptSite();
        using var response = await site.AskAsync("$Response.SetCookie('a', '1'); $Response.SetCookie('b', '2')");
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
    }

    [EngineTheory]
    [InlineData("'', 'b'")]
    [InlineData("'a b', 'b'")]
    [InlineData("'a;b', 'b'")]
    [InlineData("\"a`r`n\", 'b'")]
    [InlineData("'a=', 'b'")]
    [InlineData("'a', 'b', @{ Pfad = '/' }")]
    [InlineData("'a', 'b', @{ Path = '/; Domain=example.com' }")]
    [InlineData("'a', 'b', @{ Domain = \"x`r`nX-Evil: 1\" }")]
    [InlineData("'a', 'b', @{ SameSite = 'Lax; Secure' }")]
    public async Task A_cookie_that_is_none_is_an_error_and_sends_nothing(string arguments)
    {
        await using var site = new ScriptSite();
        using var response = await site.AskAsync($"$Response.SetCookie({arguments}); 'x'");
        Assert.Equal(500, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.False(response.Headers.Contains("X-Evil"));
    }

    [EngineTheory]
    [InlineData("'/there'", 302, "/there")]
    [InlineData("'http://example.com/a?b=1#c'", 302, "http://example.com/a?b=1#c")]
    [InlineData("'relative/path'", 302, "relative/path")]
    [InlineData("'/a b'", 302, "/a%20b")]
    [InlineData("\"/a`r`nX-Evil: 1\"", 302, "/a%0D%0AX-Evil:%201")]
    [InlineData("[string][char]0xe4", 302, "%C3%A4")]
    [InlineData("'/already%20encoded'", 302, "/already%20encoded")]
    [InlineData("'/x', 301", 301, "/x")]
    [InlineData("'/x', 303", 303, "/x")]
    [InlineData("'/x', 307", 307, "/x")]
    [InlineData("'/x', 308", 308, "/x")]
    public async Task A_redirect_sends_the_client_elsewhere(string arguments, int status, string location)
    {
        await using var site = new ScriptSite();
        using var response = await site.AskAsync($"$Response.Redirect({arguments})");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal([location], response.Headers.NonValidated["Location"]);
        Assert.Equal(0, response.Content.Headers.ContentLength);
        Assert.False(response.Headers.Contains("X-Evil"));
    }

    [EngineTheory]
    [InlineData("$Response.Redirect('/x', 200)")]
    [InlineData("$Response.Redirect('/x', 304)")]
    [InlineData("$Response.Redirect('')")]
    [InlineData("$Response.StatusCode = 199")]
    [InlineData("$Response.StatusCode = 1000")]
    [InlineData("$Response.Headers['X-A'] = \"b`r`nX-Evil: 1\"")]
    [InlineData("$Response.Headers[\"X-A: b`r`nX-Evil\"] = '1'")]
    public async Task What_would_be_no_answer_is_an_error(string script)
    {
        await using var site = new ScriptSite();
        using var response = await site.AskAsync($"{script}; 'x'");
        Assert.Equal(500, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("X-Evil"));
        Assert.False(response.Headers.Contains("Location"));
    }
}
