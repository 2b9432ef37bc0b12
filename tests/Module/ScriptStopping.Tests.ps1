BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # Handlers that would never end by themselves; each tells that it has begun and that it has ended.
    $script:endless = [ordered]@{
        '/loop'     = { $Shared[$Request.Path] = 'begun'; try { while ($true) { } } finally { $Shared[$Request.Path] = 'ended' } }
        '/sleep'    = { $Shared[$Request.Path] = 'begun'; try { Start-Sleep 1000 } finally { $Shared[$Request.Path] = 'ended' } }
        '/function' = { function Wait-Forever { while ($true) { $null = 1 + 1 } }; $Shared[$Request.Path] = 'begun'; try { Wait-Forever } finally { $Shared[$Request.Path] = 'ended' } }
        '/pipeline' = { $Shared[$Request.Path] = 'begun'; try { & { while ($true) { 1 } } | ForEach-Object { $_ } | Out-Null } finally { $Shared[$Request.Path] = 'ended' } }
        '/catch'    = { $Shared[$Request.Path] = 'begun'; try { while ($true) { try { Start-Sleep 1000 } catch { $Shared.caught = $true } } } finally { $Shared[$Request.Path] = 'ended' } }
        '/process'  = { $Shared[$Request.Path] = 'begun'; try { & (Join-Path $PSHOME pwsh) -NoProfile -Command 'Start-Sleep 1000' } finally { $Shared[$Request.Path] = 'ended' } }
    }

    # Those whose state differs, so that a failure names them.
    function Get-Odd([object] $Server, [string] $State) {
        $endless.Keys | Where-Object { $Server.Shared[$_] -ne $State }
    }
}

AfterAll {
    Clear-Session
}

Describe 'a handler that does not end' {
    BeforeEach {
        $script:server = Open-Server -ThrottleLimit 1 -HandlerTimeout 0
        $server.Shared.begun = $server.Shared.ended = 0
    }

    AfterEach {
        Clear-Session
    }

    Context 'when its client leaves' {
        It 'is stopped and logged with 499, and its worker serves others' {
            $many = Open-Server -ThrottleLimit $endless.Count -HandlerTimeout 0
            $endless.GetEnumerator() | ForEach-Object { Register-HttpHandler GET $_.Key $_.Value -Server $many }
            Register-HttpHandler GET /next { 'next' } -Server $many
            $connections = $endless.Keys | ForEach-Object {
                $connection = Connect-Port $many.Port
                Write-Connection $connection "GET $_ HTTP/1.1`r`nHost: x`r`n`r`n"
                $connection
            }
            $null = Wait-Until { -not (Get-Odd $many 'begun') }
            $connections.ForEach('Dispose')

            $null = Wait-Until { -not (Get-Odd $many 'ended') } -Because "these have ended: $($endless.Keys)"
            (Wait-Log $many { $_.IsRequest } -Count $endless.Count).Status | Select-Object -Unique | Should -Be 499
            (1..$endless.Count | ForEach-Object { Send-Request "$($many.Uri)next" }) | Receive-Answer | ForEach-Object Text | Select-Object -Unique | Should -Be 'next'
            $many.WorkerCount | Should -BeLessOrEqual $endless.Count
            $many.Shared.caught | Should -BeNullOrEmpty
        }

        It 'is stopped also when the client breaks the connection' {
            Register-HttpHandler GET /sleep $endless['/sleep']
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /sleep HTTP/1.1`r`nHost: x`r`n`r`n"
            $null = Wait-Until { $server.Shared['/sleep'] -eq 'begun' }
            $connection.LingerState = [Net.Sockets.LingerOption]::new($true, 0)
            $connection.Dispose()

            Wait-Until { $server.Shared['/sleep'] -eq 'ended' } | Should -BeTrue
        }

        It 'is stopped after the body of the request has been read' {
            Register-HttpHandler POST /endless { $null = $Request.Body; $Shared.begun++; try { Start-Sleep 1000 } finally { $Shared.ended++ } }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "POST /endless HTTP/1.1`r`nHost: x`r`nContent-Length: 4`r`n`r`nbody"
            $null = Wait-Until { $server.Shared.begun -eq 1 }
            $connection.Dispose()

            Wait-Until { $server.Shared.ended -eq 1 } | Should -BeTrue
        }

        It 'is stopped in the midst of a stream of events' {
            Register-HttpHandler GET /events {
                $this.SendResponse(200)
                $this.SendHeader('Content-Type', 'text/event-stream')
                $this.EndHeaders()
                $Shared.begun++
                try {
                    for ($number = 1; ; $number++) {
                        $bytes = [Text.Encoding]::UTF8.GetBytes("data: $number`n`n")
                        $this.Wfile.Write($bytes, 0, $bytes.Length)
                        $this.Wfile.Flush()
                        Start-Sleep -Milliseconds 20
                    }
                }
                finally { $Shared.ended++ }
            }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /events HTTP/1.1`r`nHost: x`r`n`r`n"
            Read-Connection $connection 'data: 3' | Should -Match '(?s)data: 1.*data: 2.*data: 3'
            $server.Shared.ended | Should -Be 0
            $connection.Dispose()

            Wait-Until { $server.Shared.ended -eq 1 } | Should -BeTrue
        }

        It 'takes its request out of the queue, unseen by the handler' {
            Register-HttpHandler GET /endless { $Shared.begun++; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 } }
            Register-HttpHandler GET /waiting { $Shared.waited++ }
            $first = Send-Request "$($server.Uri)endless"
            $null = Wait-Until { $server.Shared.begun -eq 1 }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /waiting HTTP/1.1`r`nHost: x`r`n`r`n"
            $null = Wait-Until { $server.ActiveRequests -eq 2 }
            $connection.Dispose()
            # Nothing tells that a request in the queue has been given up, so it is given time for that.
            Start-Sleep 2
            $server.Shared.go = $true

            ($first | Receive-Answer).Status | Should -Be 204
            (Wait-Log $server { $_.Path -eq '/waiting' }).Status | Should -Be 499
            $server.Shared.waited | Should -BeNullOrEmpty
        }

        It 'is not stopped when the client has only ended its side, and still reads' {
            Register-HttpHandler GET /patient { $Shared.begun++; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'whole' }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /patient HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
            $null = Wait-Until { $server.Shared.begun -eq 1 }
            $connection.Client.Shutdown('Send')
            $server.Shared.go = $true

            Read-Connection $connection | Should -BeLike 'HTTP/1.1 200*whole'
            $connection.Dispose()
        }
    }

    Context 'when -HandlerTimeout has passed' {
        BeforeEach {
            $script:server = Open-Server -ThrottleLimit 1 -HandlerTimeout 0.3
            $server.Shared.begun = $server.Shared.ended = 0
        }

        It 'ends alone, and not the process, where what it has registered for its stop fails' {
            $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
$server = Open-Server -NoFiles -HandlerTimeout 0.3
$begin = '[CmdletBinding()] param() $null = $PSCmdlet.PipelineStopToken.Register([Action] { throw "late" });'
$ends = 'while ($true) { }', 'Start-Sleep 1000', '1 | ForEach-Object { Start-Sleep 1000 }'
foreach ($number in 0..2) { Register-HttpHandler GET "/$number" ([scriptblock]::Create("$begin $($ends[$number])")) }
0..2 | ForEach-Object { (Invoke-Http "$($server.Uri)$_").Status }
(Wait-Log $server { $_.Message -like '*PipelineStopToken*' } -Count 3).Level
'@
            $result.ExitCode | Should -Be 0 -Because $result.ErrorText
            $result.Output | Should -Be 504, 504, 504, 'Warning', 'Warning', 'Warning'
        }

        It 'ends alone, and not the process, where the engine has disposed of what it is stopped by' {
            # The engine does so when a pipeline ends, and does not look whether it is being stopped.
            $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
$server = Open-Server -NoFiles -HandlerTimeout 0.3
Register-HttpHandler GET / {
    [CmdletBinding()] param()
    $of = [Reflection.BindingFlags]'Instance, NonPublic'
    $pipeline = $PSCmdlet.CommandRuntime.GetType().GetProperty('PipelineProcessor', $of).GetValue($PSCmdlet.CommandRuntime)
    $pipeline.GetType().GetField('_pipelineStopTokenSource', $of).GetValue($pipeline).Dispose()
    while ($true) { }
}
Register-HttpHandler GET /next { 'next' }
(Invoke-Http $server.Uri).Status
(Invoke-Http "$($server.Uri)next").Text
@((Receive-HttpServerLog | Where-Object Level -ge Warning).Message) -like '*PipelineStopToken*'
'@
            $result.ExitCode | Should -Be 0 -Because $result.ErrorText
            $result.Output | Should -Be 504, 'next'
        }

        It 'is stopped and answered with 504, and its worker serves others' {
            $many = Open-Server -ThrottleLimit $endless.Count -HandlerTimeout 0.3
            $endless.GetEnumerator() | ForEach-Object { Register-HttpHandler GET $_.Key $_.Value -Server $many }
            Register-HttpHandler GET /next { 'next' } -Server $many
            $answers = ($endless.Keys | ForEach-Object { Send-Request "$($many.Uri)$($_.Substring(1))" }) | Receive-Answer

            $answers.Status | Select-Object -Unique | Should -Be 504
            $null = Wait-Until { -not (Get-Odd $many 'ended') } -Because "these have ended: $($endless.Keys)"
            (Invoke-Http "$($many.Uri)next").Text | Should -Be 'next'
            (Wait-Log $many { $_.IsRequest -and $_.Path -ne '/next' } -Count $endless.Count).Status | Select-Object -Unique | Should -Be 504
            (Wait-Log $many { $_.Level -eq 'Warning' } -Count $endless.Count)[0].Message | Should -BeLike '*0.3 s*-HandlerTimeout*'
            $many.Shared.caught | Should -BeNullOrEmpty
        }

        It 'goes on if its answer has begun' {
            Register-HttpHandler GET /long {
                $this.SendResponse(200)
                $this.EndHeaders()
                $this.Wfile.Flush()
                Start-Sleep -Milliseconds 700
                $this.Wfile.Write([byte[]](0x65, 0x6e, 0x64), 0, 3)
            }

            (Invoke-Http "$($server.Uri)long").Text | Should -Be 'end'
        }

        It 'does not count the time that a request waits for its turn' {
            Register-HttpHandler GET /short { Start-Sleep -Milliseconds 200; 'done' }
            $answers = (1..4 | ForEach-Object { Send-Request "$($server.Uri)short" }) | Receive-Answer

            $answers.Status | Should -Be 200, 200, 200, 200
        }

        It 'has no limit with 0' {
            $own = Open-Server -ThrottleLimit 1 -HandlerTimeout 0
            Register-HttpHandler GET /long { Start-Sleep -Milliseconds 700; 'end' } -Server $own

            (Invoke-Http "$($own.Uri)long").Text | Should -Be 'end'
        }
    }

    Context 'when the server stops' {
        It 'is stopped' {
            $many = Open-Server -ThrottleLimit $endless.Count -HandlerTimeout 0
            $endless.GetEnumerator() | ForEach-Object { Register-HttpHandler GET $_.Key $_.Value -Server $many }
            $requests = $endless.Keys | ForEach-Object { Send-Request "$($many.Uri)$($_.Substring(1))" }
            $null = Wait-Until { -not (Get-Odd $many 'begun') }
            $many | Stop-HttpServer -Force

            $many.State | Should -Be 'Stopped'
            $null = Wait-Until { -not (Get-Odd $many 'ended') } -Because "these have ended: $($endless.Keys)"
            Wait-Until { $requests.IsCompleted -notcontains $false } | Should -BeTrue
        }
    }

    It 'in a call that cannot be stopped is answered with 504 all the same, and its worker is replaced' {
        $own = Open-Server -ThrottleLimit 1 -HandlerTimeout 0.3 -Variable @{ Gate = ($gate = [Threading.ManualResetEventSlim]::new()) }
        Register-HttpHandler GET /stuck { $Gate.Wait() } -Server $own
        Register-HttpHandler GET /next { 'next' } -Server $own
        try {
            (Invoke-Http "$($own.Uri)stuck").Status | Should -Be 504
            (Invoke-Http "$($own.Uri)next").Text | Should -Be 'next'
            (Wait-Log $own { $_.Level -eq 'Error' })[0].Message | Should -BeLike '*cannot be stopped*'
        }
        finally {
            $gate.Set()
        }
    }
}
