using System.Management.Automation;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

/// <summary>What a script finds in its worker, and where what it says goes.</summary>
public sealed class ScriptWorkerTests
{
    [EngineFact]
    public async Task A_script_sees_the_request_it_answers()
    {
        await using var site = new WorkerSite();
        var item = new ScriptItem("$this, $Request, $Response, $global:Request") { This = "this", Request = "request", Response = "response" };
        await site.Pool.RunAsync(item);
        Assert.Equal(["this", "request", "response", "request"], item.Output);
    }

    [EngineTheory]
    [InlineData("param($Request) $Request")]
    [InlineData("param($r) $r")]
    [InlineData("param($REQUEST) \"$request\"")]
    [InlineData("[CmdletBinding()] param([Parameter(Mandatory)] $Request) $Request")]
    [InlineData("begin { } process { } end { $Request }")]
    public async Task The_request_is_bound_to_a_parameter(string script)
    {
        await using var site = new WorkerSite();
        var item = new ScriptItem(script) { Request = "request" };
        await site.Pool.RunAsync(item);
        Assert.Equal(["request"], item.Output);
    }

    [EngineTheory]
    [InlineData("Write-Error said", LogLevel.Error, "said (line 1 char 1: Write-Error said; 'output')")]
    [InlineData("Write-Warning said", LogLevel.Warning, "said")]
    [InlineData("Write-Host said", LogLevel.Information, "said")]
    [InlineData("Write-Information said", LogLevel.Information, "said")]
    [InlineData("Write-Verbose said -Verbose", LogLevel.Debug, "said")]
    [InlineData("Write-Debug said -Debug", LogLevel.Debug, "said")]
    public async Task What_a_script_says_beside_its_output_is_logged_with_its_request(string script, LogLevel level, string message)
    {
        await using var site = new WorkerSite();
        var item = new ScriptItem(script + "; 'output'");
        await site.Pool.RunAsync(item);
        Assert.Equal(["output"], item.Output);
        var entry = Assert.Single(site.Log.Read(keep: true));
        Assert.Equal((level, message, item.RequestId, item.Client), (entry.Level, entry.Message, entry.RequestId, entry.Client));
    }

    [EngineTheory]
    [InlineData("throw 'no'", "no")]
    [InlineData("1 / 0", "Attempted to divide by zero.")]
    [InlineData("Write-Error no -ErrorAction Stop", "no")]
    [InlineData("$ErrorActionPreference = 'Stop'; Write-Error no", "no")]
    [InlineData("[int]::Parse('x')", "The input string 'x' was not in a correct format.")]
    public async Task An_error_that_ends_a_script_reaches_who_waits(string script, string message)
    {
        await using var site = new WorkerSite();
        var exception = await Assert.ThrowsAnyAsync<RuntimeException>(() => site.RunAsync(script));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, exception.ErrorRecord.InvocationInfo.ScriptLineNumber);
    }

    [EngineFact]
    public async Task A_handler_is_made_a_function_once_and_taken_away_with_the_handler()
    {
        await using var site = new WorkerSite();
        var handler = ScriptItem.ScriptOf("$MyInvocation.MyCommand.ScriptBlock.GetHashCode()");
        var (first, second) = (new ScriptItem(handler), new ScriptItem(handler));
        await site.Pool.RunAsync(first);
        await site.Pool.RunAsync(second);
        Assert.Equal(first.Output, second.Output);
        var probe = $"Test-Path Function:HttpHandler{handler.Id}";
        Assert.Equal("True", await site.RunAsync(probe));
        handler.IsRemoved = true;
        Assert.Equal("False", await site.RunAsync(probe));
    }

    [EngineFact]
    public async Task A_function_in_the_place_of_a_cmdlet_is_not_trusted_to_change_nothing()
    {
        await using var site = new WorkerSite(configure: setup => setup with
        {
            Functions = new Dictionary<string, string> { ["Get-Date"] = "$global:secret = 'x'" },
        });
        await site.RunAsync("Get-Date");
        Assert.Equal("", await site.RunAsync("\"$global:secret\""));
    }

    [EngineFact]
    public async Task Workers_begin_with_what_the_setup_has()
    {
        var shared = new object();
        await using var site = new WorkerSite(configure: setup => setup with
        {
            Location = Path.GetTempPath(),
            Modules = ["Microsoft.PowerShell.Archive"],
            Variables = new Dictionary<string, object?> { ["Shared"] = shared },
            Functions = new Dictionary<string, string> { ["Get-Given"] = "param($Value) \"given $Value\"" },
            InitializationScript = ScriptBlock.Create("$ready = 'yes'; function Get-Ready { $ready }; Write-Warning 'careful'; Write-Error 'wrong'"),
        });
        var item = new ScriptItem("$Shared; \"$PWD\"; (Get-Module *.Archive).Name; Get-Given 1; Get-Ready");
        await site.Pool.RunAsync(item);
        Assert.Equal([shared, Path.TrimEndingDirectorySeparator(Path.GetTempPath()), "Microsoft.PowerShell.Archive", "given 1", "yes"], item.Output);
        Assert.Equal(["Initialization script: wrong", "Initialization script: careful"], site.Log.Read(keep: true).Select(entry => entry.Message!.Split(" (")[0]));
    }

    [EngineTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_module_that_cannot_be_loaded_is_named(bool goesOn)
    {
        await using var site = new WorkerSite(configure: setup => setup with { Modules = ["No.Such.Module"], GoesOnWithoutModules = goesOn });
        if (goesOn)
        {
            Assert.Equal("1", await site.RunAsync("1"));
            Assert.Contains("No.Such.Module", Assert.Single(site.Log.Read(keep: true)).Message, StringComparison.Ordinal);
            return;
        }

        var exception = Assert.Throws<Http.Server.PowerShell.Engine.WorkerStartException>(site.Pool.Warm);
        Assert.Contains("No.Such.Module", exception.Message, StringComparison.Ordinal);
        Assert.Equal("ModuleNotLoaded", exception.ToErrorRecord().FullyQualifiedErrorId);
    }

    [EngineFact]
    public async Task Cmdlets_that_answers_are_made_with_are_the_real_ones()
    {
        await using var site = new WorkerSite();
        string? text = null;
        await new TestItem(worker =>
        {
            var call = new ScriptItem("function global:Out-String { 'mine' }; Set-Alias Out-String Get-Date -Scope Global; Out-String");
            call.Execute(worker);
            text = worker.Format([1]);
        }).RunAsync(site.Pool);
        Assert.Equal("1", text?.Trim());
    }
}
