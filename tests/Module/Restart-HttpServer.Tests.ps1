BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    Set-Content (Join-Path $TestDrive 'a.txt') 'a file' -NoNewline
}

Describe 'Restart-HttpServer' {
    AfterEach {
        Clear-Session
    }

    It 'starts a server again with the same settings and handlers' {
        $server = Open-Server -Name Again -Directory $TestDrive -Header @{ 'X-Mark' = '1' } -Variable @{ Greeting = 'hello' }
        $server | Register-HttpHandler GET /own { "$Greeting own" }
        Register-HttpHandler GET /all { "$Greeting all" }
        $port = $server.Port
        $null = Invoke-Http "$($server.Uri)own"
        Restart-HttpServer Again

        $server.State | Should -Be 'Running'
        $server.Port | Should -Be $port
        $server.RequestCount | Should -Be 0
        (Invoke-Http "$($server.Uri)own").Text | Should -Be 'hello own'
        (Invoke-Http "$($server.Uri)all").Text | Should -Be 'hello all'
        $file = Invoke-Http "$($server.Uri)a.txt"
        $file.Text | Should -Be 'a file'
        $file.Headers['X-Mark'] | Should -Be '1'
        @(Get-HttpServer).Count | Should -Be 1
    }

    It 'keeps a free port that the system chose' {
        $server = Open-Server
        $port = $server.Port
        $server | Restart-HttpServer

        $server.Port | Should -Be $port
        (Invoke-Http "http://127.0.0.1:$port/").Status | Should -Be 200
    }

    It 'starts a server that has been stopped' {
        $server = Open-Server -Directory $TestDrive
        $server | Register-HttpHandler GET /own { 'own' }
        $server | Stop-HttpServer
        $server | Restart-HttpServer

        (Get-HttpServer).Name | Should -Be $server.Name
        (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        (Invoke-Http "$($server.Uri)own").Text | Should -Be 'own'
    }

    It 'takes up what is new: a module, a file that a handler loads, the values of -Variable' {
        $module = Join-Path $TestDrive 'Changing.psm1'
        Set-Content $module "function Get-Change { 'old' }"
        $server = Open-Server -Module $module
        Register-HttpHandler GET /change { Get-Change }
        (Invoke-Http "$($server.Uri)change").Text | Should -Be 'old'
        Set-Content $module "function Get-Change { 'new' }"
        $server | Restart-HttpServer

        (Invoke-Http "$($server.Uri)change").Text | Should -Be 'new'
    }

    It 'finds servers by -Id, -Name, -Port and the pipeline, and restarts all if it is told nothing' {
        $one, $two = (Open-Server -Name One), (Open-Server -Name Two)
        $null = Invoke-Http $one.Uri
        $null = Invoke-Http $two.Uri
        (Restart-HttpServer -Id $one.Id -PassThru).Name | Should -Be 'One'
        (Restart-HttpServer -Port $two.Port -PassThru).Name | Should -Be 'Two'
        (Restart-HttpServer -Name T* -PassThru).Name | Should -Be 'Two'
        (Restart-HttpServer -PassThru).Name | Should -Be 'One', 'Two'
        Restart-HttpServer | Should -BeNullOrEmpty

        $one.State, $two.State | Should -Be 'Running', 'Running'
    }

    It 'reports what is not there' {
        (Get-Failure { Restart-HttpServer Nobody }).Id | Should -Be 'ServerNotFound'
    }

    It 'reports that the port has been taken meanwhile' {
        $server = Open-Server
        $server | Stop-HttpServer
        $taker = Start-HttpServer -Port $server.Port -Bind 127.0.0.1 -Name Taker
        $failure = Get-Failure { $server | Restart-HttpServer }

        $failure.Id | Should -Be 'CannotListen'
        $failure.Message | Should -BeLike "*$($taker.Port)*in use*"
        (Get-HttpServer).Name | Should -Be 'Taker'
        $server.State | Should -Be 'Stopped'
    }

    It 'gives requests that run -Timeout to end' {
        $server = Open-Server
        Register-HttpHandler GET /slow { $Shared.begun = $true; try { Start-Sleep 1000 } finally { $Shared.ended = $true } }
        $request = Send-Request "$($server.Uri)slow"
        $null = Wait-Until { $server.Shared.begun }
        $server | Restart-HttpServer -Timeout 0.2

        Wait-Until { $request.IsCompleted -and $server.Shared.ended } | Should -BeTrue
        $server.State | Should -Be 'Running'
    }

    It 'refuses the name that another server has taken meanwhile' {
        $server = Open-Server -Name Mine
        $server | Stop-HttpServer
        $null = Open-Server -Name Mine
        $failure = Get-Failure { $server | Restart-HttpServer }

        $failure.Id | Should -Be 'ServerExists'
        @(Get-HttpServer).Count | Should -Be 1
    }

    It 'does nothing with -WhatIf' {
        $server = Open-Server
        $started = $server.StartTime
        $server | Restart-HttpServer -WhatIf

        $server.StartTime | Should -Be $started
    }
}
