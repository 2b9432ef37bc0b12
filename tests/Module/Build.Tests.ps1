BeforeAll {
    Import-Module (Join-Path $PSScriptRoot Support.psm1) -Force
    $script:root = Split-Path (Split-Path $PSScriptRoot)
    $script:version = (Import-PowerShellDataFile (Join-Path $root HttpServer.psd1)).ModuleVersion
    $script:useModule = @'
Import-Module HttpServer
$server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $PSHOME
Register-HttpHandler GET /hello { 'from the package' }
Invoke-RestMethod "$($server.Uri)hello"
(Get-Module HttpServer).Path
(Get-Help Start-HttpServer).Synopsis
Stop-HttpServer
'@
    $script:hasSdk = [bool](Get-Command dotnet -CommandType Application -ErrorAction Ignore)
    if ($hasSdk) {
        $script:packed = & (Join-Path $root 'build.ps1') -Task Pack -NoBuild -OutputPath $TestDrive
    }
}

Describe 'build.ps1 -Task Pack' {
    BeforeEach {
        if (-not $hasSdk) { Set-ItResult -Skipped -Because 'it needs the .NET SDK: install dotnet' }
    }

    It 'leaves a module folder and a package' {
        $packed.Name | Should -Be 'HttpServer', "HttpServer.$version.nupkg"
    }

    It 'leaves a module that a fresh PowerShell finds by name, serves with and has help for' {
        $result = Invoke-PowerShell $useModule -Environment @{ PSModulePath = "$TestDrive" }
        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output[0] | Should -Be 'from the package'
        $result.Output[1] | Should -BeLike (Join-Path $TestDrive 'HttpServer*HttpServer.psd1')
        $result.Output[2] | Should -Not -BeNullOrEmpty
        $result.Output[2] | Should -Not -BeLike 'Start-HttpServer *'
    }

    It 'leaves a package that is installed from its folder, registered as a repository, and found by name in a new session' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'the repositories and modules of the user lie elsewhere than the variables of a test could say'
            return
        }

        # Repositories and modules of a user lie in the home: nothing of the real one is touched.
        $userHome = Join-Path $TestDrive home
        $null = New-Item -ItemType Directory -Path $userHome
        $variables = @{ HOME = $userHome; XDG_DATA_HOME = $null; XDG_CACHE_HOME = $null; XDG_CONFIG_HOME = $null; PSModulePath = $null }
        $result = Invoke-PowerShell @"
`$ErrorActionPreference = 'Stop'
Register-PSResourceRepository -Name Packed -Uri '$TestDrive' -Trusted
Install-PSResource HttpServer -Repository Packed
"@ -Environment $variables
        $result.ErrorText | Should -BeNullOrEmpty
        $result.ExitCode | Should -Be 0

        $result = Invoke-PowerShell $useModule -Environment $variables
        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output[0] | Should -Be 'from the package'
        $result.Output[1] | Should -BeLike (Join-Path $userHome "*HttpServer/$version/HttpServer.psd1")
        $result.Output[2] | Should -Not -BeLike 'Start-HttpServer *'
    }

    It 'leaves nothing that is not needed to run' {
        $files = Get-ChildItem (Join-Path $TestDrive HttpServer) -Recurse -File
        $files.Extension | Should -Not -Contain '.pdb'
        $files | Where-Object { $_.Directory.Name -ne 'redis' -and $_.Extension -eq '.dll' } | ForEach-Object Name | Should -Be 'HttpServer.dll', 'HttpServer.Hosting.dll', 'HttpServer.PowerShell.dll'
    }

    It 'packs a package that names the module, its version and its commands' {
        $archive = [System.IO.Compression.ZipFile]::OpenRead(($packed | Where-Object Extension -EQ '.nupkg').FullName)
        try {
            $archive.Entries.FullName | Should -Contain 'HttpServer.psd1'
            $archive.Entries.FullName | Should -Contain 'module/bin/HttpServer.PowerShell.dll'
            $reader = [System.IO.StreamReader]::new($archive.GetEntry('HttpServer.nuspec').Open())
            $nuspec = [xml] $reader.ReadToEnd()
            $nuspec.package.metadata.id | Should -Be 'HttpServer'
            $nuspec.package.metadata.tags | Should -Match 'PSCmdlet_Start-HttpServer'
        }
        finally {
            $archive.Dispose()
        }
    }
}

Describe 'build.ps1 without its tools' {
    It '-Task <Task> names <Missing> before it does anything' -ForEach @(
        @{ Task = 'Lint'; Missing = 'the .NET SDK (https://dot.net/download) and PSScriptAnalyzer (Install-PSResource PSScriptAnalyzer)' }
        @{ Task = 'Build, Lint'; Missing = 'the .NET SDK (https://dot.net/download) and PSScriptAnalyzer (Install-PSResource PSScriptAnalyzer)' }
        @{ Task = 'Test'; Missing = 'the .NET SDK (https://dot.net/download)' }
    ) {
        $none = (New-Item -ItemType Directory -Path (Join-Path $TestDrive none) -Force).FullName
        $code = @"
`$env:PATH = '$none'
`$env:PSModulePath = '$none'
try { & '$root/build.ps1' -Task $Task } catch { `$_.Exception.Message }
"@
        $said = & (Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')) -NoProfile -NonInteractive -Command $code
        $said | Should -BeExactly "$Task needs what is not installed: install $Missing."
    }
}
