using System.Globalization;
using System.Security.Cryptography;
using Http.Server.Authentication;

namespace Http.Server.Tests.Authentication;

public sealed class PasswordHashTests
{
    private const string Salt = "c2FsdHNhbHQ";

    private static readonly string Hash = new('A', 43);

    [Fact]
    public void A_hash_goes_through_text()
    {
        var hash = PasswordHash.TryParse(PasswordHash.Make("pä:ss", 1000).ToString())!;
        Assert.True(hash.Verify("pä:ss"));
        Assert.False(hash.Verify("pä:sS"));
        Assert.False(hash.Verify(""));
    }

    [Fact]
    public void It_is_PBKDF2_with_HMAC_SHA_256()
    {
        var parts = PasswordHash.Make("secret", 1234).ToString().Split('$');
        Assert.Equal(["", "pbkdf2-sha256", "1234"], parts[..3]);
        var expected = Rfc2898DeriveBytes.Pbkdf2("secret", Decode(parts[3]), int.Parse(parts[2], CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        Assert.Equal(expected, Decode(parts[4]));

        static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('.', '+').PadRight((text.Length + 3) / 4 * 4, '='));
    }

    // Made with hashlib.pbkdf2_hmac of Python.
    [Fact]
    public void A_hash_of_another_program_is_read() => Assert.True(
        PasswordHash.TryParse("$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE")!.Verify("geheim"));

    [Fact]
    public void Each_hash_has_a_salt_of_its_own() => Assert.NotEqual(PasswordHash.Make("a", 1000).ToString(), PasswordHash.Make("a", 1000).ToString());

    [Theory]
    [InlineData(1000, true)]
    [InlineData(10_000_000, true)]
    [InlineData(999, false)]
    [InlineData(10_000_001, false)]
    [InlineData(0, false)]
    [InlineData(-1000, false)]
    public void Iterations_are_bounded(int iterations, bool isRead) =>
        Assert.Equal(isRead, PasswordHash.TryParse($"$pbkdf2-sha256${iterations}${Salt}${Hash}") is not null);

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("$apr1$c2FsdHNhbHQ$x")]
    [InlineData("$2y$05$abcdefghijklmnopqrstuv")]
    [InlineData("{SHA}x")]
    [InlineData("$pbkdf2-sha256$1000")]
    [InlineData("$pbkdf2-sha256$1000$c2FsdHNhbHQ$")]
    [InlineData("$pbkdf2-sha256$1000$c2FsdHNhbHQ$AAAA")]
    [InlineData("$pbkdf2-sha256$99999999999$c2FsdHNhbHQ$AAAA")]
    public void What_is_no_hash_is_nothing(string text) => Assert.Null(PasswordHash.TryParse(text));

    [Theory]
    [InlineData("1000", "", "")]
    [InlineData("+1000", Salt, "")]
    [InlineData("1000 ", Salt, "")]
    [InlineData("1000", "c2Fs", "")]
    [InlineData("1000", "c2Fsd HNhbHQ", "")]
    [InlineData("1000", "c2FsdHNhbHQ=", "")]
    [InlineData("1000", Salt, "A")]
    [InlineData("1000", Salt, "$A")]
    [InlineData("1000", Salt, "=")]
    public void A_hash_that_is_a_little_wrong_is_nothing(string iterations, string salt, string more) =>
        Assert.Null(PasswordHash.TryParse($"$pbkdf2-sha256${iterations}${salt}${Hash}{more}"));
}
