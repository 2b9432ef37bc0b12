BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'Register-HttpTimer, Get-HttpTimer and Unregister-HttpTimer' {
    AfterEach {
        Clear-Session
    }

    It 'run a script again and again, with $using: and $Shared, registered before the server or after it' {
        $step = 2
        Register-HttpTimer -Every 0.1 { $Shared.first += $using:step } -Name First
        $server = Open-Server
        $server.Shared.first = 0
        $server | Register-HttpTimer -Every ([timespan]::FromMilliseconds(100)) { $Shared.second = 'ran' } -Name Second
        $null = Wait-Until { $server.Shared.first -ge 4 -and $server.Shared.second -eq 'ran' }
        $timer = Get-HttpTimer First
        $timer.Runs | Should -BeGreaterThan 1
        $timer.LastRunTime | Should -Not -BeNullOrEmpty
        $timer.Every | Should -Be '00:00:00.1000000'
        (Get-HttpTimer Second).Server | Should -Be $server.Name
        (Get-HttpTimer | Out-String) | Should -BeLike '*First*every 0:00:00.1*Second*'
        Unregister-HttpTimer First
        (Get-HttpTimer).Name | Should -Be 'Second'
    }

    It 'log an error with its place, and go on' {
        $server = Open-Server
        Register-HttpTimer -Every 0.1 -Name Broken { throw 'no luck' }
        $null = Wait-Until { (Get-HttpTimer Broken).Runs -ge 2 }
        $entry = Wait-Log $server { $_.Message -like 'The timer Broken failed: no luck*' }
        @($entry)[0].Message | Should -BeLike '*Register-HttpTimer.Tests.ps1:*'
        $null = Wait-Until { (Get-HttpTimer Broken).LastError -like 'no luck*' }
    }

    It 'stop with the server, and go on with the next' {
        $server = Open-Server
        Register-HttpTimer -Every 0.1 -Name Job { $Shared.ran = $true; Start-Sleep 1000 }
        $null = Wait-Until { $server.Shared.ran }
        $runspaces = (Get-Runspace).Count
        $server | Stop-HttpServer -Force
        $null = Wait-Until { (Get-Runspace).Count -lt $runspaces -and -not (Get-HttpTimer Job).IsRunning }
        $next = Open-Server
        $null = Wait-Until { $next.Shared.ran }
        $next | Stop-HttpServer -Force
    }

    It 'take <Text> for <Time>' -ForEach @(
        @{ Text = '5m'; Time = '00:05:00' }
        @{ Text = '90s'; Time = '00:01:30' }
        @{ Text = '1.5h'; Time = '01:30:00' }
        @{ Text = '2d'; Time = '2.00:00:00' }
        @{ Text = '00:01:30'; Time = '00:01:30' }
        @{ Text = '90'; Time = '00:01:30' }
    ) {
        # As it is typed.
        & ([scriptblock]::Create("Register-HttpTimer -Every $Text { } -Name Typed"))
        "$((Get-HttpTimer Typed).Every)" | Should -Be $Time
        Register-HttpTimer -Every $Text { } -Name Typed -Force
        "$((Get-HttpTimer Typed).Every)" | Should -Be $Time
    }

    It 'run once a day at a time' {
        $timer = Register-HttpTimer -At 03:30 { } -PassThru
        "$($timer.At)" | Should -Be '03:30:00'
        $timer.Every | Should -BeNullOrEmpty
        $timer.NextRunTime.TimeOfDay | Should -Be '03:30:00'
        $timer | Unregister-HttpTimer
        Get-HttpTimer | Should -BeNullOrEmpty
    }

    It 'name what is wrong: <Id>' -ForEach @(
        @{ Id = 'TimerExists'; Command = { Register-HttpTimer -Every 5m { } -Name One; Register-HttpTimer -Every 5m { } -Name one } }
        @{ Id = 'UsingValueMissing'; Command = { Register-HttpTimer -Every 5m { $using:missing } } }
        @{ Id = 'TimerNotFound'; Command = { Get-HttpTimer Nobody -ErrorAction Stop } }
        @{ Id = 'TimerNotFound'; Command = { Unregister-HttpTimer Nobody -ErrorAction Stop } }
        @{ Id = 'ParameterArgumentTransformationError'; Command = { Register-HttpTimer -Every soon { } } }
        @{ Id = 'ParameterArgumentValidationError'; Command = { Register-HttpTimer -Every 0 { } } }
    ) {
        (Get-Failure $Command).Id | Should -Be $Id
    }

    It 'run once for all servers that share a store' {
        Skip-WithoutStore
        $program = Start-Store
        try {
            $url = $program.Url
            $module = Join-Path $PSScriptRoot '../../HttpServer.psd1'
            $clock = [Diagnostics.Stopwatch]::StartNew()
            # Sessions of their own, as replicas have them.
            $shells = 1..3 | ForEach-Object {
                [powershell]::Create().AddScript({
                        param($module, $url)
                        Import-Module $module
                        Start-HttpServer -Port 0 -Bind localhost -NoFiles -StateStore $url
                        Register-HttpTimer -Every 0.5 -Name Job { $null = $Shared.Store.Increment('runs') }
                    }).AddArgument($module).AddArgument($url)
            }
            $servers = $shells.Invoke()
            $servers.Count | Should -Be 3
            $store = $servers[0].Shared.Store
            $null = Wait-Until { $store.Increment('runs', 0) -ge 6 }
            # Without the store there would be three times as many.
            $store.Increment('runs', 0) | Should -BeLessOrEqual ($clock.Elapsed.TotalSeconds / 0.5 + 1)
        }
        finally {
            foreach ($shell in $shells) {
                $shell.Runspace.Dispose()
                $shell.Dispose()
            }

            Stop-Store $program
        }
    }
}
