using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// Writes what a scriptblock has put out as JSON, as <c>ConvertTo-Json</c> would: plain data down to its ground, an object of
/// .NET with its properties but what these lead to, which may be half of the process, as text. Data that contains itself,
/// children that know their parents say, ends with text where it comes again.
/// </summary>
/// <remarks>It keeps its place in a list of its own, for data may be nested deeper than a thread's stack goes.</remarks>
internal sealed class JsonOutput : IDisposable
{
    /// <summary>Levels of nesting; what is deeper is text. As many as JSON in a request may have by default.</summary>
    private const int DeepestData = 2048;

    /// <summary>Values after which it is looked whether the handler is to be stopped.</summary>
    private const int ValuesBetweenLooks = 4096;

    private readonly JsonText _text = new();
    private readonly Stack<JsonLevel> _open = [];
    private readonly HashSet<object> _above = new(ReferenceEqualityComparer.Instance);
    private (object? Value, PSScriptProperty? Script, bool GoesDeeper)? _waiting;
    private bool _runsScripts;
    private int _count;

    /// <summary>Writes a value. Called on the worker's thread, for values may have script properties.</summary>
    /// <param name="value">The value.</param>
    /// <param name="worker">Runs what scripts take part in as a command, which can be stopped.</param>
    /// <returns>The JSON in UTF-8.</returns>
    public static byte[] Write(object? value, ScriptWorker worker)
    {
        using var output = new JsonOutput();
        output.Put(value, goesDeeper: true);
        if (!output.TryFinish())
            worker.RunAsCommand(output.FinishWithScripts);
        return output._text.Written.ToArray();
    }

    /// <summary>Writes a value within a command, in which scripts may run.</summary>
    /// <returns>The JSON.</returns>
    public static string WriteWithin(object? value)
    {
        using var output = new JsonOutput { _runsScripts = true };
        output.Put(value, goesDeeper: true);
        output.TryFinish();
        return Encoding.UTF8.GetString(output._text.Written);
    }

    public void Dispose()
    {
        while (_open.TryPop(out var level))
            level.Members.Dispose();
    }

    private void FinishWithScripts()
    {
        var (value, script, goesDeeper) = _waiting!.Value;
        (_waiting, _runsScripts) = (null, true);
        Put(value, goesDeeper, script);
        TryFinish();
    }

    /// <returns>False if a script is to take part now.</returns>
    private bool TryFinish()
    {
        while (_waiting is null && _open.TryPeek(out var level))
            Continue(level);
        return _waiting is null;
    }

    private void Continue(JsonLevel level)
    {
        if (!level.Members.MoveNext())
        {
            _open.Pop();
            _above.Remove(level.Self);
            level.Members.Dispose();
            _text.Close(level.IsArray);
            return;
        }

        if (++_count % ValuesBetweenLooks == 0)
            ScriptWorker.OfThisThread?.ThrowIfStopped();
        var (name, value, script) = level.Members.Current;
        if (!level.IsArray)
            _text.Name(name);
        Put(value, level.GoesDeeper, script);
    }

    private void Put(object? value, bool goesDeeper, PSScriptProperty? script = null)
    {
        if (script is not null && _runsScripts)
            value = JsonData.ValueOf(script);
        var wrapped = value as PSObject;
        var bare = wrapped is null ? value : wrapped.BaseObject;
        if (!_runsScripts && script is not null)
        {
            _waiting = (null, script, goesDeeper);
            return;
        }

        if (JsonScalar.TryWrite(_text, value, bare))
            return;
        if (!_runsScripts && JsonShape.Of(bare!.GetType()).HasOwnCode)
        {
            _waiting = (value, null, goesDeeper);
            return;
        }

        // All custom objects have the same one inside.
        var self = bare is PSCustomObject ? wrapped! : bare!;
        if (!goesDeeper || _open.Count > DeepestData || !_above.Add(self))
        {
            _text.String(JsonScalar.TextOf(value));
            return;
        }

        var level = JsonData.Open(bare!, wrapped, self);
        _open.Push(level);
        _text.Open(level.IsArray);
    }
}
