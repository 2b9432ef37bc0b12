using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Http.Server.Authentication.Jwt;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Authentication;

/// <summary>Which signed tokens are taken, and the attacks that are known of them.</summary>
public sealed class JwtTests
{
    private const long Now = 1_800_000_000;
    private const string Good = """{"sub":"anna","exp":1800000100}""";

    private static readonly byte[] Secret = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
    private static readonly RSA Rsa = RSA.Create(2048);
    private static readonly ECDsa Elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string RsaPem = Rsa.ExportSubjectPublicKeyInfoPem();
    private static readonly string EllipticPem = Elliptic.ExportSubjectPublicKeyInfoPem();

    public static TheoryData<string, string, bool> Claims => new()
    {
        { "plain", Good, true },
        { "as long as the clocks may differ", """{"sub":"anna","exp":1799999941}""", true },
        { "expired", """{"sub":"anna","exp":1799999940}""", false },
        { "expired long ago", """{"sub":"anna","exp":1}""", false },
        { "no end", """{"sub":"anna"}""", false },
        { "an end as text", """{"sub":"anna","exp":"1800000100"}""", false },
        { "an end that is null", """{"sub":"anna","exp":null}""", false },
        { "an end that is a list", """{"sub":"anna","exp":[1800000100]}""", false },
        { "an endless end", """{"sub":"anna","exp":1e999}""", false },
        { "a negative end", """{"sub":"anna","exp":-1800000100}""", false },
        { "an end with a fraction", """{"sub":"anna","exp":1800000100.5}""", true },
        { "not before now", """{"sub":"anna","exp":1800000100,"nbf":1800000000}""", true },
        { "not before a minute", """{"sub":"anna","exp":1800000100,"nbf":1800000060}""", true },
        { "not before later", """{"sub":"anna","exp":1800000100,"nbf":1800000061}""", false },
        { "not before a text", """{"sub":"anna","exp":1800000100,"nbf":"1"}""", false },
        { "made in the future", """{"sub":"anna","exp":1800000100,"iat":1800000061}""", false },
        { "made now", """{"sub":"anna","exp":1800000100,"iat":1800000060}""", true },
        { "made at no time", """{"sub":"anna","exp":1800000100,"iat":true}""", false },
        { "no user", """{"exp":1800000100}""", false },
        { "an empty user", """{"sub":"","exp":1800000100}""", false },
        { "a number as user", """{"sub":7,"exp":1800000100}""", false },
        { "a user with a line end", """{"sub":"a\nb","exp":1800000100}""", false },
        { "half a letter as user", """{"sub":"\ud800","exp":1800000100}""", false },
        { "two users", """{"sub":"anna","sub":"admin","exp":1800000100}""", false },
        { "two users, one escaped", """{"sub":"anna","\u0073ub":"admin","exp":1800000100}""", false },
        { "two ends", """{"sub":"anna","exp":1,"exp":1800000100}""", false },
        { "roles", """{"sub":"anna","exp":1800000100,"roles":["Ops","Dev"],"role":"Admin"}""", true },
        { "roles that are numbers", """{"sub":"anna","exp":1800000100,"roles":[1]}""", false },
        { "roles that are an object", """{"sub":"anna","exp":1800000100,"roles":{"a":"Ops"}}""", false },
        { "an audience that nobody asked for", """{"sub":"anna","exp":1800000100,"aud":"other"}""", false },
        { "a list", """[{"sub":"anna","exp":1800000100}]""", false },
        { "a text", "\"anna\"", false },
        { "nothing", "", false },
        { "more behind it", Good + "{}", false },
        { "a comma too many", """{"sub":"anna","exp":1800000100,}""", false },
        { "a comment", """{"sub":"anna",/**/"exp":1800000100}""", false },
    };

    public static TheoryData<string, string> Attacks => new()
    {
        { "none", Unsigned("none") },
        { "None", Unsigned("None") },
        { "nOnE", Unsigned("nOnE") },
        { "none with a signature", Unsigned("none") + "AAAA" },
        { "no algorithm", Encode("{}") + "." + Encode(Good) + ".AAAA" },
        { "an algorithm that is a list", SignSecret(Secret, """{"alg":["HS256"]}""", Good) },
        { "two algorithms", SignSecret(Secret, """{"alg":"none","alg":"HS256"}""", Good) },
        { "an algorithm in small letters", SignSecret(Secret, """{"alg":"hs256"}""", Good) },
        { "a longer algorithm", SignSecret(Secret, """{"alg":"HS512"}""", Good) },
        { "the public RSA key as secret", SignSecret(Encoding.UTF8.GetBytes(RsaPem), """{"alg":"HS256"}""", Good) },
        { "the same with a line end less", SignSecret(Encoding.UTF8.GetBytes(RsaPem.TrimEnd()), """{"alg":"HS256"}""", Good) },
        { "the same in its bytes", SignSecret(Rsa.ExportSubjectPublicKeyInfo(), """{"alg":"HS256"}""", Good) },
        { "the public curve key as secret", SignSecret(Encoding.UTF8.GetBytes(EllipticPem), """{"alg":"HS256"}""", Good) },
        { "an empty secret", SignSecret([], """{"alg":"HS256"}""", Good) },
        { "RS256's signature called PS256", SignRsa("""{"alg":"PS256"}""", Good, RSASignaturePadding.Pkcs1) },
        { "PS256's signature called RS256", SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pss) },
        { "RS512", SignRsa("""{"alg":"RS512"}""", Good, RSASignaturePadding.Pkcs1) },
        { "ES256 with nothing in it", Encode("""{"alg":"ES256"}""") + "." + Encode(Good) + "." + Base64Url.EncodeToString(new byte[64]) },
        { "ES256 in DER", SignElliptic("""{"alg":"ES256"}""", Good, DSASignatureFormat.Rfc3279DerSequence) },
        { "a key of its own", SignRsa("""{"alg":"RS256","jwk":{"kty":"RSA"}}""", Good, RSASignaturePadding.Pkcs1, RSA.Create(2048)) },
        { "an address of a key", SignRsa("""{"alg":"RS256","jku":"http://127.0.0.1:1/keys","x5u":"http://127.0.0.1:1/x"}""", Good, RSASignaturePadding.Pkcs1, RSA.Create(2048)) },
        { "a path as key id", SignSecret([], """{"alg":"HS256","kid":"/dev/null"}""", Good) },
        { "a path up as key id", SignSecret([], """{"alg":"HS256","kid":"../../../../dev/null"}""", Good) },
        { "SQL as key id", SignSecret(Encoding.UTF8.GetBytes("x"), """{"alg":"HS256","kid":"' UNION SELECT 'x'--"}""", Good) },
        { "a number as key id", SignRsa("""{"alg":"RS256","kid":1}""", Good, RSASignaturePadding.Pkcs1) },
        { "what is critical and not known", SignRsa("""{"alg":"RS256","crit":["x"],"x":1}""", Good, RSASignaturePadding.Pkcs1) },
        { "an empty list of what is critical", SignRsa("""{"alg":"RS256","crit":[]}""", Good, RSASignaturePadding.Pkcs1) },
        { "no signature", Encode("""{"alg":"RS256"}""") + "." + Encode(Good) + "." },
        { "two parts", Encode("""{"alg":"RS256"}""") + "." + Encode(Good) },
        { "five parts", "a.b.c.d.e" },
        { "four parts", SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pkcs1) + ".AAAA" },
        { "padding", SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pkcs1) + "==" },
        { "other claims", SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pkcs1).Replace("." + Encode(Good) + ".", "." + Encode(Good.Replace("anna", "root")) + ".") },
        { "a header with a line end", SignRsa("{\"alg\":\"RS256\",\"x\":\"a\nb\"}", Good, RSASignaturePadding.Pkcs1) },
        { "a header that is no UTF-8", Base64Url.EncodeToString([.. "{\"alg\":\"RS256\",\"x\":\""u8, 0xff, .. "\"}"u8]) + "." + Encode(Good) + ".AAAA" },
        { "a huge token", SignRsa("""{"alg":"RS256"}""", $$"""{"sub":"anna","exp":1800000100,"x":"{{new string('x', 9000)}}"}""", RSASignaturePadding.Pkcs1) },
        { "deep claims", SignRsa("""{"alg":"RS256"}""", $$"""{"sub":"anna","exp":1800000100,"x":{{new string('[', 100)}}{{new string(']', 100)}}}""", RSASignaturePadding.Pkcs1) },
        { "deep header", SignRsa($$"""{"alg":"RS256","x":{{new string('[', 100)}}{{new string(']', 100)}}}""", Good, RSASignaturePadding.Pkcs1) },
        { "nothing", "" },
        { "dots", ".." },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void Claims_are_checked(string name, string claims, bool isTaken)
    {
        var user = Read(SignSecret(Secret, """{"alg":"HS256","typ":"JWT"}""", claims), [new JwtSecretKey(null, Secret)], out var problem);
        Assert.True(isTaken == user is not null, $"{name}: {problem}");
        Assert.True(user is not null || problem is not null);
        if (name == "roles")
            Assert.Equal(["Ops", "Dev", "Admin"], user!.Roles);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Attacks_are_refused(string name, string token)
    {
        foreach (var keys in (IReadOnlyList<IJwtKey>[])[
            [KeyReader.Read(Encoding.UTF8.GetBytes(RsaPem))], [KeyReader.Read(Encoding.UTF8.GetBytes(EllipticPem))], [new JwtSecretKey(null, Secret)],
            [new JwtRsaKey("r", RSA.Create(Rsa.ExportParameters(false)), "RS256"), new JwtEllipticKey("e", Elliptic), new JwtSecretKey("s", Secret)]])
            Assert.True(Read(token, keys, out var problem) is null && problem is not null, name);
    }

    [Fact]
    public void Each_algorithm_has_its_key()
    {
        var (rs, ps) = (SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pkcs1), SignRsa("""{"alg":"PS256"}""", Good, RSASignaturePadding.Pss));
        var es = SignElliptic("""{"alg":"ES256"}""", Good, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var hs = SignSecret(Secret, """{"alg":"HS256"}""", Good);
        using var certificate = new CertificateRequest("CN=issuer", Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        foreach (var (key, taken) in new (IJwtKey, string[])[]
        {
            (KeyReader.Read(Encoding.UTF8.GetBytes(RsaPem)), [rs, ps]),
            (KeyReader.Read(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())), [rs, ps]),
            (new JwtRsaKey(null, Rsa, "PS256"), [ps]),
            (KeyReader.Read(Encoding.UTF8.GetBytes(EllipticPem)), [es]),
            (KeyReader.Read(Secret), [hs]),
        })
        {
            foreach (var token in (string[])[rs, ps, es, hs])
                Assert.Equal(taken.Contains(token), Read(token, [key], out _) is not null);
        }
    }

    [Fact]
    public void A_key_of_a_set_is_found_by_its_id_alone()
    {
        var keys = KeyReader.ReadSet(Encoding.UTF8.GetBytes(Set));
        Assert.Equal(3, keys.Count);
        Assert.NotNull(Read(SignRsa("""{"alg":"RS256","kid":"r"}""", Good, RSASignaturePadding.Pkcs1), keys, out _));
        Assert.NotNull(Read(SignRsa("""{"alg":"RS256"}""", Good, RSASignaturePadding.Pkcs1), keys, out _));
        Assert.NotNull(Read(SignElliptic("""{"alg":"ES256","kid":"e"}""", Good, DSASignatureFormat.IeeeP1363FixedFieldConcatenation), keys, out _));
        Assert.NotNull(Read(SignSecret(Secret, """{"alg":"HS256","kid":"s"}""", Good), keys, out _));
        Assert.Null(Read(SignRsa("""{"alg":"RS256","kid":"e"}""", Good, RSASignaturePadding.Pkcs1), keys, out _));
        Assert.Null(Read(SignRsa("""{"alg":"PS256","kid":"r"}""", Good, RSASignaturePadding.Pss), keys, out _));
        Assert.Null(Read(SignSecret(Secret, """{"alg":"HS256","kid":"none"}""", Good), keys, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[1,{"kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}""")]
    [InlineData("""{"keys":[{"kty":"oct","k":"AAAA"}]}""")]
    [InlineData("""{"keys":[{"kty":"oct"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","n":"A=","e":"AQAB"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}""")]
    [InlineData("""{"keys":[],"keys":[]}""")]
    public void A_wrong_set_is_told(string json) => Assert.Throws<ArgumentException>(() => KeyReader.ReadSet(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Weak_keys_are_refused()
    {
        Assert.Throws<ArgumentException>(() => KeyReader.Read(new byte[31]));
        Assert.Throws<ArgumentException>(() => KeyReader.Read(Encoding.UTF8.GetBytes(RSA.Create(1024).ExportSubjectPublicKeyInfoPem())));
        Assert.Throws<ArgumentException>(() => KeyReader.Read(Encoding.UTF8.GetBytes(ECDsa.Create(ECCurve.NamedCurves.nistP384).ExportSubjectPublicKeyInfoPem())));
        Assert.Throws<ArgumentException>(() => KeyReader.Read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => KeyReader.Read("-----BEGIN EGGS AND SPAM IN A LONG ROW-----"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => AuthenticationScheme.JwtFromFile("Api", "/none/keys.json"));
    }

    [Theory]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":"api"}""", true)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":["web","api"]}""", true)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"Me","aud":"api"}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":["me"],"aud":"api"}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"aud":"api"}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me"}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":"ap"}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":["api",1]}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":{"api":1}}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":null}""", false)]
    [InlineData("""{"sub":"anna","exp":1800000100,"iss":"me","aud":[]}""", false)]
    public void Issuer_and_audience_are_compared(string claims, bool isTaken)
    {
        using var document = JsonDocument.Parse(claims);
        Assert.Equal(isTaken, new TokenClaims("me", "api").Read(document.RootElement, DateTime.UnixEpoch.AddSeconds(Now), out _) is not null);
    }

    [Fact]
    public async Task A_server_takes_tokens_and_keys_that_change()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "keys.json");
        await File.WriteAllTextAsync(path, Set, TestContext.Current.CancellationToken);
        var scheme = AuthenticationScheme.JwtFromFile("Api", path, audience: "api");
        await using var server = new RunningServer(() =>
        {
            var handler = ActionHandler.Of(static handler => handler.SendText($"{handler.AuthType} {handler.User}"));
            handler.Access = new() { Schemes = [scheme] };
            return handler;
        });
        var end = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var claims = $$"""{"sub":"anna","aud":"api","exp":{{end}}}""";
        Assert.Equal("Bearer anna", (await server.GetAsync("/", $"Authorization: Bearer {SignSecret(Secret, """{"alg":"HS256"}""", claims)}\r\n")).Text);
        Assert.Equal(401, (await server.GetAsync("/", $"Authorization: Bearer {SignSecret(Secret, """{"alg":"HS256"}""", Good)}\r\n")).Status);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public void Tokens_that_were_changed_anywhere_are_refused_and_never_an_error()
    {
        var random = new Random(15);
        var token = SignSecret(Secret, """{"alg":"HS256"}""", Good);
        IReadOnlyList<IJwtKey> keys = [new JwtSecretKey(null, Secret)];
        for (var n = 0; n < 3000; n++)
        {
            var changed = token.ToCharArray();
            for (var count = random.Next(1, 4); count > 0; count--)
                changed[random.Next(changed.Length)] = (char)random.Next(random.Next(8) == 0 ? 0x250 : 0x7f);
            var text = new string(changed);
            Assert.True(text == token || Read(text, keys, out _) is null, text);
        }
    }

    private static string Set
    {
        get
        {
            var (rsa, elliptic) = (Rsa.ExportParameters(false), Elliptic.ExportParameters(false));
            return $$"""
                {"keys":[
                {"kty":"RSA","kid":"r","alg":"RS256","n":"{{Base64Url.EncodeToString(rsa.Modulus)}}","e":"{{Base64Url.EncodeToString(rsa.Exponent)}}"},
                {"kty":"EC","kid":"e","use":"sig","crv":"P-256","x":"{{Base64Url.EncodeToString(elliptic.Q.X)}}","y":"{{Base64Url.EncodeToString(elliptic.Q.Y)}}"},
                {"kty":"RSA","kid":"x","use":"enc","n":"{{Base64Url.EncodeToString(rsa.Modulus)}}","e":"AQAB"},
                {"kty":"oct","kid":"s","k":"{{Base64Url.EncodeToString(Secret)}}"}]}
                """;
        }
    }

    private static HttpUser? Read(string token, IReadOnlyList<IJwtKey> keys, out string? problem) =>
        new JwtScheme("", "", _ => keys, new TokenClaims(null, null)).Read(token, keys, DateTime.UnixEpoch.AddSeconds(Now), out problem);

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Unsigned(string algorithm) => Encode($$"""{"alg":"{{algorithm}}"}""") + "." + Encode(Good) + ".";

    private static string SignSecret(byte[] secret, string header, string claims) => Sign(header, claims, data => HMACSHA256.HashData(secret, data));

    private static string SignRsa(string header, string claims, RSASignaturePadding padding, RSA? key = null) =>
        Sign(header, claims, data => (key ?? Rsa).SignData(data, HashAlgorithmName.SHA256, padding));

    private static string SignElliptic(string header, string claims, DSASignatureFormat format) =>
        Sign(header, claims, data => Elliptic.SignData(data, HashAlgorithmName.SHA256, format));

    private static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
