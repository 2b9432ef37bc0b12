#!/usr/bin/env pwsh
#requires -Version 7.6
<#
.SYNOPSIS
    Builds, tests, checks, measures or packs the module and the server.
.DESCRIPTION
    Build   Compiles everything; the module can then be imported from HttpServer.psd1.
    Test    Runs all tests, as 'dotnet test' does.
    Lint    Checks the format of the sources and, with PSScriptAnalyzer, the scripts and the manifest.
    Bench   Runs the load figures of docs/speed.md; tests/HttpServer.Benchmarks says which programs it compares with.
    Pack    Leaves in out/ the module, as the folder HttpServer and as HttpServer.<version>.nupkg, the .NET tools HttpServer.Cli (httpserver)
            and HttpServer.Host (httpserver-host), and the library, HttpServer.Library.
.EXAMPLE
    ./build.ps1
    Compiles everything.
.EXAMPLE
    ./build.ps1 -Task Lint, Test
    Checks, then tests.
.EXAMPLE
    ./build.ps1 -Task Pack; Register-PSResourceRepository HttpServerOut ./out -Trusted -Force; Install-PSResource HttpServer -Repository HttpServerOut
    Packs everything and installs the module for this user.
.EXAMPLE
    dotnet run --project src/HttpServer.Host -- build.ps1 -Task Pack
    The same packages where no PowerShell is installed.
#>
[CmdletBinding()]
param(
    # What is to be done, in this order.
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Lint', 'Bench', 'Pack')]
    [string[]] $Task = 'Build',

    # Where Pack leaves what it makes.
    [string] $OutputPath = (Join-Path $PSScriptRoot 'out'),

    # Pack takes the module as it has been built already, and packs nothing else.
    [switch] $NoBuild
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# A program that fails ends the script, like a cmdlet.
$PSNativeCommandUseErrorActionPreference = $true

function Assert-Tool {
    [CmdletBinding()]
    param()

    $missing = @(
        if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) { 'the .NET SDK (https://dot.net/download)' }
        if ('Lint' -in $Task -and -not (Get-Module -ListAvailable PSScriptAnalyzer)) { 'PSScriptAnalyzer (Install-PSResource PSScriptAnalyzer)' }
    )
    if ($missing) { throw "$($Task -join ', ') needs what is not installed: install $($missing -join ' and ')." }
}

function Invoke-Lint {
    [CmdletBinding()]
    param()

    dotnet format --verify-no-changes
    $null = Test-ModuleManifest -Path HttpServer.psd1

    $files = @('HttpServer.psd1', 'build.ps1') + (Get-ChildItem -Path module, tests -Recurse -Include *.ps1, *.psm1, *.psd1 -File |
            Where-Object FullName -NotMatch '[\\/](bin|obj)[\\/]' | ForEach-Object FullName)
    $found = $files | ForEach-Object { Invoke-ScriptAnalyzer -Path $_ -Settings PSGallery }
    if ($found) {
        $found | Format-Table -AutoSize RuleName, Severity, ScriptName, Line, Message | Out-Host
        throw "PSScriptAnalyzer found $(@($found).Count) problems."
    }
}

function New-ModulePackage {
    [CmdletBinding(SupportsShouldProcess)]
    param()

    $manifest = Import-PowerShellDataFile -Path HttpServer.psd1
    $module = Join-Path $OutputPath 'HttpServer'
    if (-not $PSCmdlet.ShouldProcess($module, 'Pack the module')) { return }
    if (-not $NoBuild) { dotnet build module/HttpServer.PowerShell.csproj --configuration Release --verbosity quiet }
    if (Test-Path $module) { Remove-Item $module -Recurse }
    $null = New-Item -ItemType Directory -Path (Join-Path $module 'module/bin')
    Copy-Item -Path HttpServer.psd1, README.md, CHANGELOG.md, LICENSE -Destination $module
    Copy-Item -Path module/*.ps1xml -Destination (Join-Path $module 'module')
    # What the compiler leaves for other compilers and for debuggers is not needed to run.
    Get-ChildItem -Path module/bin -Exclude *.pdb, HttpServer*.xml | Copy-Item -Destination (Join-Path $module 'module/bin') -Recurse
    $null = Test-ModuleManifest -Path (Join-Path $module 'HttpServer.psd1')

    $data = $manifest.PrivateData.PSData
    $tags = @($data.Tags) + 'PSModule' + 'PSIncludes_Cmdlet' + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_", "PSCommand_$_" })
    $escape = { [System.Security.SecurityElement]::Escape($args[0]) }
    $nuspec = Join-Path $OutputPath 'HttpServer.nuspec'
    Set-Content -Path $nuspec -Value @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>HttpServer</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$(& $escape $manifest.Author)</authors>
    <copyright>$(& $escape $manifest.Copyright)</copyright>
    <license type="expression">MIT</license>
    <projectUrl>$(& $escape $data.ProjectUri)</projectUrl>
    <readme>README.md</readme>
    <description>$(& $escape $manifest.Description)</description>
    <tags>$($tags -join ' ')</tags>
  </metadata>
  <files>
    <file src="HttpServer/**" target="" />
  </files>
</package>
"@
    dotnet pack module/HttpServer.PowerShell.csproj --no-build --configuration Release --output $OutputPath --verbosity quiet `
        -p:IsPackable=true -p:NoWarn=NU5100%3BNU5110%3BNU5111%3BNU5128 "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$OutputPath"
    Remove-Item $nuspec
    Get-Item -Path $module, (Join-Path $OutputPath "HttpServer.$($manifest.ModuleVersion).nupkg")
}

function New-ProjectPackage {
    [CmdletBinding(SupportsShouldProcess)]
    param()

    foreach ($project in 'HttpServer', 'HttpServer.Cli', 'HttpServer.Host') {
        if (-not $PSCmdlet.ShouldProcess($project, 'Pack')) { continue }
        dotnet pack "src/$project/$project.csproj" --configuration Release --output $OutputPath --verbosity quiet
    }
    Get-ChildItem -Path $OutputPath -Filter HttpServer.*.nupkg | Where-Object Name -Match '^HttpServer\.[A-Z]'
}

$OutputPath = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath)
# Before anything that takes its time.
Assert-Tool
Push-Location $PSScriptRoot
try {
    foreach ($step in $Task) {
        switch ($step) {
            'Build' { dotnet build --configuration Release }
            'Test' { dotnet test }
            'Lint' { Invoke-Lint }
            'Bench' { dotnet run --configuration Release --project tests/HttpServer.Benchmarks -- load }
            'Pack' {
                New-ModulePackage
                if (-not $NoBuild) { New-ProjectPackage }
            }
        }
    }
}
finally {
    Pop-Location
}
