BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'The session' {
    AfterEach {
        Clear-Session
    }

    It 'stops its servers and frees their ports when the module is removed, and can import it again' {
        $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
$servers = (Open-Server), (Open-Server)
Register-HttpHandler GET /word { 'first' }
(Invoke-Http "$($servers[0].Uri)word").Text
Remove-Module HttpServer
$servers | ForEach-Object { Test-Port $_.Port }
Import-Module $Manifest
$server = Open-Server
Register-HttpHandler GET /word { 'second' } -Force
(Invoke-Http "$($server.Uri)word").Text
'@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output | Should -Be 'first', 'False', 'False', 'second'
    }

    It 'frees the ports when its runspace is closed' {
        $shell = [powershell]::Create()
        $server = $shell.AddScript("Import-Module '$((Get-Module HttpServer).Path.Replace("'", "''"))'; Start-HttpServer -Port 0 -Bind 127.0.0.1").Invoke()[0]
        Test-Port $server.Port | Should -BeTrue
        $shell.Runspace.Close()
        $shell.Dispose()

        Wait-Until { -not (Test-Port $server.Port) } | Should -BeTrue
    }

    It 'ends with servers running and handlers busy, and frees the ports' {
        $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
$server = Open-Server
Register-HttpHandler GET /loop { $Shared.began = $true; while ($true) { } }
$null = Send-Request "$($server.Uri)loop"
$null = Wait-Until { $server.Shared.began }
$server.Port
'@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.ExitCode | Should -Be 0
        Test-Port $result.Output[0] | Should -BeFalse
    }

    It 'has handlers answer while the prompt is idle' {
        $process = Open-PowerShell "Import-Module `$Manifest`n`$server = Start-HttpServer -Port 0 -Bind 127.0.0.1`nRegister-HttpHandler GET /word { 'idle' }`n`$server.Port`n`$null = [Console]::In.ReadLine()"
        try {
            $port = $process.StandardOutput.ReadLine()
            (Wait-Until { $answer = Invoke-Http "http://127.0.0.1:$port/word"; if ($answer.Status -eq 200) { $answer } }).Text | Should -Be 'idle'
        }
        finally {
            $result = $process | Wait-PowerShell
        }

        $result.ExitCode | Should -Be 0
        Test-Port $port | Should -BeFalse
    }

    It 'has handlers answer while it is busy itself' {
        $server = Open-Server
        Register-HttpHandler GET /word { 'busy' }
        $task = Send-Request "$($server.Uri)word"
        while (-not $task.IsCompleted) { $null = 1 }

        ($task | Receive-Answer).Text | Should -Be 'busy'
    }

    It 'has several servers, which stop one by one' {
        $first, $second = (Open-Server -Name First), (Open-Server -Name Second)
        Register-HttpHandler GET /name { 'all' }
        Register-HttpHandler GET /name { 'second' } -Server Second

        (Invoke-Http "$($first.Uri)name").Text | Should -Be 'all'
        (Invoke-Http "$($second.Uri)name").Text | Should -Be 'second'
        $first | Stop-HttpServer
        Test-Port $first.Port | Should -BeFalse
        (Invoke-Http "$($second.Uri)name").Text | Should -Be 'second'
    }
}
