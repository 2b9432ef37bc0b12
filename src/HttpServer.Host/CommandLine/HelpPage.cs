namespace Http.Server.Host.CommandLine;

/// <summary>What <c>--help</c> shows.</summary>
internal static class HelpPage
{
    public const string Text = """
        PowerShell with the module HttpServer in one program.

        httpserver-host [-Port 9000] [-Directory site] [-Bind localhost] [options]
            Serves a directory, by default the current one at port 8000. At a terminal it leaves you at a PowerShell prompt: add
            handlers with Register-HttpHandler, leave with exit. Without a terminal it serves until SIGTERM or Ctrl+C.
            All options are those of Start-HttpServer; 'httpserver-host -Command "Get-Help Start-HttpServer"' lists them.
            Lists are separated by commas or spaces (-Bind 127.0.0.1,::1), tables are NAME=VALUE (-Header X-Frame-Options=DENY).

        httpserver-host [--watch] server.ps1 [arguments]
            Runs the script, and serves on while any server of it runs.

        httpserver-host -Command 'Start-HttpServer; Register-HttpHandler GET /hello { "hello" }'
            The same for one line.

        --watch      run the script anew when it, or a file that it dot-sources, changes
        --version    show the version
        --help, -h   show this

        Exit code: 0 when it was told to stop, 1 if an error ended it, 2 if the command line is wrong, or what the script gives
        to exit.

        """;
}
