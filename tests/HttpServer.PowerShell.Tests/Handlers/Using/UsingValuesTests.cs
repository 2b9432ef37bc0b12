using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Handlers.Using;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers.Using;

public sealed class UsingValuesTests
{
    [EngineFact]
    public void A_script_without_them_has_none() => Assert.Null(UsingValues.Capture(ScriptBlock.Create("1"), static _ => null, out _));

    [EngineFact]
    public void The_first_that_has_no_value_is_named()
    {
        Assert.Null(UsingValues.Capture(ScriptBlock.Create("$using:there + $using:missing + $using:gone"), Find, out var missing));
        Assert.Equal("missing", missing);
    }

    [EngineTheory]
    [InlineData("$using:there")]
    [InlineData("$using:There")]
    [InlineData("${using:there}")]
    [InlineData("\"$using:there\"")]
    [InlineData("$($using:there)")]
    [InlineData("& { $using:there }")]
    [InlineData("1 | ForEach-Object { $using:there }")]
    [InlineData("$using:there; $null = $using:nothing")]
    public async Task The_engine_finds_the_values_by_their_keys(string script)
    {
        var values = UsingValues.Capture(ScriptBlock.Create(script), Find, out var missing);
        Assert.Null(missing);
        await using var site = new WorkerSite();
        var item = new ScriptItem(ScriptItem.ScriptOf(script, values));
        await site.Pool.RunAsync(item);
        Assert.Equal(["value"], item.Output);
    }

    [EngineTheory]
    [InlineData("$using:list.Count", "2")]
    [InlineData("$using:list[1]", "b")]
    [InlineData("$using:table.key", "found")]
    [InlineData("$using:table.Key", "found")]
    [InlineData("$using:table['key']", "found")]
    [InlineData("${using:table}.key", "found")]
    [InlineData("$using:table.nested.list[-1]", "deep")]
    [InlineData("$using:table.none", "")]
    [InlineData("$using:list[0]; $using:LIST[1]; \"$using:there\"", "a b value")]
    public async Task Members_and_elements_are_reached_through_them(string script, string expected)
    {
        await using var site = new WorkerSite();
        var item = new ScriptItem(ScriptItem.ScriptOf(script, Capture(script)));
        await site.Pool.RunAsync(item);
        Assert.Equal(expected, string.Join(' ', item.Output));
    }

    /// <summary>Both the session and the handler have a variable <c>there</c>.</summary>
    [EngineTheory]
    [InlineData("$there = 'own'; 1 | ForEach-Object -Parallel { $using:there }", "own")]
    [InlineData("$there = 'own'; 1 | % -pa { \"$using:there\" }", "own")]
    [InlineData("$there = 'own'; 1 | ForEach-Object -Parallel:{ $using:there }", "own")]
    [InlineData("$only = 'own'; 1 | ForEach-Object -Parallel { 1 | ForEach-Object { & { $using:only } } }", "own")]
    [InlineData("$only = @{ a = 'own' }; 1 | ForEach-Object -Parallel { $using:only.a }", "own")]
    [InlineData("$only = 'own'; $block = { $using:only }; 1 | ForEach-Object -Parallel $block", "own")]
    [InlineData("$only = 'own'; $splat = @{ Parallel = { $using:only } }; 1 | ForEach-Object @splat", "own")]
    [InlineData("$there = 'own'; Invoke-Command { $using:there }", "own")]
    [InlineData("$only = @{ a = 'own' }; icm -ScriptBlock { $using:only.a }", "own")]
    [InlineData("$only = 'own'; Start-ThreadJob { $using:only } | Receive-Job -Wait -AutoRemoveJob", "own")]
    [InlineData("$there = 'own'; Start-ThreadJob -ScriptBlock { $using:there } | Receive-Job -Wait -AutoRemoveJob", "own")]
    [InlineData("$there = 'own'; 1 | ForEach-Object { $using:there }", "value")]
    [InlineData("$there = 'own'; 1 | Where-Object { $using:there -eq 'value' }", "1")]
    [InlineData("$there = $using:there + '!'; 1 | ForEach-Object -Parallel { $using:there }", "value!")]
    [InlineData("foreach ($only in 'a', 'b') { 1 | ForEach-Object -Parallel { $using:only } }", "a b")]
    [InlineData("function f($only) { 1 | ForEach-Object -Parallel { $using:only } } f own", "own")]
    public async Task In_a_block_that_runs_elsewhere_they_are_the_handlers_own(string script, string expected)
    {
        await using var site = new WorkerSite();
        var item = new ScriptItem(ScriptItem.ScriptOf(script, Capture(script)));
        await site.Pool.RunAsync(item);
        Assert.Equal(expected, string.Join(' ', item.Output));
    }

    [EngineTheory]
    [InlineData("1 | ForEach-Object { $using:missing }")]
    [InlineData("1 | ForEach-Object -PipelineVariable p { $using:missing }")]
    [InlineData("1 | Where-Object { $using:missing }")]
    [InlineData("& { $using:missing }")]
    [InlineData("$a = @{ b = $using:missing }")]
    [InlineData("1 | ForEach-Object -Parallel { 1 } -ThrottleLimit $using:missing")]
    public void What_runs_in_the_handler_needs_a_value_of_the_session(string script)
    {
        Assert.Null(UsingValues.Capture(ScriptBlock.Create(script), Find, out var missing));
        Assert.Equal("missing", missing);
    }

    [EngineFact]
    public void The_object_itself_is_captured_as_it_is_now()
    {
        var variable = new PSVariable("there", "first");
        var values = UsingValues.Capture(ScriptBlock.Create("$using:there"), _ => variable, out _);
        variable.Value = "second";
        Assert.Equal("first", Assert.Single(values!.Values.Cast<object>()));
    }

    /// <summary>As the cmdlet does it, on a thread with a runspace.</summary>
    private static UsingTable? Capture(string script)
    {
        using var runspace = RunspaceFactory.CreateRunspace();
        runspace.Open();
        Runspace.DefaultRunspace = runspace;
        try
        {
            return UsingValues.Capture(ScriptBlock.Create(script), Find, out _);
        }
        finally
        {
            Runspace.DefaultRunspace = null;
        }
    }

    private static PSVariable? Find(VariablePath path) => path.UserPath.ToUpperInvariant() switch
    {
        "THERE" => new PSVariable(path.UserPath, "value"),
        "NOTHING" => new PSVariable(path.UserPath, null),
        "LIST" => new PSVariable(path.UserPath, new[] { "a", "b" }),
        "TABLE" => new PSVariable(path.UserPath, new Hashtable(StringComparer.OrdinalIgnoreCase)
        {
            ["key"] = "found",
            ["nested"] = new Hashtable { ["list"] = new[] { "flat", "deep" } },
        }),
        _ => null,
    };
}
