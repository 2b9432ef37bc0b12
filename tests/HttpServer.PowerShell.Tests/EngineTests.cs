using System.Management.Automation;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests;

/// <summary>The engine that the other tests rely on.</summary>
public sealed class EngineTests
{
    [EngineFact]
    public void It_has_its_home_its_cmdlets_and_its_modules()
    {
        using var shell = Shell.Create();
        var version = (Version)shell.AddScript("$PSVersionTable.PSVersion.ToString() -as [version]").Invoke().Single().BaseObject;
        Assert.True(version >= new Version(7, 6), version.ToString());
        shell.Commands.Clear();
        Assert.Equal(Path.GetDirectoryName(typeof(PSObject).Assembly.Location), shell.AddScript("$PSHOME").Invoke().Single().BaseObject);
        shell.Commands.Clear();
        Assert.Equal("{\"a\":1}", shell.AddScript("@{ a = 1 } | ConvertTo-Json -Compress").Invoke().Single().BaseObject);
        shell.Commands.Clear();
        Assert.Equal(["Archive", "Utility"], shell.AddScript(
            "Import-Module Microsoft.PowerShell.Archive -PassThru | ForEach-Object { 'Archive' }; (Get-Command Get-Random).ModuleName -replace '.*\\.'").Invoke().Select(static name => name.BaseObject));
    }
}
