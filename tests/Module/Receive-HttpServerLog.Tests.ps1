BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    Set-Content (Join-Path $TestDrive 'a.txt') 'a file' -NoNewline
}

Describe 'Receive-HttpServerLog' {
    BeforeEach {
        $script:server = Open-Server -Name Logged -Directory $TestDrive
    }

    AfterEach {
        Clear-Session
    }

    It 'gives each request as an object' {
        $null = Invoke-Http "$($server.Uri)a.txt?q=1" -Header @{ 'User-Agent' = 'tester'; Referer = 'http://from/' }
        $entry = (Wait-Log $server { $_.IsRequest })[0]

        $entry | Should -BeOfType 'Http.Server.PowerShell.HttpServerLogEntry'
        $entry.Server | Should -Be 'Logged'
        $entry.Client | Should -Be '127.0.0.1'
        $entry.User | Should -BeNullOrEmpty
        $entry.Method | Should -Be 'GET'
        $entry.Path | Should -Be '/a.txt?q=1'
        $entry.Status | Should -Be 200
        $entry.Bytes | Should -Be 6
        $entry.Level | Should -Be 'Information'
        $entry.UserAgent | Should -Be 'tester'
        $entry.Referer | Should -Be 'http://from/'
        $entry.RequestId | Should -Not -BeNullOrEmpty
        $entry.Duration | Should -BeGreaterThan ([timespan]::Zero)
        [math]::Abs(([datetime]::Now - $entry.Time).TotalMinutes) | Should -BeLessThan 1
        "$entry" | Should -BeLike '127.0.0.1 *"GET /a.txt?q=1" 200 6'
    }

    It 'gives each entry once, unless it is kept' {
        1..3 | ForEach-Object { $null = Invoke-Http "$($server.Uri)a.txt?$_" }
        $null = Wait-Log $server { $_.IsRequest } -Count 3

        @(Receive-HttpServerLog -Keep).Count | Should -Be 3
        (Receive-HttpServerLog).Path | Should -Be '/a.txt?1', '/a.txt?2', '/a.txt?3'
        Receive-HttpServerLog | Should -BeNullOrEmpty
        $null = Invoke-Http "$($server.Uri)a.txt?4"
        (Wait-Log $server { $_.IsRequest }).Path | Should -Be '/a.txt?4'
    }

    It 'gives the last entries with -Last' {
        1..5 | ForEach-Object { $null = Invoke-Http "$($server.Uri)a.txt?$_" }
        $null = Wait-Log $server { $_.IsRequest } -Count 5

        (Receive-HttpServerLog -Last 2).Path | Should -Be '/a.txt?4', '/a.txt?5'
    }

    It 'gives requests and what handlers say, by level' {
        Register-HttpHandler GET /talk {
            Write-Verbose 'in detail' -Verbose
            Write-Host 'by the way'
            Write-Warning 'careful'
            Write-Error 'wrong'
            'done'
        }
        (Invoke-Http "$($server.Uri)talk").Text | Should -Be 'done'
        $all = Wait-Log $server { $_.RequestId } -Count 5

        @($all.RequestId | Select-Object -Unique).Count | Should -Be 1
        ($server | Receive-HttpServerLog -Keep -Level Debug).Message | Where-Object { $_ } | ForEach-Object { ($_ -split ' \(')[0] } |
            Should -Be 'in detail', 'by the way', 'careful', 'wrong'
        ($server | Receive-HttpServerLog -Keep).Message | Should -Not -Contain 'in detail'
        ($server | Receive-HttpServerLog -Keep -Level Warning).Level | Should -Be 'Warning', 'Error'
        @($server | Receive-HttpServerLog -Keep -Level Error).Count | Should -Be 1
    }

    It 'finds servers by name, number, port and the pipeline, and takes all if it is told nothing' {
        $other = Open-Server -Name Other -Directory $TestDrive
        $null = Invoke-Http "$($server.Uri)a.txt?logged"
        $null = Invoke-Http "$($other.Uri)a.txt?other"
        $null = Wait-Log $server { $_.IsRequest }
        $null = Wait-Log $other { $_.IsRequest }

        (Receive-HttpServerLog Logged -Keep).Path | Should -Be '/a.txt?logged'
        (Receive-HttpServerLog -Id $other.Id -Keep).Path | Should -Be '/a.txt?other'
        (Receive-HttpServerLog -Port $other.Port -Keep).Path | Should -Be '/a.txt?other'
        ($other | Receive-HttpServerLog -Keep).Server | Should -Be 'Other'
        (Receive-HttpServerLog).Path | Should -Be '/a.txt?logged', '/a.txt?other'
        (Get-Failure { Receive-HttpServerLog Nobody }).Id | Should -Be 'ServerNotFound'
    }

    It 'still gives the log of a server that has been stopped' {
        $null = Invoke-Http "$($server.Uri)a.txt"
        $null = Wait-Log $server { $_.IsRequest }
        $server | Stop-HttpServer

        ($server | Receive-HttpServerLog).Path | Should -Be '/a.txt'
    }

    It 'follows the log with -Wait until the server stops' {
        $null = Invoke-Http "$($server.Uri)a.txt?before"
        $null = Wait-Log $server { $_.IsRequest }
        $shell = [powershell]::Create()
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $output.EnumeratorNeverBlocks = $true
        $null = $shell.AddScript("Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'").AddStatement().
            AddCommand('Receive-HttpServerLog').AddParameter('InputObject', $server).AddParameter('Wait')
        $handle = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]$null, $output)
        $null = Wait-Until { $output.Count -eq 1 }
        $null = Invoke-Http "$($server.Uri)a.txt?after"
        $null = Wait-Until { $output.Count -eq 2 }
        $handle.IsCompleted | Should -BeFalse
        $server | Stop-HttpServer
        $shell.EndInvoke($handle)
        $shell.Dispose()

        $output.Path | Should -Be '/a.txt?before', '/a.txt?after'
        # Each entry once.
        $server | Receive-HttpServerLog | Should -BeNullOrEmpty
    }

    It 'ends following when the pipeline is stopped' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript("Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'").AddStatement().
            AddCommand('Receive-HttpServerLog').AddParameter('InputObject', $server).AddParameter('Wait')
        $none = [Management.Automation.PSDataCollection[psobject]]::new()
        $none.Complete()
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $null = $shell.BeginInvoke($none, $output)
        # What has put out an entry follows the log.
        $null = Wait-Until { $null = Invoke-Http "$($server.Uri)a.txt"; $output.Count -gt 0 }
        $shell.Stop()

        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $shell.Dispose()
    }

    It 'ends following when enough was taken' {
        1..3 | ForEach-Object { $null = Invoke-Http "$($server.Uri)a.txt?$_" }

        (Receive-HttpServerLog -Wait | Select-Object -First 2).Path | Should -Be '/a.txt?1', '/a.txt?2'
    }

    It 'keeps the newest entries when there are very many' {
        $connection = Connect-Port $server.Port
        $batch = "GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n" * 500
        foreach ($round in 1..21) {
            Write-Connection $connection $batch
            $wanted = $round * 500
            $buffer = [byte[]]::new(65536)
            $null = Wait-Until {
                while ($connection.Available) { $null = $connection.GetStream().Read($buffer, 0, $buffer.Length) }
                $server.RequestCount -ge $wanted
            }
        }
        Write-Connection $connection "GET /a.txt?last HTTP/1.1`r`nHost: x`r`n`r`n"
        $null = Read-Connection $connection 'a file$'
        $connection.Dispose()
        $null = Wait-Log $server { $_.Path -eq '/a.txt?last' }

        $entries = @($server | Receive-HttpServerLog)
        $entries.Count | Should -Be 10000
        $entries[-1].Path | Should -Be '/a.txt?last'
    }

    It 'escapes what a client sends to confuse a terminal, in requests and in messages' {
        Register-HttpHandler GET /say { Write-Warning "$($Request.Headers.Say)"; Write-Error $Request.Query.text }
        $null = Invoke-Http "$($server.Uri)say?text=one%0atwo%1b%5b31m%E2%80%AE%c2%9b" -Header @{ Say = 'plain' }
        $entry = (Wait-Log $server { $_.Level -eq 'Error' })[0]

        $entry.Message | Should -BeLike "one`ntwo\x1b``[31m\u202e\x9b*"
        "$entry" | Should -BeLike "* Error: one`n    two\x1b*"
    }

    It 'escapes what is no request at all' {
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /a.txt?%1b[31m`u{e2}`u{80}`u{ae} HTTP/1.1`r`nHost: x`r`n`r`nGET / HTTP/1.1`r`nHost: x`r`n`r`n"
        $null = Read-Connection $connection
        $connection.Dispose()
        $entry = (Wait-Log $server { $_.IsRequest })[0]

        $entry.Path | Should -BeExactly '/a.txt?%1b[31m\u202e'
        "$entry" | Should -Not -Match '[\u0000-\u001f\u007f-\u009f\u202e]'
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /a.txt HTTP/1.1`r`nHost: x`r`nUser-Agent: a`u{c2}`u{9b}\b`r`nConnection: close`r`n`r`n"
        $null = Read-Connection $connection
        $connection.Dispose()
        (Wait-Log $server { $_.Path -eq '/a.txt' })[0].UserAgent | Should -BeExactly 'a\x9b\\b'
    }
}
