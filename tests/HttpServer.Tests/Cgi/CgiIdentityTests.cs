using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Whom programs run as, and what runs them.</summary>
public sealed class CgiIdentityTests : IAsyncDisposable
{
    private readonly CgiSite _site = new();

    public CgiIdentityTests() => _site.Page("who", "id -un; id -u; id -gn; id -Gn");

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task As_root_programs_run_as_nobody_with_its_groups_alone()
    {
        RequireRoot();
        var expected = (await Tool.RunAsync("sh", "-c", "echo nobody; id -u nobody; id -gn nobody; id -Gn nobody")).Output;
        Assert.Equal(expected, (await _site.GetAsync("/cgi-bin/who")).Text);
    }

    [Fact]
    public async Task As_root_a_program_cannot_read_what_is_roots()
    {
        RequireRoot();
        var secret = _site.Write("secret.txt", "SECRET");
        CgiSite.SetMode(secret, UnixFileMode.UserRead);
        _site.Page("reads", $"cat {secret}; echo done");
        Assert.Equal("done\n", (await _site.GetAsync("/cgi-bin/reads")).Text);
    }

    [Fact]
    public async Task As_root_a_program_that_nobody_may_not_run_is_forbidden()
    {
        RequireRoot();
        CgiSite.SetMode(_site.Page("mine", "echo ran"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        // setpriv has root's rights until its exec: the interpreter starts, and cannot read the script.
        Assert.Contains((await _site.GetAsync("/cgi-bin/mine")).Status, new[] { 403, 500 });
    }

    [Fact]
    public async Task As_root_programs_run_as_root_only_if_that_is_said()
    {
        RequireRoot();
        var server = _site.Serve(handler => handler.CgiUser = "root");
        Assert.StartsWith("root\n0\n", (await server.GetAsync("/cgi-bin/who")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_root_programs_run_as_the_user_that_is_said()
    {
        RequireRoot();
        var server = _site.Serve(handler => handler.CgiUser = "daemon");
        Assert.StartsWith("daemon\n", (await server.GetAsync("/cgi-bin/who")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-user")]
    [InlineData("--help")]
    [InlineData("")]
    public async Task If_the_user_cannot_be_had_nothing_is_run(string user)
    {
        var server = _site.Serve(handler => handler.CgiUser = user);
        Assert.Equal("HTTP/1.1 403 CGI script cannot be run", (await server.GetAsync("/cgi-bin/who")).StatusLine);
        Assert.Contains(server.Log.Errors, error => error.StartsWith("CGI /cgi-bin/who is not run: ", StringComparison.Ordinal)
            && error.Contains(CgiSite.IsRoot ? "there is no user" : "only root can run programs as", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_root_programs_run_as_the_server()
    {
        Assert.SkipWhen(CgiSite.IsRoot, "The tests run as root.");
        Assert.StartsWith(Environment.UserName + "\n", (await _site.GetAsync("/cgi-bin/who")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_executable_without_an_interpreter_line_is_run_by_its_extension()
    {
        _site.Write("cgi-bin/table.py", "import sys\nsys.stdout.write('Content-Type: text/plain\\n\\npython')\n");
        _site.Write("cgi-bin/plain.PY", "print('Content-Type: text/plain\\n\\nupper')\n");
        CgiSite.Open(Path.Combine(_site.Root, "cgi-bin", "table.py"));
        CgiSite.Open(Path.Combine(_site.Root, "cgi-bin", "plain.PY"));
        Tool.Require("python3", "python3");
        var server = _site.Serve();
        Assert.Equal("python", (await server.GetAsync("/cgi-bin/table.py")).Text);
        Assert.Equal("upper\n", (await server.GetAsync("/cgi-bin/plain.PY")).Text);
    }

    [Fact]
    public async Task The_table_of_interpreters_can_be_changed()
    {
        var path = _site.Write("cgi-bin/page.own", "body");
        CgiSite.Open(path);
        var server = _site.Serve(handler => handler.CgiInterpreters = new Dictionary<string, IReadOnlyList<string>>
        {
            [".own"] = ["no-such-program|sh", "-c", "printf 'Content-Type: text/plain\\n\\n'; cat \"$0\""],
        });
        Assert.Equal("body", (await server.GetAsync("/cgi-bin/page.own")).Text);
    }

    [Fact]
    public async Task An_interpreter_that_is_not_installed_is_named()
    {
        CgiSite.Open(_site.Write("cgi-bin/page.own", "body"));
        var server = _site.Serve(handler => handler.CgiInterpreters = new Dictionary<string, IReadOnlyList<string>> { [".own"] = ["no-such-program"] });
        Assert.Equal(403, (await server.GetAsync("/cgi-bin/page.own")).Status);
        Assert.Contains("CGI /cgi-bin/page.own is not run: its interpreter is not installed: no-such-program", server.Log.Errors);
    }

    [Fact]
    public async Task A_ps1_runs_in_PowerShell()
    {
        var pwsh = Tool.Require("pwsh", "powershell");
        Assert.SkipUnless(IsOpenToAll(pwsh), $"Programs run as another user, who cannot read {pwsh}: install PowerShell for all users.");
        // The user nobody, as whom programs of root run, has no home that PowerShell could use.
        CgiSite.Open(_site.Write("cgi-bin/page.ps1", "\"Content-Type: text/plain`n\"\n\"$env:REQUEST_METHOD $($PSVersionTable.PSEdition)\"\n"));
        var server = _site.Serve(handler => handler.CgiEnvironmentVariables = ["HOME=/tmp"]);
        Assert.Equal("GET Core", (await server.GetAsync("/cgi-bin/page.ps1")).Text.Trim());
    }

    [Fact]
    public async Task A_binary_is_run_as_it_is()
    {
        var path = Path.Combine(_site.Root, "cgi-bin", "binary");
        File.Copy("/bin/true", path);
        CgiSite.Open(path);
        // It runs, and prints nothing.
        Assert.Equal(502, (await _site.GetAsync("/cgi-bin/binary")).Status);
    }

    /// <summary>Whether every user may go through all directories of a path.</summary>
    private static bool IsOpenToAll(string path)
    {
        for (var directory = new FileInfo(path).Directory; directory is not null; directory = directory.Parent)
        {
            if (!OperatingSystem.IsWindows() && !directory.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }

    private static void RequireRoot() => Assert.SkipUnless(CgiSite.IsRoot, "The tests do not run as root.");
}
