using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests.Acme;

/// <summary>The four commands that docs/deployment.md has for an ACME client, with other names and places in them.</summary>
internal sealed class AcmeRecipe
{
    private readonly string[][] _commands;

    /// <param name="client">The program of the client.</param>
    /// <param name="places">What stands in the place of a text of the document.</param>
    public AcmeRecipe(string client, IReadOnlyDictionary<string, string> places)
    {
        var document = File.ReadAllText(Path.Combine(ServerProgram.Repository, "docs", "deployment.md"));
        var block = document.Split("```").Single(block => block.Contains($"\n{client} ", StringComparison.Ordinal));
        foreach (var (text, instead) in places)
            block = block.Replace(text, instead, StringComparison.Ordinal);
        _commands = [.. block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' '))];
        Assert.Equal(["httpserver", client, "httpserver", client], _commands.Select(static command => command[0]));
    }

    /// <summary>The arguments of the server in whose directory the client proves that it has the name.</summary>
    public string[] Webroot => AtFreePort(_commands[0]);

    /// <summary>Those by which the client gets a certificate.</summary>
    public string[] Get => _commands[1][1..];

    /// <summary>Those of the server with the certificate.</summary>
    public string[] Server => AtFreePort(_commands[2]);

    /// <summary>Those by which the client renews it.</summary>
    public string[] Renew => _commands[3][1..];

    private static string[] AtFreePort(string[] command) => ["0", "--bind", "127.0.0.1", .. command[2..]];
}
