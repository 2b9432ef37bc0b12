using System.Management.Automation;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers.Binding;

/// <summary>What a handler's parameters mean, as its text and its path say.</summary>
public sealed class ParameterRolesTests
{
    [EngineTheory]
    [InlineData("1", null, false)]
    [InlineData("param() 1", null, false)]
    [InlineData("param($Request) 1", "Request", false)]
    [InlineData("param($request) 1", "request", false)]
    [InlineData("param([int] $Request) 1", "Request", false)]
    [InlineData("param($r) 1", "r", false)]
    [InlineData("param([Http.Server.PowerShell.ScriptRequest] $r) 1", "r", false)]
    [InlineData("param($Id) 1", null, true)]
    [InlineData("param($ID) 1", null, true)]
    [InlineData("param([string] $r) 1", null, true)]
    [InlineData("param([Parameter()] $r) 1", null, true)]
    [InlineData("param($r = 1) 1", null, true)]
    [InlineData("param($a, $b) 1", null, true)]
    [InlineData("param($a, $Request) 1", "Request", true)]
    [InlineData("param($a, [Http.Server.PowerShell.ScriptRequest] $b) 1", "b", true)]
    public void Meaning(string script, string? request, bool binds)
    {
        var parameters = ParameterRoles.Read(ScriptBlock.Create(script).Ast, ["Id"], hasBody: true);
        Assert.Equal(request, parameters.Request);
        Assert.Equal(binds, parameters.MakeBinder is not null);
    }

    [EngineTheory]
    [InlineData("param([scriptblock] $Code)", "Code")]
    [InlineData("param($a, [System.Management.Automation.ScriptBlock[]] $b)", "b")]
    [InlineData("param([Collections.Generic.List[scriptblock]] $c)", "c")]
    [InlineData("param([string] $Code)", null)]
    [InlineData("{ param([scriptblock] $Code) }", null)]
    public void Scripts(string script, string? parameter) =>
        Assert.Equal(parameter, ParameterRoles.FindScript(ScriptBlock.Create(script).Ast));
}
