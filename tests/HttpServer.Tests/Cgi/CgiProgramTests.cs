using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Real programs of others: a page of PHP, one of Perl's CGI.pm, and git.</summary>
public sealed class CgiProgramTests : IAsyncDisposable
{
    private const string Upload = "--edge\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\na b\r\n"
        + "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"my file.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n{0}\r\n--edge--\r\n";

    private readonly CgiSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task PHP_reads_forms_and_uploads()
    {
        Tool.Require("php-cgi", "php-cgi");
        CgiSite.Open(_site.Write("cgi-bin/page.php", """
            <?php
            header('X-Method: ' . $_SERVER['REQUEST_METHOD']);
            if (isset($_GET['go'])) { header('Location: /elsewhere'); exit; }
            if (isset($_GET['gone'])) { http_response_code(410); }
            setcookie('seen', '1');
            echo $_GET['q'] ?? '', '|', $_POST['note'] ?? '', '|', $_COOKIE['c'] ?? '', '|', $_SERVER['PATH_INFO'] ?? '', '|';
            if (isset($_FILES['file'])) echo $_FILES['file']['name'], ' ', hash_file('sha256', $_FILES['file']['tmp_name']);
            """));
        await CheckPageAsync("/cgi-bin/page.php");
        var server = _site.Serve();
        Assert.Equal((302, "/elsewhere"), await StatusAndLocationAsync(server, "/cgi-bin/page.php?go=1"));
        Assert.Equal(410, (await server.GetAsync("/cgi-bin/page.php?gone=1")).Status);
    }

    [Fact]
    public async Task Perls_CGI_pm_reads_forms_and_uploads()
    {
        var perl = Tool.Require("perl", "perl");
        var (exitCode, _, _) = await Tool.RunAsync(perl, "-MCGI", "-e", "1");
        Assert.SkipWhen(exitCode != 0, "Perl's CGI.pm is not installed: install the package libcgi-pm-perl.");
        _site.Script("page.pl", """
            #!/usr/bin/perl
            use strict; use CGI; use Digest::SHA;
            my $q = CGI->new;
            if ($q->url_param('go')) { print $q->redirect(-uri => '/elsewhere', -status => 302); exit; }
            print $q->header(-type => 'text/plain', -cookie => $q->cookie(-name => 'seen', -value => '1'), -X_Method => $q->request_method);
            my $note = $q->param('note') // ''; my $c = $q->cookie('c') // ''; my $term = $q->url_param('q') // '';
            print "$term|$note|$c|", $q->path_info, "|";
            if (my $file = $q->upload('file')) { binmode $file; print $q->param('file'), " ", Digest::SHA->new(256)->addfile($file)->hexdigest; }
            """);
        await CheckPageAsync("/cgi-bin/page.pl");
        Assert.Equal((302, "/elsewhere"), await StatusAndLocationAsync(_site.Serve(), "/cgi-bin/page.pl?go=1"));
    }

    [Fact]
    public async Task Git_clones_pushes_and_fetches()
    {
        var git = Tool.Require("git", "git");
        var repositories = _site.MakeShared("repositories");
        var bare = Path.Combine(repositories, "big.git");
        _site.Script("git", "#!/bin/sh\n[ \"$HTTP_CONTENT_ENCODING\" ] && echo \"encoded: $HTTP_CONTENT_ENCODING\" >&2\nexec git http-backend\n");
        var server = _site.Serve(handler => handler.CgiEnvironmentVariables = [$"GIT_PROJECT_ROOT={repositories}", "GIT_HTTP_EXPORT_ALL=1"]);
        var url = $"{server.Url}/cgi-bin/git/big.git";

        await GitAsync("init", "-q", "--bare", "-b", "main", bare);
        await GitAsync("-C", bare, "config", "http.receivepack", "true");
        // Many branches make a long list of wishes, which git packs with gzip; random files cannot be packed, so there are megabytes.
        var source = Path.Combine(_site.Home, "source");
        await GitAsync("init", "-q", "-b", "main", source);
        var script = new StringBuilder("set -e\ncd \"$1\"\n");
        for (var number = 0; number < 40; number++)
            script.Append(System.Globalization.CultureInfo.InvariantCulture, $"head -c 100000 /dev/urandom > file{number}; git add .; git commit -q -m {number}; git branch b{number}\n");
        await RunAsync("sh", "-c", script.ToString(), "sh", source);
        await GitAsync("-C", source, "push", "-q", bare, "--all");
        if (CgiSite.IsRoot)
            await RunAsync("chown", "-R", "nobody", bare);

        var clone = Path.Combine(_site.Home, "clone");
        await GitAsync("clone", "-q", url, clone);
        Assert.Equal(await GitAsync("-C", source, "rev-parse", "main"), await GitAsync("-C", clone, "rev-parse", "main"));
        await GitAsync("-C", clone, "fsck", "--strict");
        await server.Log.WaitForAsync(log => log.Errors.Contains("CGI /cgi-bin/git: encoded: gzip"));

        // More than git's http.postBuffer of 1 MiB goes in chunks.
        await RunAsync("sh", "-c", "cd \"$1\" && head -c 3000000 /dev/urandom > more && git add more && git commit -q -m more", "sh", clone);
        await GitAsync("-C", clone, "push", "-q", "origin", "main");
        var pushed = await GitAsync("-C", clone, "rev-parse", "main");
        Assert.Equal(pushed, await GitAsync("-c", $"safe.directory={bare}", "--git-dir", bare, "rev-parse", "main"));

        var shallow = Path.Combine(_site.Home, "shallow");
        await GitAsync("init", "-q", shallow);
        await GitAsync("-C", shallow, "fetch", "-q", "--depth", "1", url, "main");
        Assert.Equal(pushed, await GitAsync("-C", shallow, "rev-parse", "FETCH_HEAD"));
        Assert.Equal("1\n", await GitAsync("-C", shallow, "rev-list", "--count", "FETCH_HEAD"));

        Task<string> GitAsync(params string[] arguments) => RunAsync(git, arguments);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        string[] settings = ["GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@test", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@test", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0"];
        var (exitCode, output, errors) = await Tool.RunAsync("env", [.. settings, program, .. arguments]);
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} failed: {errors}");
        return output;
    }

    private async Task CheckPageAsync(string page)
    {
        var server = _site.Serve();
        var response = await server.GetAsync(page + "/in/fo?q=x%26y", "Cookie: c=3\r\n");
        Assert.Equal((200, "x&y||3|/in/fo|", "GET"), (response.Status, response.Text, response["X-Method"]));
        Assert.StartsWith("seen=1", response["Set-Cookie"], StringComparison.Ordinal);

        response = await server.SendAsync($"POST {page}?q=1 HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\nnote=a%2Bb");
        Assert.Equal("1|a+b|||", response.Text);

        var file = new byte[300_000];
        new Random(5).NextBytes(file);
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file));
        var body = Upload.Replace("{0}", Encoding.Latin1.GetString(file), StringComparison.Ordinal);
        foreach (var framing in new[] { $"Content-Length: {body.Length}\r\n\r\n{body}", $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n" })
        {
            response = await server.SendAsync($"POST {page} HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=edge\r\n{framing}");
            Assert.Equal($"|a b|||my file.bin {sum}", response.Text);
        }
    }

    private static async Task<(int Status, string? Location)> StatusAndLocationAsync(RunningServer server, string target)
    {
        var response = await server.GetAsync(target);
        return (response.Status, response["Location"]);
    }
}
