BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
}

Describe 'Errors of handlers' {
    AfterEach {
        Clear-Session
    }

    Context 'that end the handler' {
        It 'are a plain 500 without any detail: <code>' -ForEach @(
            @{ code = 'throw "secret"'; message = '*secret*' }
            @{ code = 'throw [InvalidOperationException]::new("secret")'; message = '*secret*' }
            @{ code = 'Get-Item /no/secret -ErrorAction Stop'; message = '*/no/secret*' }
            @{ code = 'Get-Secret'; message = "*'Get-Secret'*" }
            @{ code = '[int]::Parse("secret")'; message = '*secret*' }
            @{ code = '1 / 0; "secret"'; message = '*zero*' }
            @{ code = '$secret.Run()'; message = '*null-valued*' }
            @{ code = '$ErrorActionPreference = "Stop"; Write-Error "secret"'; message = '*secret*' }
            @{ code = '& { throw "secret" }'; message = '*secret*' }
            @{ code = '1..3 | ForEach-Object { throw "secret" }'; message = '*secret*' }
        ) {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /fail ([scriptblock]::Create($code)) -Name Failing
            $answer = Invoke-Http "$($server.Uri)fail"

            $answer.Status | Should -Be 500
            $answer.Text | Should -Not -Match 'secret|zero|null|Failing|Exception|\.ps1'
            "$($answer.Headers.Values)" | Should -Not -Match 'secret|Failing'
            $entry = (Wait-Log $server { $_.Level -eq 'Error' })[0]
            $entry.Message | Should -BeLike $message
            $entry.Message | Should -BeLike '*(line 1 char *'
            $entry.RequestId | Should -Be (Wait-Log $server { $_.IsRequest })[0].RequestId
        }

        It 'are in the log with file, line and position' {
            $file = Join-Path $TestDrive 'site.ps1'
            Set-Content $file "Register-HttpHandler GET /fail {`n    `$a = 1`n    throw `"it is `$a`"`n}"
            $server = Open-Server -Directory $site
            . $file

            (Invoke-Http "$($server.Uri)fail").Status | Should -Be 500
            (Wait-Log $server { $_.Level -eq 'Error' })[0].Message | Should -BeLike '*it is 1 (site.ps1:3 char 5: throw "it is $a")'
        }

        It 'lose what was put out and what was set before' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /fail { 'half'; $Response.StatusCode = 201; $Response.Headers['X-Half'] = 'yes'; $Response.SetCookie('half', 'yes'); throw 'wrong' }
            $answer = Invoke-Http "$($server.Uri)fail"

            $answer.Status | Should -Be 500
            $answer.Text | Should -Not -Match 'half'
            $answer.Headers.Keys | Should -Not -Contain 'X-Half'
            $answer.Headers.Keys | Should -Not -Contain 'Set-Cookie'
        }

        It 'break off an answer that has begun' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /fail { $this.SendResponse(200); $this.EndHeaders(); $this.Wfile.Write([byte[]](65, 66)); $this.Wfile.Flush(); throw 'secret' }
            $connection = Connect-Port $server.Port
            try {
                Write-Connection $connection "GET /fail HTTP/1.1`r`nHost: x`r`n`r`n"
                $text = try { Read-Connection $connection } catch [IO.IOException] { '' }
                $text | Should -Not -Match '0\r\n\r\n$|secret'
            }
            finally {
                $connection.Dispose()
            }

            (Wait-Log $server { $_.Level -eq 'Error' })[0].Message | Should -BeLike '*secret*'
        }

        It 'leave server and worker as they were' {
            $server = Open-Server -Directory $site -ThrottleLimit 1
            Register-HttpHandler GET /fail { throw 'wrong' }
            Register-HttpHandler GET /count { "$($Error.Count)" }
            1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)fail").Status } | Should -Be 500, 500, 500

            (Invoke-Http "$($server.Uri)count").Text | Should -Be '0'
            $server.WorkerCount | Should -Be 1
            $server.ErrorCount | Should -Be 3
        }

        It 'can be caught by the handler' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /try { try { Get-Secret } catch { 'caught' } finally { $Shared.finally = $true } }
            Register-HttpHandler GET /trap { trap { 'trapped'; continue } throw 'x' }

            (Invoke-Http "$($server.Uri)try").Text | Should -Be 'caught'
            (Invoke-Http "$($server.Uri)trap").Text | Should -Be 'trapped'
            $server.Shared.finally | Should -BeTrue
        }
    }

    Context 'as events' {
        It 'are told by HttpServer.Error of the session' {
            $server = Open-Server -Directory $site -Name Failing
            Register-HttpHandler GET /fail { throw 'wrong' }
            $job = Register-EngineEvent HttpServer.Error -Action { $Sender.Shared.told = @($Sender, $EventArgs) }
            try {
                $null = Invoke-Http "$($server.Uri)fail"
                Wait-Until { $server.Shared.told } | Should -BeTrue
            }
            finally {
                Get-EventSubscriber HttpServer.Error | Unregister-Event
                $job | Remove-Job -Force
            }

            $from, $failure = $server.Shared.told
            $from | Should -Be $server
            $failure.Server | Should -Be 'Failing'
            $failure.Client | Should -Be '127.0.0.1'
            $failure.Exception.Message | Should -Be 'wrong'
            $failure.ErrorRecord | Should -BeOfType 'Management.Automation.ErrorRecord'
            $failure.Message | Should -BeLike 'wrong (ScriptErrors.Tests.ps1:*'
            $failure.RequestId | Should -Be (Wait-Log $server { $_.IsRequest })[0].RequestId
        }

        It 'are told by Error of the server object, and of that server alone' {
            $server, $other = (Open-Server -Directory $site), (Open-Server -Directory $site)
            Register-HttpHandler GET /fail { throw $Request.QueryString }
            $null = Register-ObjectEvent $server Error -SourceIdentifier ScriptErrors.Test
            try {
                $null = Invoke-Http "$($other.Uri)fail?other"
                $null = Wait-Log $other { $_.Level -eq 'Error' }
                $null = Invoke-Http "$($server.Uri)fail?this"
                $told = Wait-Event ScriptErrors.Test -Timeout 30
                $told.SourceEventArgs.Message | Should -BeLike '*this*'
                @(Get-Event ScriptErrors.Test).Count | Should -Be 1
            }
            finally {
                Unregister-Event ScriptErrors.Test
                Get-Event ScriptErrors.Test -ErrorAction Ignore | Remove-Event
            }
        }

        It 'are not told of errors that do not end the handler' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /fail { Write-Error 'no matter'; 'went on' }
            $null = Register-ObjectEvent $server Error -SourceIdentifier ScriptErrors.None
            try {
                (Invoke-Http "$($server.Uri)fail").Text | Should -Be 'went on'
                $null = Wait-Log $server { $_.IsRequest }
                Get-Event ScriptErrors.None -ErrorAction Ignore | Should -BeNullOrEmpty
            }
            finally {
                Unregister-Event ScriptErrors.None
            }
        }
    }

    Context 'that do not end it, and other streams' {
        It 'go to the log as <level> with the id of the request, never to the client: <code>' -ForEach @(
            @{ code = 'Write-Error "a word"'; level = 'Error' }
            @{ code = 'Get-Item "/a word"'; level = 'Error' }
            @{ code = 'Write-Warning "a word"'; level = 'Warning' }
            @{ code = 'Write-Host "a word"'; level = 'Information' }
            @{ code = 'Write-Information "a word"'; level = 'Information' }
            @{ code = 'Write-Verbose "a word" -Verbose'; level = 'Debug' }
            @{ code = '$VerbosePreference = "Continue"; Write-Verbose "a word"'; level = 'Debug' }
            @{ code = 'Write-Debug "a word" -Debug'; level = 'Debug' }
        ) {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /speak ([scriptblock]::Create("$code; 'answer'"))
            $answer = Invoke-Http "$($server.Uri)speak"

            $answer.Status | Should -Be 200
            $answer.Text | Should -BeExactly 'answer'
            $entries = Wait-Log $server { -not $_.IsRequest }
            $entries.Count | Should -Be 1
            $entries[0].Message | Should -BeLike '*a word*'
            $entries[0].Level | Should -Be $level
            $entries[0].Client | Should -Be '127.0.0.1'
            $entries[0].RequestId | Should -Be (Wait-Log $server { $_.IsRequest })[0].RequestId
        }

        It 'are not written where the preference does not say so' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /quiet { Write-Verbose 'a'; Write-Debug 'b'; Write-Progress 'c'; Write-Error 'd' -ErrorAction Ignore; 'answer' }

            (Invoke-Http "$($server.Uri)quiet").Text | Should -Be 'answer'
            $null = Wait-Log $server { $_.IsRequest }
            Receive-HttpServerLog -Level Debug | Where-Object IsRequest -EQ $false | Should -BeNullOrEmpty
        }

        It 'are told apart by the id when requests run at the same time' {
            $server = Open-Server -Directory $site -ThrottleLimit 2 -Variable @{ Barrier = [Threading.Barrier]::new(2) }
            Register-HttpHandler GET '/speak/{word}' { $null = $Barrier.SignalAndWait(20000); Write-Warning $Request.RouteValues.word; $Request.Id }
            $waiting = 'one', 'two' | ForEach-Object { Send-Request "$($server.Uri)speak/$_" }
            $ids = ($waiting | Receive-Answer).Text

            $ids[0] | Should -Not -Be $ids[1]
            $entries = Wait-Log $server { $_.Level -eq 'Warning' } -Count 2
            ($entries | Where-Object Message -EQ 'one').RequestId | Should -Be $ids[0]
            ($entries | Where-Object Message -EQ 'two').RequestId | Should -Be $ids[1]
        }

        It 'are written to the log file too' {
            $file = Join-Path $TestDrive 'script.log'
            $server = Open-Server -Directory $site -LogPath $file
            Register-HttpHandler GET /speak {
                Write-Warning 'a word'
                throw 'wrong'
            }
            $null = Invoke-Http "$($server.Uri)speak"
            Stop-HttpServer

            $lines = Get-Content $file
            @($lines -like '*a word*').Count | Should -Be 1
            @($lines -like '*wrong*').Count | Should -Be 1
        }
    }

    Context 'leaving the handler' {
        It 'by <code> sends what was put out before' -ForEach @(
            @{ code = 'return' }
            @{ code = 'exit' }
            @{ code = 'exit 3' }
            @{ code = 'break' }
            @{ code = 'continue' }
        ) {
            $server = Open-Server -Directory $site -ThrottleLimit 1
            Register-HttpHandler GET /leave ([scriptblock]::Create("'before'; $code; 'after'"))

            1..2 | ForEach-Object { (Invoke-Http "$($server.Uri)leave").Text } | Should -Be 'before', 'before'
            $server.State | Should -Be 'Running'
            $server.WorkerCount | Should -Be 1
        }
    }
}
