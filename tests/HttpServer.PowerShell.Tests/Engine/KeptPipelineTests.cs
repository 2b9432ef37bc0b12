using System.Management.Automation;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.Using;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

/// <summary>What a script does in the pipeline that a worker keeps is what it does in one of its own.</summary>
public sealed class KeptPipelineTests
{
    private const string Probe = """
        "$global:secret|$global:given|$global:typed|$global:n|$global:OFS|$global:ErrorActionPreference|$global:WarningPreference|$global:StackTrace"
        "$([cultureinfo]::CurrentCulture.Name)|$this|$Request|$Response|$LASTEXITCODE"
        """;

    private const string ProbeOfErrors = "\"$($Error.Count)|$PWD\"";

    public static TheoryData<string> Kinds => [.. ScriptTable.Kept.Keys, "other"];

    [EngineTheory]
    [MemberData(nameof(Kinds))]
    public async Task Scripts_do_the_same_in_either(string kind)
    {
        await using WorkerSite own = GivenSite(), kept = GivenSite();
        var differences = new List<string>();
        foreach (var text in kind == "other" ? ScriptTable.Other : ScriptTable.Kept[kind])
        {
            foreach (var script in new[] { text, Probe, ProbeOfErrors }.Select(ScriptOf))
            {
                var before = await RunAsync(own, script, isOwn: true);
                var now = await RunAsync(kept, script, isOwn: false);
                if (before != now)
                    differences.Add($"{text}\n--- in its own\n{before}\n--- in the kept\n{now}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    [EngineFact]
    public async Task Handlers_whose_text_tells_what_they_change_are_called_in_the_kept_pipeline_and_others_are_not()
    {
        await using var site = GivenSite();
        foreach (var text in ScriptTable.Kept.SelectMany(static kind => kind.Value))
            Assert.True(await RunsInPipelineAsync(text), "not in it: " + text);
        foreach (var text in ScriptTable.Other)
            Assert.False(await RunsInPipelineAsync(text), "in it: " + text);

        async Task<bool> RunsInPipelineAsync(string text)
        {
            var item = new ScriptItem(ScriptOf(text));
            await Record.ExceptionAsync(() => site.Pool.RunAsync(item).AsTask());
            return item.RanInPipeline;
        }
    }

    [EngineFact]
    public async Task Nothing_is_kept_where_something_waits_for_events()
    {
        await using var site = new WorkerSite(configure: static setup => setup with
        {
            InitializationScript = ScriptBlock.Create("$null = Register-EngineEvent -SourceIdentifier Own.Event -Action { }"),
        });
        var item = new ScriptItem("1");
        await site.Pool.RunAsync(item);
        Assert.False(item.RanInPipeline);
    }

    /// <summary>A block is called in the runspace that it was made in; that one must not be held while its worker waits.</summary>
    [EngineFact]
    public async Task Blocks_of_a_worker_that_waits_can_be_called_by_another()
    {
        var shared = new System.Collections.Hashtable();
        await using var site = new WorkerSite(throttle: 2, configure: setup => setup with { Variables = new Dictionary<string, object?> { ["Shared"] = shared } });
        await site.RunAsync("$Shared.block = { 'called' }; 1");
        var holding = new TestItem();
        var held = holding.RunAsync(site.Pool);
        await holding.Begun;
        Assert.Equal("called", await site.RunAsync("$Shared.block.Invoke()").WaitAsync(TimeSpan.FromSeconds(30)));
        holding.End();
        await held;
        Assert.Equal("called", await site.RunAsync("$Shared.block.Invoke()").WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static WorkerSite GivenSite() => new(configure: static setup => setup with
    {
        Variables = new Dictionary<string, object?> { ["given"] = "given" },
    });

    private static CallableScript ScriptOf(string text) => ScriptItem.ScriptOf(
        text, UsingValues.Capture(ScriptBlock.Create(text), static path => new PSVariable(path.UserPath, "used " + path.UserPath), out _));

    /// <summary>What came of a script: its output, its end, and what the log says.</summary>
    private static async Task<string> RunAsync(WorkerSite site, CallableScript script, bool isOwn)
    {
        var item = new ScriptItem(script) { This = "this", Request = "request", Response = "response" };
        var outer = isOwn ? new TestItem(item.Execute) : null;
        var exception = await Record.ExceptionAsync(() => outer is null ? site.Pool.RunAsync(item).AsTask() : outer.RunAsync(site.Pool));
        List<string> told = [.. item.Output.Select(static value => $"out {value?.GetType()} {(value is null ? "" : PSObject.AsPSObject(value).ToString())}")];
        for (var at = exception; at is not null; at = at.InnerException)
            told.Add($"threw {at.GetType()}: {at.Message}");
        if (exception is not null)
            told.Add($"at {ErrorText.Of(exception)}\n{ErrorText.RecordOf(exception)?.FullyQualifiedErrorId}\n{ErrorText.RecordOf(exception)?.ScriptStackTrace}");
        told.AddRange(site.Log.Read(keep: false).Select(static entry => $"{entry.Level} {entry.Message}"));
        return string.Join('\n', told);
    }
}
