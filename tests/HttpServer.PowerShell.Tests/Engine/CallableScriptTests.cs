using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

/// <summary>Which handlers may be invoked as blocks. That these then do the same is for <see cref="KeptPipelineTests"/>.</summary>
public sealed class CallableScriptTests
{
    [EngineTheory]
    [InlineData("'hello'")]
    [InlineData("@{ a = 1 }")]
    [InlineData("param($Request) $Request")]
    [InlineData("param() 1")]
    [InlineData("param([int] $n) $n")]
    [InlineData("param($a = 1) $a")]
    [InlineData("param($a, $b) $b")]
    [InlineData("param([ValidateSet('a')] [string] $a = 'a', $Request, [Alias('c')] [switch] $b = $true) $b")]
    [InlineData("$global:x = 1; $x")]
    [InlineData("end { 1 }")]
    [InlineData("return 1")]
    [InlineData("throw 'x'")]
    [InlineData("foreach ($n in 1..3) { if ($n -eq 2) { break }; continue }")]
    [InlineData("1..3 | ForEach-Object { foreach ($n in 1) { break }; $_ }")]
    [InlineData("switch (1) { 1 { break } 2 { $_ } }")]
    [InlineData("try { 1 } catch { $_ }")]
    public void Plain(string script) => Assert.True(ScriptItem.ScriptOf(script).IsPlainBlock);

    [EngineTheory]
    // What ends more than the block
    [InlineData("exit")]
    [InlineData("break")]
    [InlineData("'x'; continue")]
    [InlineData("foreach ($n in 1) { break outer }")]
    [InlineData("foreach ($n in 1) { 1 | ForEach-Object { break } }")]
    [InlineData("function f { break }; f")]
    [InlineData("trap { continue }; 1 / 0")]
    // What is for commands
    [InlineData("begin { 1 }")]
    [InlineData("process { 1 }")]
    [InlineData("end { 1 } clean { 2 }")]
    [InlineData("[CmdletBinding()] param() 1")]
    [InlineData("param([Parameter(Mandatory)] [int] $n) $n")]
    [InlineData("param($a = (Get-Date)) $a")]
    [InlineData("param($a = @{}, $b) $b")]
    [InlineData("param([ValidateScript({ $true })] $a, $b) $b")]
    [InlineData("param([string][int] $a) $a")]
    [InlineData("$args")]
    [InlineData("$input")]
    [InlineData("$PSBoundParameters")]
    [InlineData("\"[$_]\"")]
    [InlineData("$PSItem")]
    [InlineData("Write-Error e")]
    public void Not_plain(string script) => Assert.False(ScriptItem.ScriptOf(script).IsPlainBlock);
}
