using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Http.Server.Cli;

/// <summary>The answer to <c>--help</c>: the parser's page of the options, then examples and exit codes.</summary>
internal sealed class HelpPage(HelpAction options) : SynchronousCommandLineAction
{
    private const string Examples = """
        Examples:
          httpserver                               The current directory, port 8000, all interfaces
          httpserver 9000 -d site                  The directory site, port 9000
          httpserver 0 -b localhost                A free port, for this machine only
          httpserver -H Cache-Control no-store     A header in every answer
          httpserver 8443 --tls-self-signed        HTTPS, with a certificate made for this run
          httpserver hash-password anna >> users   A line for --auth-file; asks for the password
          httpserver -b localhost --auth-file users
          httpserver health http://localhost:8000/ Whether a server works: for health checks of containers
          httpserver install-service --dry-run 80  A service of systemd with these arguments: prints its units
          httpserver --log access.log --log-format combined

        Ctrl+C stops it. The exit code is 0 after a stop, 1 if it cannot start, 2 if the command line is wrong.

        """;

    /// <summary>Help is shown even if the rest of the command line is wrong.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        options.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.Write(Examples.ReplaceLineEndings());
        return ExitCode.Success;
    }
}
