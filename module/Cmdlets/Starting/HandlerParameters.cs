using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Handlers.Classes;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters of <c>Start-HttpServer</c> about handlers and the runspaces that they run in.</summary>
internal sealed class HandlerParameters
{
    public Type? HandlerType { get; set; }

    public int ThrottleLimit { get; set; } = Math.Max(4, 2 * Environment.ProcessorCount);

    public int QueueLimit { get; set; } = 1000;

    /// <summary>Seconds; 0 for any time.</summary>
    public double HandlerTimeout { get; set; } = 60;

    public ScriptBlock? InitializationScript { get; set; }

    public string[] Module { get; set; } = [];

    public bool IsolateModules { get; set; }

    public Hashtable Variable { get; set; } = [];

    public string[] Function { get; set; } = [];

    /// <summary>Modules that cannot be loaded are left out.</summary>
    public bool Force { get; set; }

    /// <summary>Checks the class that answers every request.</summary>
    /// <param name="handlers">The handlers of the session; those for all servers are not called beside a class.</param>
    /// <param name="hasOpenApi">Handlers are to be described.</param>
    /// <param name="warn">Takes a warning.</param>
    /// <returns>Null if none was given.</returns>
    /// <exception cref="CommandFailure">The class is no handler, or cannot be made by the server.</exception>
    public Type? ReadHandlerType(IReadOnlyList<HttpHandler> handlers, bool hasOpenApi, Action<string> warn)
    {
        if (HandlerType is not { } type)
            return null;
        if (!typeof(BaseHttpRequestHandler).IsAssignableFrom(type) || type.IsAbstract)
            throw Invalid($"{type.Name} is no handler: derive the class from [Http.Server.SimpleHttpRequestHandler].");
        if (type.GetConstructor(Type.EmptyTypes) is null)
            throw Invalid($"{type.Name} has no constructor without parameters, and the server makes the handlers.");
        if (ClassMethods.FindProblem(type) is { } problem)
            throw Invalid(problem);
        if (hasOpenApi)
            throw Invalid($"-OpenApi describes handlers, and the class {type.Name} answers every path: leave one of them out.");
        if (ClassMethods.FindSessionBound(type) is { } bound)
            warn($"PowerShell runs {(bound == type.Name ? "static methods" : "methods")} of the class {bound} "
                + "in this session alone: a request that calls one waits until the session is free, and may get 504. Write "
                + "[NoRunspaceAffinity()] before the class.");
        if (handlers.FirstOrDefault(static handler => handler.Server is null) is { } unused)
            warn($"This server's class {type.Name} answers all requests: handlers for all servers, "
                + $"{unused.Name} say, are not called here.");
        return type;
    }

    /// <summary>What tasks may do.</summary>
    public TaskSettings Tasks { get; set; } = new();

    /// <exception cref="CommandFailure">A variable or a function is not valid.</exception>
    public WorkerSettings ReadWorkers(string location, CommandInvocationIntrinsics commands) => new()
    {
        ThrottleLimit = ThrottleLimit,
        QueueLimit = QueueLimit,
        HandlerTimeout = TimeSpan.FromSeconds(HandlerTimeout),
        Location = location,
        Modules = Module,
        IsolatesModules = IsolateModules,
        InitializationScript = InitializationScript,
        Variables = HandlerVariables.Read(Variable),
        Functions = Function.Distinct(StringComparer.OrdinalIgnoreCase).ToDictionary(
            static name => name, name => SessionFunction.Read(name, commands), StringComparer.OrdinalIgnoreCase),
        GoesOnWithoutModules = Force,
    };

    private CommandFailure Invalid(string problem) =>
        new("-HandlerType: " + problem, "HandlerTypeInvalid", ErrorCategory.InvalidArgument, HandlerType);
}
