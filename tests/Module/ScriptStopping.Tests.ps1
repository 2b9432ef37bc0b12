BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
    Set-Content (Join-Path $site 'a.txt') 'a file' -NoNewline

    # A handler that tells when it has begun and when it has ended.
    function Get-EndlessHandler([string] $Code) {
        [scriptblock]::Create("`$Shared.began = `$true; try { $Code } finally { `$Shared.ended = `$true }")
    }
}

Describe 'Handlers that do not end' {
    AfterEach {
        Clear-Session
    }

    Context '<code>' -ForEach @(
        @{ code = 'while ($true) { }' }
        @{ code = 'Start-Sleep 1000' }
        @{ code = 'while ($true) { try { while ($true) { } } catch { $null = $_ } }' }
    ) {
        It 'ends after -HandlerTimeout with 504, and its worker goes on' {
            $server = Open-Server -Directory $site -HandlerTimeout 0.3 -ThrottleLimit 1
            Register-HttpHandler GET /endless (Get-EndlessHandler $code)
            Register-HttpHandler GET /next { 'next' }
            $answer = Invoke-Http "$($server.Uri)endless"

            $answer.Status | Should -Be 504
            $server.Shared.ended | Should -BeTrue
            (Invoke-Http "$($server.Uri)next").Text | Should -Be 'next'
            $entry = (Wait-Log $server { $_.Message -like '*-HandlerTimeout*' })[0]
            $entry.Level | Should -Be 'Warning'
            $entry.RequestId | Should -Be (Wait-Log $server { $_.IsRequest -and $_.Status -eq 504 })[0].RequestId
        }

        It 'ends when the client has gone, which the log has as 499' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /endless (Get-EndlessHandler $code)
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /endless HTTP/1.1`r`nHost: x`r`n`r`n"
            Wait-Until { $server.Shared.began } | Should -BeTrue
            $connection.Dispose()

            Wait-Until { $server.Shared.ended } | Should -BeTrue
            (Wait-Log $server { $_.IsRequest })[0].Status | Should -Be 499
        }

        It 'ends when the server is stopped' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /endless (Get-EndlessHandler $code)
            $null = Send-Request "$($server.Uri)endless"
            Wait-Until { $server.Shared.began } | Should -BeTrue
            $server | Stop-HttpServer -Force

            Wait-Until { $server.Shared.ended } | Should -BeTrue
            Test-Port $server.Port | Should -BeFalse
        }
    }

    It 'end in a native program too, which is ended with them' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the program of this test is that of Unix' }
        $server = Open-Server -Directory $site -HandlerTimeout 0.5 -ThrottleLimit 1
        Register-HttpHandler GET /program { & /bin/sh -c 'echo $$ > "$0"; exec sleep 1000' $using:TestDrive/program.pid }
        Register-HttpHandler GET /next { 'next' }

        (Invoke-Http "$($server.Uri)program").Status | Should -Be 504
        (Invoke-Http "$($server.Uri)next").Text | Should -Be 'next'
        $id = [int](Get-Content (Join-Path $TestDrive 'program.pid'))
        Wait-Until { -not (Get-Process -Id $id -ErrorAction Ignore) } | Should -BeTrue
    }

    It 'are left to themselves in a call that cannot be stopped, and their worker is replaced' {
        $server = Open-Server -Directory $site -HandlerTimeout 0.2 -ThrottleLimit 1
        Register-HttpHandler GET /stuck { [Threading.Thread]::Sleep(8000) }
        Register-HttpHandler GET /next { 'next' }
        $stuck = Send-Request "$($server.Uri)stuck"
        Wait-Until { $server.ActiveRequests -eq 1 } | Should -BeTrue
        $next = Send-Request "$($server.Uri)next"

        ($next | Receive-Answer).Text | Should -Be 'next'
        ($stuck | Receive-Answer).Status | Should -Be 504
        (Wait-Log $server { $_.Level -eq 'Error' })[0].Message | Should -BeLike '*cannot be stopped*'
        $server.WorkerCount | Should -Be 1
    }

    It 'end while they wait for their turn, when the client has gone' {
        $server = Open-Server -Directory $site -ThrottleLimit 1
        Register-HttpHandler GET /first { while (-not $Shared.go) { Start-Sleep -Milliseconds 5 } }
        Register-HttpHandler GET /second { $Shared.second = $true }
        $first = Send-Request "$($server.Uri)first"
        Wait-Until { $server.ActiveRequests -eq 1 } | Should -BeTrue
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /second HTTP/1.1`r`nHost: x`r`n`r`n"
        Wait-Until { $server.ActiveRequests -eq 2 } | Should -BeTrue
        $connection.Dispose()
        # Whether the client is still there is looked at now and then.
        Start-Sleep -Milliseconds 2500
        $server.Shared.go = $true

        ($first | Receive-Answer).Status | Should -Be 204
        (Wait-Log $server { $_.Path -eq '/second' })[0].Status | Should -Be 499
        $server.Shared.second | Should -BeNullOrEmpty
    }

    It 'have all the time there is with -HandlerTimeout 0' {
        $server = Open-Server -Directory $site -HandlerTimeout 0
        Register-HttpHandler GET /slow { Start-Sleep -Milliseconds 900; 'done' }

        (Invoke-Http "$($server.Uri)slow").Text | Should -Be 'done'
    }
}

Describe 'Answers that go on' {
    AfterEach {
        Clear-Session
    }

    It 'arrive event by event, for longer than -HandlerTimeout' {
        $server = Open-Server -Directory $site -HandlerTimeout 0.3
        Register-HttpHandler GET /events {
            $this.SendResponse(200)
            $this.SendHeader('Content-Type', 'text/event-stream')
            $this.EndHeaders()
            $number = 0
            while (-not $Shared.enough) {
                $number++
                $this.Wfile.Write([Text.Encoding]::UTF8.GetBytes("data: $number`n`n"))
                $this.Wfile.Flush()
                Start-Sleep -Milliseconds 100
            }
        }
        $connection = Connect-Port $server.Port
        try {
            Write-Connection $connection "GET /events HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
            Read-Connection $connection 'data: 1\n' | Should -Match 'text/event-stream'
            # Ten events are a second, which is more than the timeout.
            $null = Read-Connection $connection 'data: 10\n'
            $server.Shared.enough = $true
            Read-Connection $connection | Should -Match '0\r\n\r\n$'
        }
        finally {
            $connection.Dispose()
        }

        (Wait-Log $server { $_.IsRequest })[0].Status | Should -Be 200
    }

    It 'end when the client has gone' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET /events {
            $this.SendResponse(200)
            $this.EndHeaders()
            try {
                while ($true) {
                    $this.Wfile.Write([byte[]](100, 10))
                    $this.Wfile.Flush()
                    Start-Sleep -Milliseconds 20
                }
            }
            finally {
                $Shared.ended = $true
            }
        }
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /events HTTP/1.1`r`nHost: x`r`n`r`n"
        $null = Read-Connection $connection 'd\n'
        $connection.Dispose()

        Wait-Until { $server.Shared.ended } | Should -BeTrue
        Wait-Until { $server.ActiveRequests -eq 0 } | Should -BeTrue
        Receive-HttpServerLog -Keep | Where-Object Level -EQ 'Error' | Should -BeNullOrEmpty
    }

    It 'are broken off when the server is stopped' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET /events {
            $this.SendResponse(200)
            $this.EndHeaders()
            $this.Wfile.Write([byte[]](100, 10))
            $this.Wfile.Flush()
            try { while ($true) { } } finally { $Shared.ended = $true }
        }
        $connection = Connect-Port $server.Port
        try {
            Write-Connection $connection "GET /events HTTP/1.1`r`nHost: x`r`n`r`n"
            $null = Read-Connection $connection 'd\n'
            Stop-HttpServer -Timeout 0.1

            Wait-Until { $server.Shared.ended } | Should -BeTrue
            # Without the last chunk, so that the client knows that it is not whole.
            $rest = try { Read-Connection $connection } catch [IO.IOException] { '' }
            $rest | Should -Not -Match '0\r\n\r\n$'
        }
        finally {
            $connection.Dispose()
        }
    }
}

Describe 'Handlers at their limit' {
    AfterEach {
        Clear-Session
    }

    It 'answer 503 with Retry-After when the queue is full, and files as ever' {
        $server = Open-Server -Directory $site -ThrottleLimit 1 -QueueLimit 2
        Register-HttpHandler GET /wait { while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'went' }
        $waiting = 1..3 | ForEach-Object { Send-Request "$($server.Uri)wait" }
        Wait-Until { $server.ActiveRequests -eq 3 } | Should -BeTrue
        $refused = Invoke-Http "$($server.Uri)wait"
        $file = Invoke-Http "$($server.Uri)a.txt"
        $server.Shared.go = $true

        $refused.Status | Should -Be 503
        [int]$refused.Headers['Retry-After'] | Should -BeGreaterThan 0
        $file.Text | Should -Be 'a file'
        ($waiting | Receive-Answer).Text | Should -Be 'went', 'went', 'went'
        (Invoke-Http "$($server.Uri)wait").Text | Should -Be 'went'
    }

    It 'have no queue with -QueueLimit 0' {
        $server = Open-Server -Directory $site -ThrottleLimit 1 -QueueLimit 0
        Register-HttpHandler GET /wait { while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'went' }
        $waiting = Send-Request "$($server.Uri)wait"
        Wait-Until { $server.ActiveRequests -eq 1 } | Should -BeTrue
        (Invoke-Http "$($server.Uri)wait").Status | Should -Be 503
        $server.Shared.go = $true

        ($waiting | Receive-Answer).Text | Should -Be 'went'
    }

    It 'are no more at once than -ThrottleLimit of the server, and as many' {
        $server = Open-Server -Directory $site -ThrottleLimit 3
        $running = [Collections.Concurrent.ConcurrentBag[int]]::new()
        Register-HttpHandler GET /count { ($using:running).Add(1); while (-not $Shared.go) { Start-Sleep -Milliseconds 5 } }
        $waiting = 1..5 | ForEach-Object { Send-Request "$($server.Uri)count" }
        Wait-Until { $running.Count -eq 3 -and $server.ActiveRequests -eq 5 } | Should -BeTrue
        $server.WorkerCount | Should -Be 3
        $running.Count | Should -Be 3
        $server.Shared.go = $true

        ($waiting | Receive-Answer).Status | Should -Be (@(204) * 5)
        $running.Count | Should -Be 5
    }

    It 'wait beside others with a -ThrottleLimit of their own' {
        $server = Open-Server -Directory $site -ThrottleLimit 4
        $running = [Collections.Concurrent.ConcurrentBag[int]]::new()
        Register-HttpHandler GET /few { ($using:running).Add(1); while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'few' } -ThrottleLimit 1
        Register-HttpHandler GET /other { 'other' }
        $waiting = 1..4 | ForEach-Object { Send-Request "$($server.Uri)few" }
        Wait-Until { $running.Count -eq 1 -and $server.ActiveRequests -eq 4 } | Should -BeTrue

        (Invoke-Http "$($server.Uri)other").Text | Should -Be 'other'
        $running.Count | Should -Be 1
        $server.Shared.go = $true
        ($waiting | Receive-Answer).Text | Should -Be (@('few') * 4)
    }

    It 'take their turn in the order in which they came' {
        $server = Open-Server -Directory $site -ThrottleLimit 1
        $order = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        Register-HttpHandler GET '/turn/{n}' { while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; ($using:order).Enqueue($Request.RouteValues.n) }
        $waiting = foreach ($number in 1..6) {
            Send-Request "$($server.Uri)turn/$number"
            Wait-Until { $server.ActiveRequests -eq $number } | Out-Null
        }
        $server.Shared.go = $true

        ($waiting | Receive-Answer).Status | Should -Be (@(204) * 6)
        @($order) | Should -Be (1..6)
    }
}
