BeforeAll {
    $script:root = Join-Path $PSScriptRoot '../..'
    $script:data = Import-PowerShellDataFile (Join-Path $root 'HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'The manifest' {
    It 'is well-formed, and all that it names is there' {
        $info = Test-ModuleManifest (Join-Path $root 'HttpServer.psd1') -WarningVariable warnings

        $warnings | Should -BeNullOrEmpty
        $info.ExportedCmdlets.Keys | Sort-Object | Should -Be ($data.CmdletsToExport | Sort-Object)
        $info.ExportedFormatFiles | Should -Exist
    }

    It 'gives the session its commands and nothing else' {
        $result = Invoke-PowerShell @'
$before = @(Get-Command -CommandType Cmdlet, Function, Alias).Count
$module = Import-Module $Manifest -PassThru
@(Get-Command -CommandType Cmdlet, Function, Alias).Count - $before
$module.Name
(Get-Module HttpServer).ExportedCommands.Keys -join ' '
(Get-Command -Module HttpServer).Name -join ' '
(Get-Command -Module HttpServer).Version | Select-Object -Unique | ForEach-Object ToString
(Get-Module | Where-Object Name -like HttpServer*).Name
'@

        $result.ErrorText | Should -BeNullOrEmpty
        $names = ($data.CmdletsToExport | Sort-Object) -join ' '
        $result.Output | Should -Be "$($data.CmdletsToExport.Count)", 'HttpServer', $names, $names, $data.ModuleVersion, 'HttpServer'
    }

    It 'has the manifest of the about topics say the same version' {
        (Import-PowerShellDataFile (Join-Path $root 'module/bin/HttpServer.Help.psd1')).ModuleVersion | Should -Be $data.ModuleVersion
    }

    It 'has the version of the changelog, and so has what is built' {
        (Get-Content (Join-Path $root CHANGELOG.md) | Select-String '^## (.+)')[0].Matches[0].Groups[1].Value | Should -Be $data.ModuleVersion
        foreach ($name in 'HttpServer.dll', 'HttpServer.Hosting.dll', 'HttpServer.PowerShell.dll') {
            [Diagnostics.FileVersionInfo]::GetVersionInfo((Join-Path $root "module/bin/$name")).ProductVersion | Should -Be $data.ModuleVersion -Because $name
        }
    }

    It 'says where the module and its licence are, as Get-Help -Online does' {
        $data.PrivateData.PSData.ProjectUri | Should -Be 'https://www.powershellgallery.com/packages/HttpServer'
        $data.PrivateData.PSData.LicenseUri | Should -Be 'https://opensource.org/license/mit'
        Import-Module (Join-Path $root HttpServer.psd1)
        Get-Command -Module HttpServer | ForEach-Object HelpUri | Should -Be (@($data.PrivateData.PSData.ProjectUri) * $data.CmdletsToExport.Count)
    }

    It 'takes a prefix' {
        $result = Invoke-PowerShell @'
Import-Module $Manifest -Prefix My
$server = Start-MyHttpServer -Port 0 -Bind 127.0.0.1
(Get-MyHttpServer).Name
Stop-MyHttpServer
@(Get-Command *-HttpServer -ErrorAction Ignore).Count
'@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output | Should -Be 'HttpServer1', '0'
    }

    It 'is imported when one of its commands is called' {
        $target = Join-Path $TestDrive 'auto/HttpServer'
        $null = New-Item -ItemType Directory -Path "$target/module"
        Copy-Item (Join-Path $root 'HttpServer.psd1') $target
        Copy-Item (Join-Path $root 'module/HttpServer.format.ps1xml'), (Join-Path $root 'module/bin') "$target/module" -Recurse
        $result = Invoke-PowerShell @"
`$env:PSModulePath = '$((Split-Path $target).Replace("'", "''"))'
'$($data.CmdletsToExport -join "', '")' | ForEach-Object { (Get-Command `$_).Source; Remove-Module HttpServer -ErrorAction Ignore }
`$null = Start-HttpServer -Port 0 -Bind 127.0.0.1
(Get-HttpServer | Out-String).Trim() -split '\s+' | Select-Object -First 3
"@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output | Should -Be (@('HttpServer') * $data.CmdletsToExport.Count + 'Id', 'Name', 'State')
    }
}

Describe 'A session that loses the module' {
    It 'loses its servers when <Name>' -ForEach @(
        @{ Name = 'it removes the module'; Way = 'Remove-Module HttpServer'; IsLeft = $false }
        @{ Name = 'it imports the module anew'; Way = 'Import-Module $Manifest -Force'; IsLeft = $true }
    ) {
        $result = Invoke-PowerShell @"
Import-Module `$Manifest
Import-Module `$Support
Register-HttpHandler GET { 'here' }
`$server = Open-Server
Invoke-RestMethod `$server.Uri
`$port = `$server.Port
$Way
Test-Port `$port
@(Get-Command *-Http* -Module HttpServer*).Count
@(Get-Module HttpServer* -All).Count
Import-Module `$Manifest
@(Get-HttpServer).Count
(Start-HttpServer -Port `$port -Bind 127.0.0.1).Port -eq `$port
"@

        $result.ErrorText | Should -BeNullOrEmpty
        $left = $IsLeft ? "$($data.CmdletsToExport.Count)" : '0'
        # The module and its nested ones, once each.
        $modules = $IsLeft ? '3' : '0'
        $result.Output | Should -Be 'here', 'False', $left, $modules, '0', 'True'
    }
}
