using System.Text;
using Http.Server.Authentication;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Authentication;

/// <summary>Users and passwords, with hashes of few iterations; derivations are counted, never timed.</summary>
public sealed class BasicAuthenticationTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly HashThrottle _throttle = new(2, 100);
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hash_is_made_for_the_file()
    {
        var hash = BasicAuthentication.Hash("secret");
        Assert.StartsWith("$pbkdf2-sha256$600000$", hash);
        Assert.True(PasswordHash.TryParse(hash)!.Verify("secret"));
        Assert.Throws<ArgumentException>(() => BasicAuthentication.Hash(""));
        Assert.Throws<ArgumentException>(() => BasicAuthentication.Hash("a\nb"));
    }

    [Fact]
    public async Task Users_with_passwords_are_taken()
    {
        await using var server = Serve(BasicAuthentication.FromPasswords([new("anna", "geheim")]));
        Assert.Equal(200, await StatusAsync(server, "anna:geheim"));
        Assert.Equal(401, await StatusAsync(server, "anna:falsch"));
    }

    [Fact]
    public void Wrong_users_are_refused_by_name()
    {
        Assert.Contains("no user", Assert.Throws<ArgumentException>(() => BasicAuthentication.FromHashes([])).Message);
        Assert.Contains("'a:b'", Assert.Throws<ArgumentException>(() => BasicAuthentication.FromHashes([new("a:b", Hash("x"))])).Message);
        Assert.Contains("anna is there twice", Assert.Throws<ArgumentException>(() => BasicAuthentication.FromHashes([new("anna", Hash("x")), new("anna", Hash("y"))])).Message);
        var wrong = Assert.Throws<ArgumentException>(() => BasicAuthentication.FromHashes([new("anna", "plaintext")])).Message;
        Assert.Contains("anna", wrong);
        Assert.DoesNotContain("plaintext", wrong);
    }

    [Fact]
    public async Task The_realm_is_quoted()
    {
        var authentication = Of("anna:geheim");
        authentication.Realm = "a \"b\" \\";
        await using var server = Serve(authentication);
        Assert.Equal("Basic realm=\"a \\\"b\\\" \\\\\", charset=\"UTF-8\"", (await server.GetAsync("/"))["WWW-Authenticate"]);
        Assert.Throws<ArgumentException>(() => authentication.Realm = "a\r\nX: y");
        Assert.Throws<ArgumentException>(() => authentication.Realm = "ä");
    }

    [Fact]
    public async Task Credentials_that_were_right_are_remembered()
    {
        await using var server = Serve(Of("anna:geheim"));
        for (var count = 0; count < 5; count++)
            Assert.Equal(200, await StatusAsync(server, "anna:geheim"));
        Assert.Equal(1, _throttle.Count);
    }

    [Fact]
    public async Task Wrong_ones_and_unknown_users_cost_a_derivation_each_time()
    {
        await using var server = Serve(Of("anna:geheim", "otto:geheim"));
        foreach (var credentials in new[] { "anna:falsch", "anna:falsch", "nobody:geheim", "nobody:geheim", "ANNA:geheim" })
            Assert.Equal(401, await StatusAsync(server, credentials));
        Assert.Equal(5, _throttle.Count);
    }

    [Fact]
    public async Task Without_credentials_nothing_is_derived()
    {
        await using var server = Serve(Of("anna:geheim"));
        Assert.Equal(401, (await server.GetAsync("/")).Status);
        Assert.Equal(401, (await server.GetAsync("/", "Authorization: Basic !\r\n")).Status);
        Assert.Equal(0, _throttle.Count);
    }

    [Fact]
    public void The_table_of_right_credentials_is_bounded()
    {
        var users = Of("anna:geheim").Users;
        for (var number = 0; number < 3 * UserTable.MaxVerified; number++)
            users.Remember(users.DigestOf(BitConverter.GetBytes(number)), "anna");
        Assert.InRange(users.VerifiedCount, 1, UserTable.MaxVerified);
    }

    [Fact]
    public void Each_table_remembers_by_a_key_of_its_own() =>
        Assert.NotEqual(Of("anna:geheim").Users.DigestOf("Basic x"u8), Of("anna:geheim").Users.DigestOf("Basic x"u8));

    [Fact]
    public async Task Too_many_passwords_at_once_are_503()
    {
        using var go = new ManualResetEventSlim();
        var throttle = new HashThrottle(1, 0);
        var running = throttle.RunAsync(default, () => go.Wait(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);
        await using var server = Serve(BasicAuthentication.MakeFromHashes([new("anna", Hash("geheim"))], throttle));
        Assert.Equal(503, await StatusAsync(server, "anna:geheim"));
        go.Set();
        await running;
        Assert.Equal(200, await StatusAsync(server, "anna:geheim"));
    }

    [Fact]
    public async Task A_file_that_changes_is_read_anew_after_a_second()
    {
        var file = _folder.Write("users", $"# users\r\n\r\nanna:{Hash("alt")}\r\n");
        await using var server = Serve(BasicAuthentication.MakeFromFile(file, _throttle));
        Assert.Equal(200, await StatusAsync(server, "anna:alt"));
        _folder.Write("users", $"\ufeffanna:{Hash("neu")}\notto:{Hash("x")}");
        Assert.Equal(200, await StatusAsync(server, "anna:alt"));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.Equal(401, await StatusAsync(server, "anna:alt"));
        Assert.Equal(200, await StatusAsync(server, "anna:neu"));
        Assert.Equal(200, await StatusAsync(server, "otto:x"));
        Assert.Contains(server.Log.Messages, message => message.Text.Contains("were read anew", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("otto:plaintext", "Line 1")]
    [InlineData("", "There is no user")]
    [InlineData(null, "There is no file")]
    public async Task A_file_that_breaks_leaves_the_users_as_they_were(string? content, string problem)
    {
        var file = _folder.Write("users", $"anna:{Hash("geheim")}");
        await using var server = Serve(BasicAuthentication.MakeFromFile(file, _throttle));
        Assert.Equal(200, await StatusAsync(server, "anna:geheim"));
        if (content is null)
            File.Delete(file);
        else
            _folder.Write("users", content);
        for (var count = 0; count < 3; count++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal(200, await StatusAsync(server, "anna:geheim"));
        }

        var error = Assert.Single(server.Log.Errors);
        Assert.Contains(problem, error);
        Assert.DoesNotContain("plaintext", error);
        _folder.Write("users", $"otto:{Hash("neu")}\n");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(200, await StatusAsync(server, "otto:neu"));
        Assert.Equal(401, await StatusAsync(server, "anna:geheim"));
    }

    [Theory]
    [InlineData("anna", "Line 1", "no colon")]
    [InlineData("\n#x\nanna:secret", "Line 3", "stands for anna is no hash")]
    [InlineData(":$pbkdf2-sha256$", "Line 1", "no user")]
    [InlineData("# nobody\n", "There is no user", "USER:HASH")]
    public void A_wrong_file_is_named_with_the_line(string content, string where, string what)
    {
        var file = _folder.Write("users", content);
        var message = Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(file)).Message;
        Assert.All(new[] { file, where, what, "USER" }, text => Assert.Contains(text, message));
        Assert.DoesNotContain("secret", message);
    }

    [Fact]
    public void Files_that_cannot_be_users_are_named()
    {
        Assert.Contains("There is no file", Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(Path.Combine(_folder.Path, "none"))).Message);
        Assert.Contains("Cannot read", Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(_folder.Path)).Message);
        var file = _folder.Write("latin", "");
        File.WriteAllBytes(file, [(byte)'a', 0xff, (byte)':']);
        Assert.Contains("not UTF-8", Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(file)).Message);
        File.WriteAllText(file, $"a:{Hash("x")}\na:{Hash("x")}");
        Assert.Contains("a was there before", Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(file)).Message);
        using (var large = new FileStream(file, FileMode.Open))
            large.SetLength(5 << 20);
        Assert.Contains("larger than 4 MiB", Assert.Throws<ServerStartException>(() => BasicAuthentication.FromFile(file)).Message);
    }

    [Theory]
    [InlineData("rw-------", "rwxr-xr-x", false)]
    [InlineData("rw-r--r--", "rwxr-xr-x", false)]
    [InlineData("rw-rw----", "rwxr-xr-x", true)]
    [InlineData("rw-r--rw-", "rwxr-xr-x", true)]
    [InlineData("rw-------", "rwxrwxr-x", true)]
    [InlineData("rw-------", "rwxr-xrwx", true)]
    [InlineData("rw-------", "rwxrwxrwt", false)]
    public void A_file_that_others_can_write_or_exchange_is_told(string file, string directory, bool isWeak)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights.");
            return;
        }

        var path = _folder.Write("private/users", $"anna:{Hash("geheim")}");
        File.SetUnixFileMode(_folder.Path, Mode("rwx------"));
        File.SetUnixFileMode(path, Mode(file));
        File.SetUnixFileMode(Path.GetDirectoryName(path)!, Mode(directory));
        var weakness = BasicAuthentication.FromFile(path).FindWeakness();
        Assert.Equal(isWeak, weakness is not null);
        if (isWeak)
            Assert.Contains($"chmod go-w {(file == "rw-------" ? Path.GetDirectoryName(path) : path)}", weakness);

        var link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, path);
        Assert.Equal(isWeak, BasicAuthentication.FromFile(link).FindWeakness() is not null);
    }

    [Fact]
    public void Users_without_a_file_have_no_weakness() => Assert.Null(Of("anna:geheim").FindWeakness());

    private static UnixFileMode Mode(string text)
    {
        var mode = UnixFileMode.None;
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] != '-')
                mode |= (UnixFileMode)(1 << (text.Length - 1 - index));
        }

        return text[^1] == 't' ? mode | UnixFileMode.StickyBit : mode;
    }

    private static string Hash(string password) => PasswordHash.Make(password, PasswordHash.MinIterations).ToString();

    private static async Task<int> StatusAsync(RunningServer server, string credentials) =>
        (await server.GetAsync("/", $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))}\r\n")).Status;

    private BasicAuthentication Of(params string[] users) => BasicAuthentication.MakeFromHashes(
        users.Select(user => user.Split(':')).Select(parts => KeyValuePair.Create(parts[0], Hash(parts[1]))), _throttle);

    private RunningServer Serve(BasicAuthentication authentication) => new(
        () =>
        {
            var handler = ActionHandler.Of(handler => handler.SendText("let in"));
            handler.Authentication = authentication;
            return handler;
        },
        new HttpServerOptions { TimeProvider = _time });
}
