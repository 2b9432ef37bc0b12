<#
.SYNOPSIS
    Runs one file of Pester tests and writes what came of each test to a JSON file.
#>
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $ReportPath,
    # The folder of the module Pester.
    [Parameter(Mandatory)] [string] $PesterPath
)

# No preference is set here: the tests would run with it.
Import-Module (Join-Path $PesterPath Pester.psd1) -ErrorAction Stop

function Get-Text {
    param([object[]] $ErrorRecord, [switch] $WithPosition)

    foreach ($record in $ErrorRecord) {
        if (-not $record) { continue }
        $text = if ($record.DisplayErrorMessage) { $record.DisplayErrorMessage } else { "$record" }
        # Pester gives a reason in a sentence of its own.
        $text -replace '^Exception: is (skipped|inconclusive), because '
        if ($WithPosition) { $record.DisplayStackTrace }
    }
}

function ConvertTo-Result {
    param([string] $Name, [string] $Outcome, [object[]] $ErrorRecord)

    [pscustomobject]@{ Name = $Name; Outcome = $Outcome; Message = (@(Get-Text -ErrorRecord $ErrorRecord -WithPosition:($Outcome -eq 'Failed')) -join "`n").Trim() }
}

$run = Invoke-Pester -Configuration (New-PesterConfiguration -Hashtable @{
        Run    = @{ Path = $Path; PassThru = $true }
        Output = @{ Verbosity = 'None' }
    })
$results = @(
    foreach ($test in $run.Tests) {
        # What failed in a BeforeAll is told by the block.
        $errors = @($test.ErrorRecord)
        for ($block = $test.Block; $block -and $test.Result -eq 'Failed' -and -not $errors; $block = $block.Parent) { $errors = @($block.ErrorRecord) }
        ConvertTo-Result -Name $test.ExpandedPath -Outcome "$($test.Result)" -ErrorRecord $errors
    }
    foreach ($block in $run.FailedBlocks) { ConvertTo-Result -Name "$($block.ExpandedPath) (block)" -Outcome Failed -ErrorRecord $block.ErrorRecord }
    foreach ($container in $run.FailedContainers) { ConvertTo-Result -Name '(file)' -Outcome Failed -ErrorRecord $container.ErrorRecord }
)
ConvertTo-Json -InputObject $results | Set-Content -LiteralPath $ReportPath -Encoding utf8NoBOM
