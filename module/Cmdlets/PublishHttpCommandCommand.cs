using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Makes an endpoint of a command: requests call it with the parameters that are named here, and no others.</summary>
[Cmdlet(VerbsData.Publish, "HttpCommand", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpHandler))]
public sealed class PublishHttpCommandCommand : HttpServerCommand
{
    /// <summary>
    /// The command: a cmdlet, or a function that the handlers of the server have; its name, or what Get-Command gives.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public object Command { get; set; } = "";

    /// <summary>The pattern of the paths.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public object Path { get; set; } = "";

    /// <summary>The parameters that a request may give, by name.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNullOrEmpty]
    public string[] Parameter { get; set; } = [];

    /// <summary>The methods; GET for a command that only looks by its verb, else POST.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Method { get; set; }

    /// <summary>The server, as an object, by name or by number; none for all servers of the session, later ones too.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <summary>A name for the handler.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>The Content-Type of the output; without it, the client chooses the form.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MediaTypeCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? ContentType { get; set; }

    /// <summary>How many requests it may answer at once; 0, the default, for as many as the server's handlers may.</summary>
    [Parameter]
    [ValidateRange(0, 10_000)]
    public int ThrottleLimit { get; set; }

    /// <summary>The OpenAPI document of servers does not have the command.</summary>
    [Parameter]
    public SwitchParameter Hidden { get; set; }

    /// <summary>How often a client may call it, 10/s or 100/m; none for any number.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? RateLimit { get; set; }

    /// <summary>What clients are told apart by for that: Address, User or Header:NAME.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RateKeyCompleter))]
    [AllowNull]
    [AllowEmptyString]
    public string? RateKey { get; set; }

    /// <summary>The authentications by which its users log in; none for those of the server.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Authentication { get; set; } = [];

    /// <summary>The roles of which a user needs one; none for every user.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public string[] Role { get; set; } = [];

    /// <summary>Pages of other origins may send it what changes something, with the user's credentials.</summary>
    [Parameter]
    public SwitchParameter AllowCrossSite { get; set; }

    /// <summary>Takes the place of handlers for the same methods and path.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The handler is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var command = FindCommand();
            var published = new PublishedCommand(command, Parameter);
            var methods = Method ?? [published.Method];
            if (ShouldProcess($"{string.Join(", ", methods)} {Path}", $"Publish {command.Name}"))
                Register(published, methods);
        }
        catch (CommandFailure failure)
        {
            ThrowTerminatingError(failure.Record);
        }
        catch (RuntimeException exception) when (exception.ErrorRecord is not null)
        {
            // What Register-HttpHandler has said.
            ThrowTerminatingError(exception.ErrorRecord);
        }
    }

    private void Register(PublishedCommand published, string[] methods)
    {
        var register = new CmdletInfo("Register-HttpHandler", typeof(RegisterHttpHandlerCommand));
        var parameters = new Hashtable
        {
            ["Method"] = methods,
            ["Path"] = Path,
            ["ScriptBlock"] = published.MakeHandler(),
            ["Server"] = Server,
            ["Name"] = Name,
            ["ContentType"] = ContentType,
            ["ThrottleLimit"] = ThrottleLimit,
            ["Hidden"] = Hidden,
            ["Force"] = Force,
            ["PassThru"] = PassThru,
            ["Confirm"] = false,
            ["WhatIf"] = false,
        };
        // What is left out here is left out there, which checks what is given.
        foreach (var name in new[] { nameof(RateLimit), nameof(RateKey), nameof(Authentication), nameof(Role),
            nameof(AllowCrossSite) })
        {
            if (MyInvocation.BoundParameters.TryGetValue(name, out var value))
                parameters[name] = value;
        }

        WriteObject(InvokeCommand.InvokeScript(
            false, ScriptBlock.Create("param($command, $parameters) & $command @parameters"), null, register, parameters),
            enumerateCollection: true);
    }

    private CommandInfo FindCommand()
    {
        var given = Unwrap(Command);
        var found = given as CommandInfo ?? InvokeCommand.GetCommand(
            $"{given}", CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Alias);
        while (found is AliasInfo alias)
            found = alias.ResolvedCommand;
        switch (found)
        {
            case CmdletInfo:
            case FunctionInfo { ModuleName.Length: > 0 }:
                return found;
            case FunctionInfo function when LacksFunction(function.Name) is { } server:
                throw new CommandFailure(
                    $"The handlers of {server.Name} do not have the function {function.Name}: give it to them with "
                    + $"Start-HttpServer -Function {function.Name}, or put it in a module.", "FunctionNotShared",
                    ErrorCategory.InvalidOperation, function.Name);
            case FunctionInfo:
                return found;
            default:
                throw new CommandFailure(
                    $"There is no cmdlet or function '{given}'. Scripts and programs are not published: call "
                    + "them in a scriptblock of Register-HttpHandler.", "CommandNotFound", ErrorCategory.ObjectNotFound, given);
        }
    }

    /// <summary>A server that the handler is for, and whose handlers do not have a function of the session.</summary>
    private HttpServerInstance? LacksFunction(string name) =>
        (Server is null ? Session.Servers : FindServers(Server)).FirstOrDefault(server =>
            server.State == HttpServerState.Running && !server.Settings.Workers.Functions.ContainsKey(name));
}
