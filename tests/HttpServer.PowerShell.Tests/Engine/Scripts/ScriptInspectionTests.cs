using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine.Scripts;

/// <summary>What a script may change as its text tells. That it really changes no more is for <see cref="Leftovers.GlobalStateTests"/>.</summary>
public sealed class ScriptInspectionTests
{
    [EngineTheory]
    [InlineData("")]
    [InlineData("'hello'")]
    [InlineData("@{ a = 1 }")]
    [InlineData("[pscustomobject]@{ a = 1; b = @(1, 2) }")]
    [InlineData("\"item $($Request.RouteValues.id)\"")]
    [InlineData("param($Request) $Request.Query.name.ToUpper()")]
    [InlineData("$this.SendResponse(200); $this.EndHeaders(); $this.Rfile.CopyTo($this.Wfile)")]
    [InlineData("$Response.StatusCode = 201; $Response.Headers['X-A'] = 'b'; $Response.SetCookie('a', 'b', @{ Secure = $true })")]
    [InlineData("$total = 0; foreach ($number in 1..10) { $total += $number }; $total")]
    [InlineData("$list = [Collections.ArrayList]::new(); $null = $list.Add(1); $list.Count")]
    [InlineData("$Shared.Count++; $Shared['a'] = 1")]
    [InlineData("Get-Process | Select-Object -First 5 Name, Id")]
    [InlineData("Get-Process | Where-Object Id -EQ $Request.RouteValues.id | Sort-Object Name -Descending")]
    [InlineData("Get-Process | Where-Object { $_.Name.StartsWith('p') } | ForEach-Object { $_.Id.ToString() }")]
    [InlineData("1..3 | ForEach-Object { $_ * 2 }")]
    [InlineData("(1..3).Where({ $_ -gt 1 }).ForEach({ $_ + 1 })")]
    [InlineData("Get-ChildItem -Path $using:root | Select-Object Name, Length")]
    [InlineData("Get-Content -Raw -Path data.txt")]
    [InlineData("$answer = @{}; $answer.now = Get-Date; $answer | ConvertTo-Json -Compress")]
    [InlineData("if (-not (Test-Path $Request.Path)) { throw 'gone' }")]
    [InlineData("try { throw 'x' } catch { $_.Exception.Message } finally { 'end' }")]
    [InlineData("function Double($x) { 2 * $x }; Double 4")]
    [InlineData("$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; 1")]
    [InlineData("$env:SETTING; $env:SETTING = 'x'")]
    [InlineData("[Math]::Max(1, 2); [DateTime]::UtcNow.ToString('o'); [guid]::NewGuid().ToString()")]
    [InlineData("[Threading.Thread]::Sleep(1); Start-Sleep -Milliseconds 1")]
    [InlineData("Get-Date > $null 2>&1")]
    [InlineData("'text'.Split('x') -join ','")]
    public void Nothing(string script) => Assert.Equal(GlobalUse.None, UseOf(script));

    [EngineTheory]
    [InlineData("$global:x = 1")]
    [InlineData("\"$global:x\"")]
    [InlineData("$script:x++")]
    [InlineData("1..3 | ForEach-Object { $global:x = $_ }")]
    [InlineData("function Count { $script:x += 1 }; Count")]
    [InlineData("foreach ($global:x in 1) { }")]
    [InlineData("Get-Date -OutVariable global:x")]
    [InlineData("Get-Date -ov global:x")]
    [InlineData("Get-Item x -ErrorV global:x")]
    [InlineData("$options = @{ OutVariable = 'global:x' }; Get-Date @options")]
    public void Variables(string script) => Assert.Equal(GlobalUse.Variables, UseOf(script));

    [EngineTheory]
    // Commands that are not known, or not known until they run
    [InlineData("Set-Location /")]
    [InlineData("Import-Module x")]
    [InlineData("% { 1 }")]
    [InlineData("Get-Secret")]
    [InlineData("./script.ps1")]
    [InlineData("git status")]
    [InlineData("& $command")]
    [InlineData("& { 1 }")]
    [InlineData(". { $x = 1 }")]
    [InlineData(". Get-Date")]
    [InlineData("& \"Get-$noun\"")]
    [InlineData("Invoke-Expression $Request.Body")]
    [InlineData("function global:f { }")]
    [InlineData("function script:f { }")]
    [InlineData("class A { }")]
    [InlineData("enum A { B }")]
    // Drives
    [InlineData("${function:f} = { }")]
    [InlineData("$alias:a = 'Get-Date'")]
    [InlineData("'x' > Variable:x")]
    [InlineData("'x' >> $path")]
    [InlineData("(Get-Item Variable:x).Value = 1")]
    [InlineData("(Get-Item Variable:x).Value++")]
    [InlineData("$it = Get-ChildItem Variable:; $it[0].Value, $it[1].Value = 1, 2")]
    [InlineData("Get-ChildItem Variable: | ForEach-Object { $_.set_Value(1) }")]
    [InlineData("Get-ChildItem Variable: | ForEach-Object -MemberName set_Value -ArgumentList 1")]
    [InlineData("$PWD.Provider.Home = '/'")]
    // Ways to the engine
    [InlineData("$ExecutionContext.SessionState.PSVariable.Set('x', 1)")]
    [InlineData("$engine = $global:ExecutionContext")]
    [InlineData("$Host.UI.RawUI.WindowTitle = 'x'")]
    [InlineData("$PSDefaultParameterValues['a:b'] = 1")]
    [InlineData("$global:PSDefaultParameterValues['a:b'] = 1")]
    [InlineData("$Error.Clear()")]
    [InlineData("[powershell]::Create('CurrentRunspace').AddScript('x').Invoke()")]
    [InlineData("$runspace = [Management.Automation.Runspaces.Runspace]::DefaultRunspace")]
    // Methods that are not known, or of what is not known
    [InlineData("$made = [scriptblock]; $made::Create('x')")]
    [InlineData("[MyType]::DoIt()")]
    [InlineData("$type::DoIt()")]
    [InlineData("$unknown.DoIt()")]
    [InlineData("$Shared.Action.DoIt()")]
    [InlineData("($using:thing).DoIt()")]
    [InlineData("$x = 1; $x.$name()")]
    [InlineData("$block = { 1 }; $block.InvokeReturnAsIs()")]
    // Scriptblocks from elsewhere
    [InlineData("1 | ForEach-Object $Shared.Block")]
    [InlineData("1 | ForEach-Object -Process $block")]
    [InlineData("1 | Where-Object $block")]
    [InlineData("1 | Where-Object -FilterScript:$block")]
    [InlineData("(1, 2).ForEach($Shared.Block)")]
    [InlineData("(1, 2).Where($Shared.Block, 'First')")]
    public void Everything_in_doubt(string script) => Assert.Equal(GlobalUse.Everything, UseOf(script));

    [EngineFact]
    public void The_commands_are_told_that_the_judgement_rests_on() => Assert.Equal(
        ["Get-Date", "Sort-Object"],
        Inspect("function Own { }; Own; Get-Date | Sort-Object; get-date").Commands.Order());

    [EngineTheory]
    [InlineData("'hello'", "")]
    [InlineData("$global:x = $script:y; \"$global:X\"", "x,y")]
    [InlineData("1..3 | ForEach-Object { $global:x = $_ }", "x")]
    [InlineData("Get-Date -OutVariable global:x", null)]
    [InlineData("$options = @{ OutVariable = 'global:x' }; Get-Date @options", null)]
    [InlineData("${global:a*} = 1", null)]
    [InlineData("$global:x = 1; Set-Location /", null)]
    public void The_global_variables_are_told_if_the_text_names_them_all(string script, string? names) =>
        Assert.Equal(names, Inspect(script).Variables is { } known ? string.Join(',', known.Order()) : null);

    [EngineTheory]
    [InlineData("$?", true)]
    [InlineData("if (-not $?) { 1 }", true)]
    [InlineData("\"$? $_\"", true)]
    [InlineData("$x; $error_; $_", false)]
    public void It_is_told_whether_the_success_of_what_was_before_is_read(string script, bool isRead) =>
        Assert.Equal(isRead, Inspect(script).AsksForSuccess);

    private static GlobalUse UseOf(string script) => Inspect(script).Use;

    private static ScriptInspection Inspect(string script)
    {
        var ast = Parser.ParseInput(script, out _, out var errors);
        Assert.Empty(errors);
        return new ScriptInspection(ast);
    }
}
