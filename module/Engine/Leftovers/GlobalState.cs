using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Http.Server.PowerShell.Engine.Leftovers;

/// <summary>
/// The global state of a worker's runspace as it was before the first request, and the way back to it. Putting back what has
/// changed is many times quicker than <see cref="Runspace.ResetRunspaceState"/>, and keeps what the server's start has set up.
/// </summary>
internal sealed class GlobalState
{
    /// <summary>Variables that the engine or the worker sets by itself.</summary>
    private static readonly HashSet<string> Automatic = new(StringComparer.OrdinalIgnoreCase)
    {
        "?", "^", "$", "Error", "this", "Request", "Response", "Session", "HttpHandlerArguments", "MyInvocation",
    };

    private readonly SessionStateProxy _session;
    private readonly SessionState _sessionInPipeline;
    private readonly ArrayList _errors;
    private readonly string _location;
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
    private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;
    private readonly
        Dictionary<string, (PSVariable Variable, object? Value, ScopedItemOptions Options, int Attributes)> _variables =
        new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ScriptBlock> _functions = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (PSDriveInfo Drive, string Location)> _drives = new(StringComparer.OrdinalIgnoreCase);
    private readonly Hashtable? _parameterDefaults;

    /// <summary>Notes the state of the runspace of this thread.</summary>
    public GlobalState(Runspace runspace)
    {
        _session = runspace.SessionStateProxy;
        _sessionInPipeline = ((EngineIntrinsics)_session.GetVariable("ExecutionContext")).SessionState;
        _errors = (ArrayList)_session.GetVariable("Error");
        _location = _session.Path.CurrentLocation.Path;
        foreach (var variable in Read<PSVariable>("Variable:").Where(static variable => !Automatic.Contains(variable.Name)))
            _variables[variable.Name] = (variable, variable.Value, variable.Options, variable.Attributes.Count);
        foreach (var function in Read<FunctionInfo>("Function:"))
            _functions[function.Name] = function.ScriptBlock;
        foreach (var alias in Read<AliasInfo>("Alias:"))
            _aliases[alias.Name] = alias.Definition;
        foreach (var drive in _session.Drive.GetAll())
            _drives[drive.Name] = (drive, drive.CurrentLocation);
        if (_session.GetVariable("PSDefaultParameterValues") is Hashtable defaults)
            _parameterDefaults = (Hashtable)defaults.Clone();
    }

    /// <summary>
    /// A pipeline of the worker runs. Otherwise the runspace itself is asked, which waits for what runs there for an event; it
    /// refuses to be asked within a pipeline.
    /// </summary>
    public bool IsInPipeline { get; set; }

    private PSVariableIntrinsics Variables => IsInPipeline ? _sessionInPipeline.PSVariable : _session.PSVariable;

    private PathIntrinsics Paths => IsInPipeline ? _sessionInPipeline.Path : _session.Path;

    /// <summary>Takes a function of the worker's own into the state.</summary>
    public void AddFunction(string name, ScriptBlock body) => _functions[name] = body;

    /// <summary>Whether the name of a cmdlet means something else here.</summary>
    public bool IsRedefined(string command) => _functions.ContainsKey(command) || _aliases.ContainsKey(command);

    public void RemoveFunction(string name) => _functions.Remove(name);

    /// <summary>Puts the state back.</summary>
    /// <param name="use">What may have changed.</param>
    /// <param name="variables">
    /// The names of all variables that may have, if it is variables alone; null if that is not known.
    /// </param>
    /// <returns>False if something cannot be put back, a constant say: the runspace must not be used again.</returns>
    public bool TryRestore(GlobalUse use, IReadOnlyCollection<string>? variables = null)
    {
        if (_errors.Count > 0)
            ForgetErrors();
        if (!ReferenceEquals(CultureInfo.CurrentCulture, _culture))
            CultureInfo.CurrentCulture = _culture;
        if (!ReferenceEquals(CultureInfo.CurrentUICulture, _uiCulture))
            CultureInfo.CurrentUICulture = _uiCulture;
        try
        {
            var isRestored = (use < GlobalUse.Variables
                    || (use == GlobalUse.Variables && variables is not null
                        ? variables.All(TryRestoreVariable)
                        : TryRestoreVariables()))
                && (use < GlobalUse.Everything || (TryRestoreDrives() && TryRestoreFunctions() && TryRestoreAliases()));
            if (isRestored && Paths.CurrentLocation.Path != _location)
                Paths.SetLocation(WildcardPattern.Escape(_location));
            return isRestored;
        }
        catch (Exception exception) when (exception is RuntimeException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    private void ForgetErrors()
    {
        _errors.Clear();
        // The engine keeps there where the last error came from.
        if (_variables.TryGetValue("StackTrace", out var known))
            known.Variable.Value = known.Value;
        else
            Variables.Remove("StackTrace");
    }

    /// <returns>False if it has been removed, replaced or locked.</returns>
    private bool TryRestoreVariable(string name)
    {
        if (Automatic.Contains(name))
            return true;
        var variable = Variables.Get(name);
        return variable is null ? !_variables.ContainsKey(name) : TryRestore(variable);
    }

    /// <returns>False if it has been removed, replaced or locked.</returns>
    private bool TryRestore(PSVariable variable)
    {
        if (_variables.TryGetValue(variable.Name, out var known))
        {
            // A variable that was removed has lost its value and its type for good.
            if (!ReferenceEquals(variable, known.Variable) || variable.Options != known.Options
                || variable.Attributes.Count != known.Attributes)
                return false;
            if (!IsSame(variable.Value, known.Value))
                variable.Value = known.Value;
        }
        else if (string.IsNullOrEmpty(variable.ModuleName))
        {
            // Variables and functions of a module that was loaded on demand stay, like the module.
            Variables.Remove(variable);
        }

        return true;
    }

    /// <returns>False if one has been removed, replaced or locked.</returns>
    private bool TryRestoreVariables()
    {
        var seen = 0;
        foreach (var variable in Read<PSVariable>("Variable:"))
        {
            if (Automatic.Contains(variable.Name))
                continue;
            if (!TryRestore(variable))
                return false;
            if (_variables.ContainsKey(variable.Name))
                seen++;
        }

        if (_parameterDefaults is not null && _session.GetVariable("PSDefaultParameterValues") is Hashtable defaults
            && !HasSameEntries(defaults))
        {
            defaults.Clear();
            foreach (DictionaryEntry entry in _parameterDefaults)
                defaults[entry.Key] = entry.Value;
        }

        return seen == _variables.Count;
    }

    private bool HasSameEntries(Hashtable defaults)
    {
        if (defaults.Count != _parameterDefaults!.Count)
            return false;
        foreach (DictionaryEntry entry in defaults)
        {
            if (!_parameterDefaults.ContainsKey(entry.Key) || !IsSame(entry.Value, _parameterDefaults[entry.Key]))
                return false;
        }

        return true;
    }

    /// <returns>False if one has been removed.</returns>
    private bool TryRestoreFunctions()
    {
        var seen = 0;
        foreach (var function in Read<FunctionInfo>("Function:"))
        {
            if (_functions.TryGetValue(function.Name, out var known))
            {
                seen++;
                if (!ReferenceEquals(known, function.ScriptBlock))
                    _session.InvokeProvider.Item.Set(["Function:" + function.Name], known, force: true, literalPath: true);
            }
            else if (function.Module is null)
            {
                _session.InvokeProvider.Item.Remove(
                    ["Function:" + function.Name], recurse: false, force: true, literalPath: true);
            }
        }

        return seen == _functions.Count;
    }

    /// <returns>False if one has been removed.</returns>
    private bool TryRestoreAliases()
    {
        var seen = 0;
        foreach (var alias in Read<AliasInfo>("Alias:"))
        {
            if (_aliases.TryGetValue(alias.Name, out var known))
            {
                seen++;
                if (known != alias.Definition)
                    _session.InvokeProvider.Item.Set(["Alias:" + alias.Name], known, force: true, literalPath: true);
            }
            else if (alias.Module is null)
            {
                _session.InvokeProvider.Item.Remove(["Alias:" + alias.Name], recurse: false, force: true, literalPath: true);
            }
        }

        return seen == _aliases.Count;
    }

    /// <returns>False if one has been removed.</returns>
    private bool TryRestoreDrives()
    {
        var seen = 0;
        foreach (var drive in _session.Drive.GetAll())
        {
            if (!_drives.TryGetValue(drive.Name, out var known))
            {
                _session.Drive.Remove(drive.Name, force: true, "");
            }
            else if (ReferenceEquals(drive, known.Drive))
            {
                seen++;
                if (drive.CurrentLocation != known.Location)
                    drive.CurrentLocation = known.Location;
            }
        }

        // The engine gives a copy of the stack.
        _session.Path.SetDefaultLocationStack("default");
        while (_session.Path.LocationStack("") is { Count: > 0 })
            _session.Path.PopLocation("");
        return seen == _drives.Count;
    }

    private IEnumerable<T> Read<T>(string drive) =>
        _session.InvokeProvider.ChildItem.Get(drive, recurse: false).Select(static item => item.BaseObject).OfType<T>();

    private static bool IsSame(object? one, object? other) =>
        ReferenceEquals(one, other) || (one is ValueType or string && one.Equals(other));
}
