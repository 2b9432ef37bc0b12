using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine.Scripts;

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

    [EngineTheory]
    [InlineData("param([ValidateSet('a')] [string] $a) $a", "param([string] $a)")]
    [InlineData("param([ValidateRange(1, 5)] [int] $a = 2, [Alias('c')] [int] $b) $x = $a; \"$a $x\"", "param([int] $a = 2, [Alias('c')] [int] $b)")]
    [InlineData("param([ValidateNotNull()] $a, [ValidateLength(1, 2)] $b) $a = 1", "param([ValidateNotNull()] $a, $b)")]
    public void Checks_of_parameters_that_are_not_assigned_are_left_out(string script, string parameters) =>
        Assert.Equal(parameters, ParametersOf(ScriptItem.ScriptOf(script).MakeBlock()!));

    [EngineTheory]
    [InlineData("param([int] $a) $a")]
    [InlineData("'hello'")]
    [InlineData("param([ValidateSet('a')] $a) $a = 'z'")]
    [InlineData("param([ValidateSet('a')] $a) $A += 'z'")]
    [InlineData("param([ValidateSet('a')] $a) $a, $b = 'z'")]
    [InlineData("param([ValidateSet('a')] $a) [string] $a = 'z'")]
    [InlineData("param([ValidateSet('a')] $a) $local:a = 'z'")]
    [InlineData("param([ValidateRange(1, 5)] $a) $a++")]
    [InlineData("param([ValidateRange(1, 5)] $a) --$a")]
    [InlineData("param([ValidateRange(1, 5)] $a) foreach ($a in 1..9) { }")]
    [InlineData("param([ValidateRange(1, 5)] $a) ([ref] $a).Value = 9")]
    [InlineData("param([ValidateRange(1, 5)] $a) & { $a = 9 }")]
    public void Others_keep_them(string script) => Assert.Null(ScriptItem.ScriptOf(script).MakeBlock());

    private static string ParametersOf(ScriptBlock block) => "param(" + string.Join(", ", ((ScriptBlockAst)block.Ast).ParamBlock
        .Parameters.Select(static parameter => string.Join(' ', parameter.Attributes.Select(static attribute => attribute.Extent.Text)
            .Append(parameter.Name.Extent.Text)) + (parameter.DefaultValue is { } value ? " = " + value.Extent.Text : ""))) + ")";
}
