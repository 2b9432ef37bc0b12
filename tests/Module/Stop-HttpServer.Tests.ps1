BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'Stop-HttpServer' {
    AfterEach {
        Clear-Session
    }

    Context 'which servers' {
        BeforeEach {
            $script:one = Open-Server -Name One
            $script:two = Open-Server -Name Two
            $script:other = Open-Server -Name Other
        }

        It 'stops what comes by the pipeline' {
            $one, $two | Stop-HttpServer

            $one.State, $two.State, $other.State | Should -Be 'Stopped', 'Stopped', 'Running'
            Test-Port $one.Port | Should -BeFalse
            Test-Port $other.Port | Should -BeTrue
        }

        It 'stops by -Id' {
            Stop-HttpServer -Id $one.Id, $other.Id

            $one.State, $two.State, $other.State | Should -Be 'Stopped', 'Running', 'Stopped'
        }

        It 'stops by -Port' {
            Stop-HttpServer -Port $two.Port

            $one.State, $two.State, $other.State | Should -Be 'Running', 'Stopped', 'Running'
        }

        It 'stops by -Name, with wildcards, in any case, and by position' {
            Stop-HttpServer O*
            $one.State, $two.State, $other.State | Should -Be 'Stopped', 'Running', 'Stopped'
            Stop-HttpServer -Name two
            $two.State | Should -Be 'Stopped'
        }

        It 'stops all servers of the session if it is told nothing' {
            Stop-HttpServer

            $one.State, $two.State, $other.State | Should -Be 'Stopped', 'Stopped', 'Stopped'
            Get-HttpServer | Should -BeNullOrEmpty
        }

        It 'reports each that is not there, and stops the others' {
            Stop-HttpServer -Name One, Nobody, Two -ErrorAction SilentlyContinue -ErrorVariable failures

            $failures.Count | Should -Be 1
            $failures[0].FullyQualifiedErrorId | Should -BeLike 'ServerNotFound,*'
            $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            "$($failures[0])" | Should -BeLike "*'Nobody'*Get-HttpServer*"
            $one.State, $two.State, $other.State | Should -Be 'Stopped', 'Stopped', 'Running'
            (Get-Failure { Stop-HttpServer -Id 123456 }).Message | Should -BeLike '*123456*'
            (Get-Failure { Stop-HttpServer -Port 1 }).Id | Should -Be 'ServerNotFound'
        }

        It 'has nothing to say of wildcards that match nothing, nor of a server that has been stopped' {
            Stop-HttpServer Nobody*
            $one | Stop-HttpServer
            $one | Stop-HttpServer

            $one.State | Should -Be 'Stopped'
        }

        It 'puts out nothing, or the servers with -PassThru' {
            Stop-HttpServer One | Should -BeNullOrEmpty
            (Stop-HttpServer Two -PassThru).Name | Should -Be 'Two'
        }

        It 'stops nothing with -WhatIf' {
            Stop-HttpServer -WhatIf

            $one.State | Should -Be 'Running'
        }
    }

    Context 'the port' {
        It 'can be bound again at once, also with connections that are still open' {
            $server = Open-Server
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET / HTTP/1.1`r`nHost: x`r`n`r`n"
            $null = Read-Connection $connection '</html>'
            foreach ($round in 1..5) {
                Stop-HttpServer
                $server = Start-HttpServer -Port $server.Port -Bind 127.0.0.1
                (Invoke-Http $server.Uri).Status | Should -Be 200 -Because "of round $round"
            }

            $connection.Dispose()
        }

        It 'is free when the cmdlet returns, whatever the clients do' {
            $server = Open-Server
            $connections = 1..5 | ForEach-Object { Connect-Port $server.Port }
            Stop-HttpServer

            Test-Port $server.Port | Should -BeFalse
            # The server has closed them.
            $connections | ForEach-Object { Read-Connection $_ | Should -BeNullOrEmpty }
            $connections.ForEach('Dispose')
        }
    }

    Context 'requests that run' {
        It 'are answered to their end within -Timeout' {
            $server = Open-Server
            Register-HttpHandler GET /slow { $Shared.begun = $true; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'whole' }
            $request = Send-Request "$($server.Uri)slow"
            $null = Wait-Until { $server.Shared.begun }
            $job = Start-ThreadJob { while (($using:server).State -ne 'Stopping') { Start-Sleep -Milliseconds 5 }; $table = ($using:server).Shared; $table.go = $true }
            Stop-HttpServer -Timeout 60
            $null = $job | Receive-Job -Wait -AutoRemoveJob

            ($request | Receive-Answer).Text | Should -Be 'whole'
        }

        It 'are broken off when -Timeout has passed' {
            $server = Open-Server
            Register-HttpHandler GET /slow { $Shared.begun = $true; try { Start-Sleep 1000 } finally { $Shared.ended = $true } }
            $request = Send-Request "$($server.Uri)slow"
            $null = Wait-Until { $server.Shared.begun }
            Stop-HttpServer -Timeout 0.2

            $server.State | Should -Be 'Stopped'
            Wait-Until { $request.IsCompleted -and $server.Shared.ended } | Should -BeTrue
        }

        It 'are broken off at once with -Force' {
            $server = Open-Server
            Register-HttpHandler GET /slow { $Shared.begun = $true; try { while ($true) { } } finally { $Shared.ended = $true } }
            $request = Send-Request "$($server.Uri)slow"
            $null = Wait-Until { $server.Shared.begun }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Stop-HttpServer -Force

            # Without -Force it would wait for five seconds.
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 4
            Wait-Until { $request.IsCompleted -and $server.Shared.ended } | Should -BeTrue
        }

        It 'of several servers end at the same time, not one server after the other' {
            $servers = 1..5 | ForEach-Object { Open-Server }
            Register-HttpHandler GET /slow { $Shared.begun = $true; Start-Sleep 1000 }
            $requests = $servers | ForEach-Object { Send-Request "$($_.Uri)slow" }
            foreach ($server in $servers) { $null = Wait-Until { $server.Shared.begun } }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Stop-HttpServer -Timeout 1.5

            $clock.Elapsed.TotalSeconds | Should -BeLessThan 6
            Wait-Until { -not ($requests.IsCompleted -contains $false) } | Should -BeTrue
        }

        It 'are not taken any more while the server stops' {
            $server = Open-Server
            Register-HttpHandler GET /slow { $Shared.begun = $true; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'whole' }
            $request = Send-Request "$($server.Uri)slow"
            $null = Wait-Until { $server.Shared.begun }
            $shell = [powershell]::Create()
            $null = $shell.AddScript("Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'").AddStatement().AddCommand('Stop-HttpServer').AddParameter('InputObject', $server).AddParameter('Timeout', 60)
            $handle = $shell.BeginInvoke()
            $null = Wait-Until { $server.State -eq 'Stopping' }

            Wait-Until { -not (Test-Port $server.Port) } | Should -BeTrue
            $server.Shared.go = $true
            ($request | Receive-Answer).Text | Should -Be 'whole'
            $null = $shell.EndInvoke($handle)
            $shell.Dispose()
            $server.State | Should -Be 'Stopped'
        }
    }

    It 'leaves no runspace and no thread behind' {
        $before = @(Get-Runspace).Count
        foreach ($round in 1..3) {
            $server = Open-Server -ThrottleLimit 4
            Register-HttpHandler GET /meet { $Shared[$Request.Id] = 1; while ($Shared.Count -lt 4) { Start-Sleep -Milliseconds 5 }; [runspace]::DefaultRunspace.Id } -Force
            $ids = (1..4 | ForEach-Object { Send-Request "$($server.Uri)meet" }) | Receive-Answer | ForEach-Object Text
            @($ids | Select-Object -Unique).Count | Should -Be 4 -Because "of round $round"
            Stop-HttpServer
        }

        Wait-Until { @(Get-Runspace).Count -eq $before } | Should -BeTrue
    }
}
