using System.Text;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// <c>httpserver hash-password USER</c>: makes a line for <c>--auth-file</c>. The password comes from the terminal or from
/// standard input, never from the command line, which other users of the machine can see.
/// </summary>
internal static class HashPasswordCommand
{
    public const string Name = "hash-password";

    private const string Help = """
        Description:
          Makes a line USER:HASH for the file of --auth-file. Asks for the password at the terminal, twice, or reads one line of a
          redirected standard input.

        Usage:
          httpserver hash-password USER >> users

        """;

    /// <returns>The program's exit code.</returns>
    public static int Run(string[] args)
    {
        if (args.Any(arg => arg is "-h" or "--help" or "-?"))
        {
            Terminal.Say(Help.ReplaceLineEndings());
            return ExitCode.Success;
        }

        if (FindProblem(args) is { } problem)
        {
            Terminal.Complain($"{problem} Try 'httpserver {Name} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            var password = Console.IsInputRedirected ? ReadLine() : Ask(args[0]);
            Terminal.Say($"{args[0]}:{BasicAuthentication.Hash(password)}{Environment.NewLine}");
            return ExitCode.Success;
        }
        catch (CannotStartException exception)
        {
            Terminal.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
    }

    private static string? FindProblem(string[] args)
    {
        if (args.Length == 0)
            return $"{Name} needs a user: httpserver {Name} USER.";
        if (args.Length > 1)
            return $"'{args[0]}' is all that {Name} takes: the password is asked for, or read from standard input.";
        if (args[0].StartsWith('-'))
            return $"There is no option {args[0]} of {Name}.";
        return args[0] is "" or ['#', ..] || args[0].Any(static letter => letter == ':' || char.IsControl(letter))
            ? $"'{args[0]}' is no user: a name has neither colons nor control characters, and does not begin with #."
            : null;
    }

    private static string ReadLine()
    {
        try
        {
            var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
            using var reader = new StreamReader(Console.OpenStandardInput(), encoding);
            return Check(reader.ReadLine() ?? "", "Standard input");
        }
        catch (DecoderFallbackException)
        {
            throw new CannotStartException(
                "The password on standard input is not UTF-8: clients send it in UTF-8, so give it in that.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CannotStartException(
                $"Cannot read the password from standard input: {exception.Message.TrimEnd('.')}. Give one line.");
        }
    }

    private static string Ask(string user)
    {
        var answers = HiddenInput.Ask($"Password for {user}: ", "Once more: ");
        return Check(answers[0], "The answer") == answers[1]
            ? answers[0]
            : throw new CannotStartException("The two passwords differ: try again.");
    }

    private static string Check(string password, string source)
    {
        if (password.Length == 0)
            throw new CannotStartException($"{source} has no password: give one that is not empty.");
        return password.Any(char.IsControl)
            ? throw new CannotStartException("The password has a control character, which browsers cannot send: choose another.")
            : password;
    }
}
