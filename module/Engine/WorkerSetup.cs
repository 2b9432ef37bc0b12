using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>What each worker's runspace is made of: everything that handlers find there beyond PowerShell itself.</summary>
internal sealed record WorkerSetup
{
    /// <summary>
    /// The cmdlets of the modules that nearly every script needs, and this module's own. Having them from the start, a worker
    /// does not import the modules at the first use of one, which takes longer than all the rest of its making.
    /// </summary>
    private static readonly Lazy<SessionStateCmdletEntry[]> UsualCmdlets = new(static () =>
        [.. new[] { "Microsoft.PowerShell.Commands.Utility", "Microsoft.PowerShell.Commands.Management" }
            .Select(Assembly.Load).Append(typeof(WorkerSetup).Assembly)
            .SelectMany(static assembly => assembly.GetExportedTypes())
            .Select(static type => (Type: type, Attribute: type.GetCustomAttribute<CmdletAttribute>()))
            .Where(static cmdlet => cmdlet.Attribute is not null && !cmdlet.Type.IsAbstract)
            .Select(static cmdlet => new SessionStateCmdletEntry(
                $"{cmdlet.Attribute!.VerbName}-{cmdlet.Attribute.NounName}", cmdlet.Type, null))]);

    /// <summary>The server's log.</summary>
    public required ServerLog Log { get; init; }

    /// <summary>Modules that are imported.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>The modules are loaded anew for each request that may have used them, in a runspace of its own.</summary>
    public bool IsolatesModules { get; init; }

    /// <summary>Runs once in each worker, after the modules; null for nothing.</summary>
    public ScriptBlock? InitializationScript { get; init; }

    /// <summary>Global variables; their objects are shared by all workers.</summary>
    public IReadOnlyDictionary<string, object?> Variables { get; init; } = new Dictionary<string, object?>();

    /// <summary>Functions by name, as their definitions.</summary>
    public IReadOnlyDictionary<string, string> Functions { get; init; } = new Dictionary<string, string>();

    /// <summary>The location that handlers begin in.</summary>
    public required string Location { get; init; }

    /// <summary>A module that cannot be loaded is a warning and not the end.</summary>
    public bool GoesOnWithoutModules { get; init; }

    /// <summary>Called with each runspace that is opened for the server, so that cmdlets know its session.</summary>
    public Action<Runspace>? Opened { get; init; }

    /// <summary>
    /// Makes items for a worker to do while it waits for its first: what they need is compiled then. Nothing waits for them, and
    /// what goes wrong in them is of no account.
    /// </summary>
    public Func<IEnumerable<WorkItem>> MakeRehearsals { get; init; } = static () => [];

    /// <summary>Called with each error that did not end the initialization script. The log has it too.</summary>
    public Action<ErrorRecord>? Complained { get; init; }

    /// <summary>PowerShell itself, with the cmdlets that nearly every script needs.</summary>
    public static InitialSessionState CreateState()
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var cmdlet in UsualCmdlets.Value)
            state.Commands.Add(cmdlet);
        return state;
    }

    /// <summary>Opens a runspace on this thread and makes it the thread's own.</summary>
    /// <param name="opened">Told of it before its modules and its script run.</param>
    /// <exception cref="WorkerStartException">A module or the initialization script failed.</exception>
    public Runspace OpenRunspace(Action<Runspace>? opened = null)
    {
        var state = CreateState();
        state.ThreadOptions = PSThreadOptions.UseCurrentThread;
        foreach (var (name, value) in Variables)
            state.Variables.Add(new SessionStateVariableEntry(name, value, null));
        foreach (var (name, definition) in Functions)
            state.Commands.Add(new SessionStateFunctionEntry(name, definition));
        var runspace = RunspaceFactory.CreateRunspace(state);
        try
        {
            runspace.Open();
            Runspace.DefaultRunspace = runspace;
            Opened?.Invoke(runspace);
            opened?.Invoke(runspace);
            runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Location));
            foreach (var module in Modules)
                ImportModule(runspace, module);
            if (InitializationScript is not null)
                Initialize(runspace, InitializationScript);
            return runspace;
        }
        catch
        {
            runspace.Dispose();
            throw;
        }
    }

    private void ImportModule(Runspace runspace, string module)
    {
        using var shell = Shell.Create();
        shell.Runspace = runspace;
        shell.AddCommand("Import-Module").AddParameter("Name", module).AddParameter("Global")
            .AddParameter("ErrorAction", ActionPreference.Stop);
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            var message = $"The module '{module}' cannot be loaded for the handlers: {ErrorText.Of(exception)}";
            if (!GoesOnWithoutModules)
            {
                throw new WorkerStartException(
                    $"{message} Correct -Module, or use -Force to start without it.", "ModuleNotLoaded", module, exception);
            }

            Log.Message(LogLevel.Warning, null, message);
        }
    }

    private void Initialize(Runspace runspace, ScriptBlock script)
    {
        using var shell = Shell.Create();
        shell.Runspace = runspace;
        // The script runs in the global scope, so that handlers see the variables that it assigns.
        shell.AddCommand("Invoke-Command").AddParameter("ScriptBlock", TreeCopy.Of((ScriptBlockAst)script.Ast).GetScriptBlock())
            .AddParameter("NoNewScope");
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            throw new WorkerStartException(
                $"The initialization script failed: {ErrorText.Of(exception)}", "InitializationScriptFailed", script, exception);
        }

        // An error that ends a statement, such as a command that does not exist, means that the script has not done its work.
        if (shell.Streams.Error.FirstOrDefault(static error =>
            error.InvocationInfo?.MyCommand is null && error.CategoryInfo.Activity != "Write-Error") is { } fatal)
        {
            throw new WorkerStartException(
                $"The initialization script failed: {ErrorText.Of(fatal)}", "InitializationScriptFailed", script,
                fatal.Exception);
        }

        foreach (var error in shell.Streams.Error)
        {
            Log.Message(LogLevel.Error, null, "Initialization script: " + ErrorText.Of(error));
            Complained?.Invoke(error);
        }

        foreach (var warning in shell.Streams.Warning)
            Log.Message(LogLevel.Warning, null, "Initialization script: " + warning.Message);
    }
}
