using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Http.Server.Cli;

/// <summary>The command line: its options, what they may be, and what is said when they are wrong.</summary>
internal static class ServeCommand
{
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static readonly Argument<int> Port = new("port")
    {
        Description = "Port to listen at; 0 for a free one.",
        DefaultValueFactory = _ => 8000,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = ParsePort,
    };

    private static readonly Option<string[]> Bind = new("--bind", "-b")
    {
        Description = "Address to listen at: an IP address, localhost, or unix:PATH; may be given several times. Default: all interfaces.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string> Directory = new("--directory", "-d")
    {
        Description = "Directory to serve. Default: the current one.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    private static readonly Option<string> Protocol = MakeProtocol();

    private static readonly Option<string[]> Header = new("--header", "-H")
    {
        Description = "Header to add to every answer: -H NAME VALUE; may be given several times.",
        HelpName = "NAME VALUE",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> ContentType = new("--content-type")
    {
        Description = "Content type of files whose extension is unknown. Default: application/octet-stream.",
        HelpName = "TYPE",
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Do not log requests to standard error." };

    private static readonly Option<string?> Log = new("--log")
    {
        Description = "File to log requests to, in place of standard error; appended to.",
        HelpName = "FILE",
    };

    private static readonly Option<LogFormat> LogFormat = new("--log-format")
    {
        Description = "Form of the request log. Default: as Python's http.server.",
        HelpName = "common|combined|json",
        CustomParser = result => ParseChoice(result, Server.LogFormat.Common, Server.LogFormat.Combined, Server.LogFormat.Json),
    };

    private static readonly Option<SymlinkPolicy> Symlinks = new("--symlinks")
    {
        Description = "Symbolic links: followed inside the directory (the default), followed anywhere, or refused.",
        HelpName = "inside|follow|refuse",
        CustomParser = result => ParseChoice(result, SymlinkPolicy.Inside, SymlinkPolicy.Follow, SymlinkPolicy.Refuse),
    };

    private static readonly Option<bool> HideDotfiles = new("--hide-dotfiles")
    {
        Description = "Answer 404 for names that begin with a dot, and leave them out of listings.",
    };

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Serves a directory over HTTP.")
        {
            Port, Bind, Directory, Protocol, Header, ContentType, Quiet, Log, LogFormat, Symlinks, HideDotfiles,
        };
        var result = command.Parse(HeaderArguments.Join(args));
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
                await Console.Error.WriteLineAsync($"httpserver: {HeaderArguments.Show(error.Message)}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync("Try 'httpserver --help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        if (result.Action is { } helpOrVersion)
            return helpOrVersion is System.CommandLine.Invocation.SynchronousCommandLineAction action ? action.Invoke(result) : ExitCode.Success;

        if (!HeaderArguments.TryParse(result.GetValue(Header)!, out var headers, out var problem)
            || !TryCheckContentType(result.GetValue(ContentType), out problem))
        {
            await Console.Error.WriteLineAsync($"httpserver: {problem}\nTry 'httpserver --help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        return await FileServer.RunAsync(new ServeSettings
        {
            Port = result.GetValue(Port),
            Bind = result.GetValue(Bind)!,
            Directory = result.GetValue(Directory)!,
            Protocol = result.GetValue(Protocol)!,
            Headers = headers,
            ContentType = result.GetValue(ContentType),
            Quiet = result.GetValue(Quiet),
            LogFile = result.GetValue(Log),
            LogFormat = result.GetValue(LogFormat),
            Symlinks = result.GetValue(Symlinks),
            HideDotfiles = result.GetValue(HideDotfiles),
        }).ConfigureAwait(false);
    }

    private static Option<string> MakeProtocol()
    {
        var option = new Option<string>("--protocol", "-p")
        {
            Description = "Version of HTTP to answer with. Default: HTTP/1.1.",
            HelpName = "HTTP/1.0|HTTP/1.1",
            DefaultValueFactory = _ => "HTTP/1.1",
        };
        option.AcceptOnlyFromAmong("HTTP/1.0", "HTTP/1.1");
        return option;
    }

    private static int ParsePort(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
            return 8000;
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535)
            return port;
        result.AddError($"The port is a number from 0 to 65535, not '{text}'.");
        return 0;
    }

    private static T ParseChoice<T>(ArgumentResult result, params T[] choices)
        where T : struct, Enum
    {
        var text = result.Tokens[0].Value;
        foreach (var choice in choices)
        {
            if (text.Equals(choice.ToString(), StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        var names = string.Join(", ", choices.Select(choice => choice.ToString().ToLowerInvariant()));
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} takes one of {names}, not '{text}'.");
        return default;
    }

    private static bool TryCheckContentType(string? type, out string? problem)
    {
        problem = null;
        if (type is null)
            return true;
        var isClean = type.All(c => c is >= ' ' and <= '~') && System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(type, out _);
        if (!isClean)
            problem = $"--content-type takes a media type such as text/plain, not '{HeaderArguments.Show(type)}'.";
        return isClean;
    }
}
