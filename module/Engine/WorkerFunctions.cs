using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Engine;

/// <summary>The handlers as functions of one worker's runspace, each made when it is first asked for.</summary>
/// <param name="runspace">The runspace, open.</param>
/// <param name="engine">Its engine.</param>
/// <param name="globals">Its state, which the functions become a part of.</param>
internal sealed class WorkerFunctions(Runspace runspace, EngineIntrinsics engine, GlobalState globals)
{
    /// <summary>The parameter by which the engine takes the values of <c>$using:</c>.</summary>
    public const string UsingParameter = "--%";

    private readonly Dictionary<CallableScript, ScriptFunction> _functions = [];
    private readonly bool _isTrusted = runspace.SessionStateProxy.LanguageMode == PSLanguageMode.FullLanguage;

    /// <summary>
    /// The items of drives. Where no pipeline runs the runspace is asked, which waits for what runs there for an event; within
    /// one it would refuse.
    /// </summary>
    private ItemCmdletProviderIntrinsics Items =>
        (globals.IsInPipeline ? engine.SessionState.InvokeProvider : runspace.SessionStateProxy.InvokeProvider).Item;

    /// <summary>
    /// Whether a handler may be called within a pipeline that is kept. What may have changed after it must be known by its text,
    /// for the rest is put back while the engine is at rest. A pipeline that begins sets <c>$?</c>, a call within one does not.
    /// Values get into a call by its text, which is not trusted where the system restricts the language.
    /// </summary>
    public bool MayShareAPipeline(CallableScript script) => _functions.TryGetValue(script, out var known)
        ? known.Call is not null
        : _isTrusted && UseOf(script) != GlobalUse.Everything
            && script.Inspection is { Variables: not null, AsksForSuccess: false };

    /// <summary>The function of a handler.</summary>
    public ScriptFunction Get(CallableScript script)
    {
        if (_functions.TryGetValue(script, out var known))
            return known;
        foreach (var (old, function) in _functions.Where(static entry => entry.Key.IsRemoved).ToArray())
        {
            Undefine(function.Name);
            if (old.ClassScript is not null)
                Undefine(function.Name + ClassScript.Suffix);
            _functions.Remove(old);
        }

        var made = Make(script, script.Name);
        _functions.Add(script, made);
        return made;
    }

    /// <summary>The function that has the handler's own parameters, as the engine knows it.</summary>
    public FunctionInfo Describe(CallableScript script)
    {
        var name = Get(script).Name + (script.ClassScript is null ? "" : ClassScript.Suffix);
        return (FunctionInfo)Items.Get("Function:" + name)[0].BaseObject;
    }

    private ScriptFunction Make(CallableScript script, string name)
    {
        if (script.ClassScript is not null)
        {
            var inner = Define(name + ClassScript.Suffix, script.MakeBody());
            Define(name, ClassScript.Around(name + ClassScript.Suffix, script.Parameters));
            return new ScriptFunction(name, GlobalUse.Everything, null, null, BinderOf(script, inner));
        }

        var block = script.MakeBody();
        var call = MayShareAPipeline(script) ? CallOf(name, script) : null;
        var invoked = call is not null && script is { IsPlainBlock: true, SessionValues: null }
            ? script.MakeBlock() ?? block : null;
        var function = Define(name, block);
        return new ScriptFunction(name, UseOf(script), call, invoked, BinderOf(script, function));
    }

    private static IParameterBinder? BinderOf(CallableScript script, FunctionInfo function) =>
        script.Parameters.MakeBinder?.Invoke(function.Parameters);

    private static ScriptBlock CallOf(string name, CallableScript script)
    {
        var parameters = new List<(string, ExpressionAst)>();
        if (script.Parameters.Request is { } parameter)
            parameters.Add((parameter, KeptPipeline.Variable("Request")));
        if (script.SessionValues is { } values)
            parameters.Add((UsingParameter[1..], KeptPipeline.Constant(values)));
        return KeptPipeline.CallOf(
            name, script.Parameters.MakeBinder is null ? null : ScriptParameters.Variable, parameters);
    }

    private FunctionInfo Define(string name, ScriptBlock body)
    {
        var items = Items;
        items.Set("Function:" + name, body);
        var info = (FunctionInfo)items.Get("Function:" + name)[0].BaseObject;
        globals.AddFunction(name, info.ScriptBlock);
        return info;
    }

    private void Undefine(string name)
    {
        Items.Remove("Function:" + name, recurse: false);
        globals.RemoveFunction(name);
    }

    /// <summary>A command that the inspection took for a cmdlet may be a function here.</summary>
    private GlobalUse UseOf(CallableScript script) =>
        script.Inspection.Commands.Any(globals.IsRedefined) ? GlobalUse.Everything : script.Inspection.Use;
}
