using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Http.Server.Host.Consoles;

/// <summary>
/// What scripts write and ask: output goes to standard output, errors, warnings and the like to standard error; answers are
/// read from standard input.
/// </summary>
internal sealed class ConsoleInterface : PSHostUserInterface
{
    private readonly Lock _lock = new();

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleSize();

    public override bool SupportsVirtualTerminal { get; } = Streams.HasColor();

    public override string ReadLine() => Console.In.ReadLine() ?? "";

    public override SecureString ReadLineAsSecureString() => HiddenInput.Read();

    public override void Write(string value) => Put(Console.Out, GetOutputString(value, SupportsVirtualTerminal));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        if (!SupportsVirtualTerminal)
        {
            Write(value);
            return;
        }

        lock (_lock)
        {
            if (foregroundColor >= 0)
                Console.ForegroundColor = foregroundColor;
            if (backgroundColor >= 0)
                Console.BackgroundColor = backgroundColor;
            Put(Console.Out, value);
            Console.ResetColor();
        }
    }

    public override void WriteLine(string value) =>
        Put(Console.Out, GetOutputString(value, SupportsVirtualTerminal) + Environment.NewLine);

    public override void WriteErrorLine(string value) => Put(Console.Error, value + Environment.NewLine);

    public override void WriteWarningLine(string message) => Put(Console.Error, $"WARNING: {message}{Environment.NewLine}");

    public override void WriteVerboseLine(string message) => Put(Console.Error, $"VERBOSE: {message}{Environment.NewLine}");

    public override void WriteDebugLine(string message) => Put(Console.Error, $"DEBUG: {message}{Environment.NewLine}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        // A bar would stand between the lines of the log.
    }

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions)
    {
        Introduce(caption, message);
        var answers = new Dictionary<string, PSObject>();
        foreach (var field in descriptions)
        {
            Put(Console.Out, $"{field.Name}: ");
            var isSecret = field.ParameterTypeName == nameof(SecureString);
            answers[field.Name] = PSObject.AsPSObject(isSecret ? HiddenInput.Read() : ReadLine());
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Introduce(caption, message);
        var labels = choices.Select(static choice => choice.Label.Replace("&", "", StringComparison.Ordinal)).ToArray();
        var keys = choices.Select(KeyOf).ToArray();
        var offer = string.Join("  ", keys.Zip(labels, static (key, label) => $"[{key}] {label}"))
            + (defaultChoice >= 0 ? $" (default is \"{keys[defaultChoice]}\"): " : ": ");
        while (true)
        {
            Put(Console.Out, offer);
            if (Console.In.ReadLine() is not { } answer)
                return defaultChoice >= 0 ? defaultChoice : throw new PipelineStoppedException();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            bool IsAnswer(string text) => text.Equals(answer.Trim(), StringComparison.OrdinalIgnoreCase);
            var chosen = Array.FindIndex(keys, IsAnswer);
            if (chosen < 0)
                chosen = Array.FindIndex(labels, IsAnswer);
            if (chosen >= 0)
                return chosen;
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
    {
        Introduce(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Put(Console.Out, "User: ");
            userName = ReadLine();
        }

        Put(Console.Out, $"Password for user {userName}: ");
        return new PSCredential(userName, HiddenInput.Read());
    }

    /// <summary>The letter behind the label's ampersand; the whole label if it has none.</summary>
    private static string KeyOf(ChoiceDescription choice)
    {
        var at = choice.Label.IndexOf('&', StringComparison.Ordinal) + 1;
        return at > 0 && at < choice.Label.Length ? choice.Label[at].ToString() : choice.Label;
    }

    private void Introduce(string caption, string message)
    {
        foreach (var text in new[] { caption, message })
        {
            if (!string.IsNullOrEmpty(text))
                WriteLine(text);
        }
    }

    private static void Put(TextWriter writer, string text)
    {
        try
        {
            writer.Write(text);
            writer.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // A reader that has left does not end a server.
        }
    }
}
