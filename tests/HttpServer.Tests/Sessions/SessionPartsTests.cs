using System.Text;
using Http.Server.Sessions;

namespace Http.Server.Tests.Sessions;

/// <summary>Ids, cookies, tokens, and what is stored, byte by byte.</summary>
public sealed class SessionPartsTests
{
    private const string Id = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO-_";

    [Theory]
    [InlineData("s=" + Id, false, Id)]
    [InlineData("a=b; s=" + Id + "; c=d", false, Id)]
    [InlineData(" s=" + Id + " ", false, Id)]
    [InlineData("__Host-s=" + Id, true, Id)]
    [InlineData("__Host-s=" + Id, false, null)]
    [InlineData("s=" + Id, true, null)]
    [InlineData("S=" + Id, false, null)]
    [InlineData("xs=" + Id, false, null)]
    [InlineData("s=" + Id + "; s=" + Id, false, null)]
    [InlineData("s=" + Id + "; s=x", false, null)]
    [InlineData("s=\"" + Id + "\"", false, null)]
    [InlineData("s=" + Id + "A", false, null)]
    [InlineData("s=", false, null)]
    [InlineData("s", false, null)]
    [InlineData("=;;=; s =" + Id, false, null)]
    [InlineData("", false, null)]
    public void A_cookie_is_found_as_it_was_sent(string field, bool isSecure, string? id) =>
        Assert.Equal(id, new SessionCookie("s").Find(Encoding.Latin1.GetBytes(field), isSecure));

    [Fact]
    public void Ids_are_of_256_random_bits_each_another()
    {
        var ids = Enumerable.Range(0, 1000).Select(static _ => SessionId.Make()).ToHashSet();
        Assert.Equal(1000, ids.Count);
        Assert.All(ids, static id =>
        {
            Assert.Equal(32, System.Buffers.Text.Base64Url.DecodeFromChars(id).Length);
            Assert.True(SessionId.HasForm(Encoding.ASCII.GetBytes(id)));
        });
    }

    [Fact]
    public void Each_token_of_a_secret_is_another_and_no_other_text_is_one()
    {
        var (secret, other) = (FormToken.MakeSecret(), FormToken.MakeSecret());
        var tokens = Enumerable.Range(0, 100).Select(_ => FormToken.Make(secret)).ToHashSet();
        Assert.Equal(100, tokens.Count);
        Assert.All(tokens, token => Assert.True(FormToken.IsOf(secret, token)));
        Assert.All(tokens, token => Assert.False(FormToken.IsOf(other, token)));
        var one = tokens.First();
        foreach (var wrong in new[] { null, "", one[..^2], one + "AA", one[..^1] + (one[^1] == 'A' ? "E" : "A"), new string(' ', 86), new string('=', 86), new string('\u00e4', 86) })
            Assert.False(FormToken.IsOf(secret, wrong), wrong);
    }

    [Fact]
    public void What_is_stored_is_read_again_and_damaged_bytes_are_no_session()
    {
        var content = new SessionContent { User = new HttpUser("anna ä", "Ops", "Dev"), Secret = FormToken.MakeSecret() };
        content.Values.Add("n", [0, 1, 255]);
        content.Values.Add("empty", []);
        var bytes = content.Encode();
        var read = SessionContent.TryDecode(bytes)!;
        Assert.Equal((content.User, 2), (read.User!, read.Values.Count));
        Assert.Equal(content.Secret, read.Secret);
        Assert.Equal([0, 1, 255], read.Values["n"]);
        Assert.Equal(bytes, read.Encode());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Null(SessionContent.TryDecode(bytes[..length]));
        var random = new Random(1);
        for (var time = 0; time < 2000; time++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            // Whatever it is, nothing is thrown.
            _ = SessionContent.TryDecode(damaged);
        }
    }
}
