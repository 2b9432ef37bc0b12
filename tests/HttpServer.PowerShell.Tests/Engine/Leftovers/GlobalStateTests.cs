using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine.Leftovers;

/// <summary>What one request leaves in its runspace, the next does not see.</summary>
public sealed class GlobalStateTests
{
    /// <summary>A script that changes something, and one that shows it.</summary>
    public static TheoryData<string, string> Changes => new()
    {
        // Variables
        { "$global:secret = 'x'", "\"$global:secret\"" },
        { "$script:secret = 'x'", "\"$script:secret\"" },
        { "Set-Variable secret x -Scope Global", "\"$global:secret\"" },
        { "New-Variable secret x -Scope Global -Option ReadOnly", "\"$global:secret\"" },
        { "New-Variable secret x -Scope Global -Option Constant", "\"$global:secret\"" },
        { "New-Variable secret x -Scope Global -Option AllScope", "\"$global:secret\"" },
        { "$ExecutionContext.SessionState.PSVariable.Set('global:secret', 'x')", "\"$global:secret\"" },
        { "Write-Output x -OutVariable global:secret | Out-Null", "\"$global:secret\"" },
        { "$null = Write-Output x -OutV global:secret", "\"$global:secret\"" },
        { "$set = @{ OutVariable = 'global:secret' }; $null = Write-Output x @set", "\"$global:secret\"" },
        { "Get-Date | Tee-Object -Variable global:secret | Out-Null", "\"$global:secret\"" },
        { "Write-Error x -ErrorAction SilentlyContinue -ErrorVariable global:secret", "\"$global:secret\"" },
        { "foreach ($global:secret in 'x') { }", "\"$global:secret\"" },
        { "'x' | ForEach-Object { $global:secret = $_ }", "\"$global:secret\"" },
        { "$block = { $global:secret = 'x' }; & $block", "\"$global:secret\"" },
        { "$null = [scriptblock]::Create('$global:secret = 1').Invoke()", "\"$global:secret\"" },
        { "Invoke-Expression '$global:secret = 1'", "\"$global:secret\"" },
        { "$made = [scriptblock]; $made = $made::Create('$global:secret = 1'); 1 | ForEach-Object $made", "\"$global:secret\"" },
        { "$created = [scriptblock]::Create('$global:secret = 1'); 1 | ForEach-Object $created", "\"$global:secret\"" },
        { "$engine = $global:ExecutionContext; $engine.SessionState.PSVariable.Set('global:secret', 'x')", "\"$global:secret\"" },
        { "'x' > Variable:global:secret", "\"$global:secret\"" },
        { "$null = (1..2).ForEach([scriptblock]::Create('$global:secret = 1'))", "\"$global:secret\"" },
        { "$global:given = 'changed'", "$global:given" },
        { "Remove-Variable given -Scope Global", "\"$global:given\"" },
        { "Remove-Variable given -Scope Global; $global:given = 'changed'", "\"$global:given\"" },
        { "Clear-Variable given -Scope Global", "\"$global:given\"" },
        { "[int] $global:given = 5", "$global:given.GetType().Name" },
        { "Set-Variable given -Scope Global -Option ReadOnly", "(Get-Variable given).Options" },
        { "(Get-Item Variable:given).Value = 'changed'", "$global:given" },
        { "Get-Item Variable:given | ForEach-Object { $_.Value = 'changed' }", "$global:given" },
        { "$name = 'Variable:given'; $it = Get-Item $name; $it.Value = 'changed'", "$global:given" },
        { "[string] (Get-Item Variable:given).Value = 'changed'", "$global:given" },
        { "foreach ($it in Get-Item Variable:giv*) { $it.Value = 'changed' }", "$global:given" },
        { "Get-Item Variable:given | ForEach-Object set_Value changed", "$global:given" },
        { "$defaults = Get-Content Variable:PSDefaultParameterValues; $defaults['Get-Date:Year'] = 1999", "$global:PSDefaultParameterValues.Count" },
        { "$it = Get-ChildItem Variable: | Where-Object Name -EQ given; $it.set_Value('changed')", "$global:given" },
        { "(Get-Item Variable:given).Attributes.Add([ValidateLength]::new(5, 9))", "(Get-Variable given).Attributes.Count" },
        { "Get-Variable given | ForEach-Object { $_.Options = 'ReadOnly' }", "(Get-Variable given).Options" },

        // Preference variables
        { "$global:ErrorActionPreference = 'Stop'", "\"$global:ErrorActionPreference\"" },
        { "$global:VerbosePreference = 'Continue'", "\"$global:VerbosePreference\"" },
        { "$global:ProgressPreference = 'SilentlyContinue'", "\"$global:ProgressPreference\"" },
        { "$global:OFS = '-'", "\"$(1, 2)\"" },
        { "$global:OutputEncoding = [Text.Encoding]::Latin1", "$global:OutputEncoding.WebName" },
        { "$global:PSDefaultParameterValues['Get-Date:Year'] = 1999", "$global:PSDefaultParameterValues.Count" },
        { "$global:PSDefaultParameterValues['Get-Random:Minimum'] = 9", "$global:PSDefaultParameterValues['Get-Random:Minimum']" },
        { "$global:PSDefaultParameterValues.Clear()", "$global:PSDefaultParameterValues.Count" },
        { "$global:PSDefaultParameterValues = @{ 'Get-Date:Year' = 1999 }", "$global:PSDefaultParameterValues.Keys" },

        // Names of variables that the engine sets by itself in other places
        { "$global:StackTrace = 'x'", "\"$global:StackTrace\"" },
        { "$global:PSScriptRoot = 'x'", "\"$global:PSScriptRoot\"" },
        { "$global:PSCommandPath = 'x'", "\"$global:PSCommandPath\"" },
        { "try { throw 'x' } catch { }", "\"$global:StackTrace\"" },
        { "$global:Request = 'x'", "\"$global:Request\"" },
        { "$global:Response = 'x'", "\"$global:Response\"" },
        { "$global:LASTEXITCODE = 7", "\"$global:LASTEXITCODE\"" },

        // Errors
        { "Write-Error x -ErrorAction SilentlyContinue", "$Error.Count" },
        { "try { throw 'x' } catch { }", "$Error.Count" },
        { "Get-Item /no/such/file -ErrorAction SilentlyContinue", "$global:Error.Count" },

        // Locations
        { "Set-Location /", "\"$PWD\"" },
        { "Push-Location /", "\"$PWD\"" },
        { "Push-Location /", "(Get-Location -Stack).Count" },
        { "Set-Location Variable:", "\"$PWD\"" },
        { "Push-Location / -StackName secret; Set-Location -StackName secret", "(Get-Location -Stack).Name" },
        { "(Get-PSDrive Temp).CurrentLocation = 'secret'", "(Get-PSDrive Temp).CurrentLocation" },

        // Functions
        { "function global:Get-Secret { 'x' }", "\"$(Get-Command Get-Secret -ErrorAction Ignore)\"" },
        { "Set-Item Function:Get-Secret { 'x' }", "\"$(Get-Command Get-Secret -ErrorAction Ignore)\"" },
        { "function global:Get-Date { 'x' }", "(Get-Command Get-Date).CommandType" },
        { "function global:Get-Given { 'changed' }", "Get-Given" },
        { "Set-Item Function:Get-Given { 'changed' } -Options ReadOnly", "Get-Given" },
        { "Remove-Item Function:Get-Given", "\"$(Get-Command Get-Given -ErrorAction Ignore)\"" },
        { "Set-Item Function:Get-Secret { 'x' } -Options Constant", "\"$(Get-Command Get-Secret -ErrorAction Ignore)\"" },
        { "filter global:Secret { 'x' }", "\"$(Get-Command Secret -ErrorAction Ignore)\"" },
        { "${function:global:Get-Given} = { 'changed' }", "Get-Given" },

        // Aliases
        { "Set-Alias secret Get-Date -Scope Global", "\"$(Get-Alias secret -ErrorAction Ignore)\"" },
        { "Set-Alias given Get-Random -Scope Global", "(Get-Alias given).Definition" },
        { "Remove-Alias given -Scope Global", "\"$(Get-Alias given -ErrorAction Ignore)\"" },
        { "New-Alias secret Get-Date -Scope Global -Option Constant", "\"$(Get-Alias secret -ErrorAction Ignore)\"" },
        { "Set-Alias Get-Date Get-Random -Scope Global", "(Get-Command Get-Date).CommandType" },
        { "$alias:secret = 'Get-Date'", "\"$(Get-Alias secret -ErrorAction Ignore)\"" },

        // Drives
        { "$null = New-PSDrive secret FileSystem / -Scope Global", "\"$(Get-PSDrive secret -ErrorAction Ignore)\"" },
        { "Remove-PSDrive Env -Scope Global", "\"$(Get-PSDrive Env -ErrorAction Ignore)\"" },
        { "Remove-PSDrive Env -Scope Global; $null = New-PSDrive Env FileSystem / -Scope Global", "(Get-PSDrive Env).Provider.Name" },

        // Culture
        { "[cultureinfo]::CurrentCulture = 'de-DE'", "[cultureinfo]::CurrentCulture.Name" },
        { "[cultureinfo]::CurrentUICulture = 'de-DE'", "[cultureinfo]::CurrentUICulture.Name" },
        { "[Threading.Thread]::CurrentThread.CurrentCulture = 'fr-FR'", "[cultureinfo]::CurrentCulture.Name" },
    };

    [EngineTheory]
    [MemberData(nameof(Changes))]
    public async Task A_change_is_not_seen_by_the_next_request(string change, string probe)
    {
        await using var site = GivenSite();
        var before = await site.RunAsync(probe);
        await site.RunAsync(change);
        Assert.Equal(before, await site.RunAsync(probe));
        // Without this the test could not fail.
        Assert.NotEqual(before, await site.RunAsync($"{change}\n{probe}"));
        Assert.Equal(before, await site.RunAsync(probe));
    }

    [EngineTheory]
    [InlineData("1")]
    [InlineData("throw")]
    [InlineData("$global:secret = 'x'")]
    [InlineData("$global:given = 'changed'; $global:ErrorActionPreference = 'Stop'; $global:OFS = '-'")]
    [InlineData("function global:Get-Secret { }; Set-Alias secret Get-Date -Scope Global; $null = New-PSDrive secret FileSystem / -Scope Global")]
    [InlineData("function global:Get-Given { }; Set-Alias given Get-Random -Scope Global; $global:PSDefaultParameterValues.Clear()")]
    [InlineData("Set-Location Variable:; Push-Location /; Push-Location /")]
    [InlineData("Import-Module Microsoft.PowerShell.Archive")]
    [InlineData("while ($true) { throw }")]
    public async Task What_can_be_put_back_costs_no_new_runspace(string change)
    {
        const string Probe = "[Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId";
        await using var site = GivenSite();
        var before = await site.RunAsync(Probe);
        await Record.ExceptionAsync(() => site.RunAsync(change));
        Assert.Equal(before, await site.RunAsync(Probe));
    }

    [EngineTheory]
    [InlineData("New-Variable secret x -Scope Global -Option Constant")]
    [InlineData("Remove-Variable given -Scope Global")]
    [InlineData("Remove-Item Function:Get-Given")]
    [InlineData("Remove-Alias given -Scope Global")]
    [InlineData("Remove-PSDrive Env -Scope Global")]
    public async Task What_cannot_be_put_back_costs_a_new_runspace_of_the_same_worker(string change)
    {
        const string Probe = "[Management.Automation.Runspaces.Runspace]::DefaultRunspace.InstanceId, [Environment]::CurrentManagedThreadId";
        await using var site = GivenSite();
        var before = (await site.RunAsync(Probe)).Split('\n');
        await site.RunAsync(change);
        var after = (await site.RunAsync(Probe)).Split('\n');
        Assert.NotEqual(before[0], after[0]);
        Assert.Equal(before[1], after[1]);
    }

    private static WorkerSite GivenSite() => new(configure: setup => setup with
    {
        Variables = new Dictionary<string, object?> { ["given"] = "given" },
        Functions = new Dictionary<string, string> { ["Get-Given"] = "'given'" },
        InitializationScript = System.Management.Automation.ScriptBlock.Create(
            "Set-Alias given Get-Date; $global:PSDefaultParameterValues['Get-Random:Minimum'] = 3"),
    });
}
