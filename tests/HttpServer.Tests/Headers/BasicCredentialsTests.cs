using System.Text;
using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class BasicCredentialsTests
{
    [Theory]
    [InlineData("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame")]
    [InlineData("Basic dGVzdDoxMjPCow==", "test", "123£")]
    [InlineData("bAsIc dGVzdDoxMjPCow==", "test", "123£")]
    [InlineData("Basic   YTpi", "a", "b")]
    [InlineData("Basic YTo=", "a", "")]
    [InlineData("Basic YTpiOmM=", "a", "b:c")]
    public void User_and_password_are_read(string value, string user, string password) =>
        Assert.Equal(new BasicCredentials(user, password), BasicCredentials.TryParse(Encoding.Latin1.GetBytes(value)));

    [Theory]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("BasicYTpi")]
    [InlineData("Bearer YTpi")]
    [InlineData("Basic YTpi YTpi")]
    [InlineData("Basic YT pi")]
    [InlineData("Basic YTpi,")]
    [InlineData("Basic YTo")]
    [InlineData("Basic YTo==")]
    [InlineData("Basic YT-_")]
    [InlineData("Basic ====")]
    [InlineData("Basic YWI=")]
    [InlineData("Basic OmI=")]
    [InlineData("Basic Og==")]
    [InlineData("Basic YQA6Yg==")]
    [InlineData("Basic YTpiCg==")]
    [InlineData("Basic YTr/")]
    [InlineData("Basic YTpi\u00ff")]
    public void What_breaks_the_grammar_is_nothing(string value) => Assert.Null(BasicCredentials.TryParse(Encoding.Latin1.GetBytes(value)));

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(7);
        var accepted = 0;
        for (var n = 0; n < 100_000; n++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var value = random.Next(4) switch
            {
                0 => bytes,
                1 => [.. "Basic "u8, .. bytes],
                2 => [.. "Basic "u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes))],
                _ => [.. "basic "u8, .. Encoding.ASCII.GetBytes(Convert.ToBase64String([(byte)'a', (byte)':', .. bytes.Select(one => (byte)(one & 0x5f | 0x20))]))],
            };
            if (BasicCredentials.TryParse(value) is not { } credentials)
                continue;
            accepted++;
            Assert.True(BasicCredentials.IsUser(credentials.User));
            Assert.DoesNotContain(credentials.Password, char.IsControl);
        }

        Assert.InRange(accepted, 1000, 99_000);
    }
}
