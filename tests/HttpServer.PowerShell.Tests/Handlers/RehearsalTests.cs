using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

public sealed class RehearsalTests
{
    [EngineTheory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task A_rehearsal_comes_to_its_end_and_leaves_nothing(bool hasScripts, int count)
    {
        await using var site = new WorkerSite();
        // Functions of the test's own scripts are no part of it.
        const string State = "(Get-ChildItem Function:).Name -notmatch '^HttpHandler[1-9]'; (Get-Variable -Scope Global).Name; (Get-Module).Name; $Error.Count";
        var before = await site.RunAsync(State);
        var rehearsals = Rehearsal.All(hasScripts).ToList();
        Assert.Equal(count, rehearsals.Count);
        foreach (var rehearsal in rehearsals)
            await site.Pool.RunAsync(rehearsal);
        Assert.Equal(before, await site.RunAsync(State));
        Assert.Empty(site.Log.Read(keep: true));
        Assert.Equal(1, site.Pool.WorkerCount);
    }

    [EngineFact]
    public void The_first_is_called_in_the_kept_pipeline_and_the_second_by_one_of_its_own()
    {
        Assert.Equal(["text plain", "commands"], Rehearsal.All(hasScripts: false)
            .Select(static item => item.Script!.IsPlainBlock && item.Script.Inspection.Variables is not null ? "text plain" : "commands"));
    }
}
