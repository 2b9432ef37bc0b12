[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingEmptyCatchBlock', '', Justification = 'The subject of the tests.')]
param()

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:server = Open-Server -Name Failing
    $script:number = 0

    # Registers a handler at a path of its own and asks it; what the log says of the request comes with the answer.
    function Get-Answer([scriptblock] $Handler, [int] $LogCount = 0) {
        $path = "/e$(($script:number++))"
        Register-HttpHandler GET $path $Handler
        $answer = Invoke-Http "$($server.Uri)$($path.Substring(1))"
        $id = (Wait-Log $server { $_.Path -eq $path })[0].RequestId
        $log = @(Wait-Log $server { $_.RequestId -eq $id -and -not $_.IsRequest } -Count $LogCount)
        $answer | Add-Member -PassThru -NotePropertyMembers @{ Id = $id; Log = $log }
    }
}

AfterAll {
    Clear-Session
}

Describe 'an error of a handler' {
    Context 'that ends it' {
        It 'is a plain 500: <name>' -ForEach @(
            @{ name = 'throw'; handler = { throw 'secret' } }
            @{ name = 'an exception that is thrown'; handler = { throw [InvalidOperationException]::new('secret') } }
            @{ name = 'a cmdlet told to stop'; handler = { Write-Error secret -ErrorAction Stop } }
            @{ name = 'a preference to stop'; handler = { $ErrorActionPreference = 'Stop'; Write-Error secret } }
            @{ name = 'an exception of a method'; handler = { [int]::Parse('secret') } }
            @{ name = 'a command that there is not'; handler = { Get-Secret } }
            @{ name = 'a parameter that there is not'; handler = { Get-Date -Secret } }
            @{ name = 'a division by zero'; handler = { 1 / 0 } }
            @{ name = 'a value of the wrong type'; handler = { [int] 'secret' } }
            @{ name = 'a property that cannot be set'; handler = { $Response.StatusCode = 'secret' } }
            @{ name = 'an error in a function'; handler = { function Invoke-Secret { throw 'secret' }; Invoke-Secret } }
            @{ name = 'an error in a loop'; handler = { foreach ($one in 1..3) { throw 'secret' } } }
            @{ name = 'an error in a finally block'; handler = { try { 'x' } finally { throw 'secret' } } }
            @{ name = 'an error in a named block'; handler = { begin { throw 'secret' } end { 'x' } } }
            @{ name = 'a silenced preference and throw'; handler = { $ErrorActionPreference = 'SilentlyContinue'; [int]::Parse('secret') } }
            @{ name = 'an error of an advanced function'; handler = { [CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([Exception]::new('secret'), 'id', 'NotSpecified', $null)) } }
            @{ name = 'a trap that breaks'; handler = { trap { break } ; [int]::Parse('secret') } }
        ) {
            $answer = Get-Answer $handler -LogCount 1

            $answer.Status | Should -Be 500
            $answer.Text | Should -Not -Match 'secret|ScriptErrors|char \d|Exception|at line|\.NET|PowerShell'
            $answer.Log.Level | Should -Be 'Error'
            $answer.Log.Message | Should -Match '(?s): .+ \(ScriptErrors\.Tests\.ps1:\d+'
        }

        It 'is the end: nothing after it is done' {
            (Get-Answer { [int]::Parse('x'); $Shared.after = $true; 'after' }).Status | Should -Be 500
            (Get-Answer { Get-NoSuchCommand; $Shared.after = $true }).Status | Should -Be 500
            (Get-Answer { function Test-It { [int]::Parse('x'); $Shared.after = $true }; Test-It; $Shared.after = $true }).Status | Should -Be 500

            $server.Shared.after | Should -BeNullOrEmpty
        }

        It 'is in the log with the message, the position in the script and the request' {
            $answer = Get-Answer { 'some output first'; throw 'out of paper' } -LogCount 1
            $entry = $answer.Log[0]

            $entry.Message | Should -Match 'out of paper \(ScriptErrors\.Tests\.ps1:\d+ char \d+: .*throw ''out of paper'''
            $line = [int][regex]::Match($entry.Message, '\.ps1:(\d+)').Groups[1].Value
            (Get-Content $PSCommandPath)[$line - 1] | Should -Match "throw 'out of paper'"
            $entry.Level | Should -Be 'Error'
            $entry.Client | Should -Be '127.0.0.1'
            $entry.Server | Should -Be 'Failing'
        }

        It 'is in the log with the position inside a function that was called' {
            $answer = Get-Answer {
                function Invoke-Deep {
                    Get-Item '/no/such/thing' -ErrorAction Stop
                }
                Invoke-Deep
            } -LogCount 1

            $line = [int][regex]::Match($answer.Log[0].Message, '\.ps1:(\d+)').Groups[1].Value
            (Get-Content $PSCommandPath)[$line - 1] | Should -Match 'Get-Item ''/no/such/thing'''
        }

        It 'counts as an error of the server' {
            $before = $server.ErrorCount
            $null = Get-Answer { throw 'x' }

            Wait-Until { $server.ErrorCount -eq $before + 1 } | Should -BeTrue
        }

        It 'can be caught in the script, with the exception that it was' {
            $answer = Get-Answer { try { Get-NoSuchCommand } catch [Management.Automation.CommandNotFoundException] { "caught $($_.FullyQualifiedErrorId)" } }

            $answer.Status | Should -Be 200
            $answer.Text | Should -Be 'caught CommandNotFoundException'
            $answer.Log | Should -BeNullOrEmpty
        }

        It 'can be trapped in the script' {
            (Get-Answer { trap { 'trapped'; continue }; [int]::Parse('x'); 'went on' }).Text | Should -Be "trapped`nwent on"
        }

        It 'ends the connection when a part of the answer is on its way already' {
            Register-HttpHandler GET /half {
                $this.SendResponse(200)
                $this.SendHeader('Content-Length', '1000')
                $this.EndHeaders()
                $this.Wfile.Write([byte[]]::new(10), 0, 10)
                $this.Wfile.Flush()
                throw 'half way'
            }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /half HTTP/1.1`r`nHost: x`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()

            $answer | Should -BeLike 'HTTP/1.1 200*'
            ($answer -split '\r\n\r\n', 2)[1].Length | Should -BeLessOrEqual 10
            $null = Wait-Log $server { $_.Message -like '*half way*' }
        }

        It 'leaves the connection and the worker fit for the next request' {
            $own = Open-Server -ThrottleLimit 1
            Register-HttpHandler GET /fail { throw 'x' } -Server $own
            Register-HttpHandler GET /fine { "$($Error.Count)" } -Server $own

            foreach ($round in 1..3) {
                (Invoke-Http "$($own.Uri)fail").Status | Should -Be 500 -Because "of round $round"
                (Invoke-Http "$($own.Uri)fine").Text | Should -Be '0'
            }
        }
    }

    Context 'that does not end it' {
        It 'is in the log with the request, and never reaches the client' {
            $answer = Get-Answer {
                Write-Error 'an error'
                Get-Item '/no/such/file'
                Write-Warning 'a warning'
                Write-Verbose 'in detail' -Verbose
                Write-Debug 'in depth' -Debug
                Write-Information 'for information' -InformationAction Continue
                Write-Host 'to the host'
                Write-Progress 'busy' -PercentComplete 5
                'the output'
            } -LogCount 7

            $answer.Status, $answer.Text | Should -Be 200, 'the output'
            $told = $answer.Log | ForEach-Object { '{0}: {1}' -f $_.Level, ($_.Message -split ' \(')[0] }
            $told | Should -Be 'Error: an error', "Error: Cannot find path '/no/such/file' because it does not exist.", 'Warning: a warning',
                'Debug: in detail', 'Debug: in depth', 'Information: for information', 'Information: to the host'
            $answer.Log[0].Message | Should -Match "^an error \(ScriptErrors\.Tests\.ps1:\d+ char \d+: Write-Error 'an error'\)$"
        }

        It 'shows the line that it is from, whoever writes it (<name>)' -ForEach @(
            @{ name = 'a function'; handler = { function Write-Own { Write-Error 'told' }; Write-Own }; line = '*Write-Own*' }
            @{ name = 'blocks'; handler = { process { Write-Error 'told' } }; line = "*process { Write-Error 'told' }*" }
            @{ name = 'a class'; handler = { class Own { Own() { Write-Error 'told' } }; $null = [Own]::new() }; line = "*class Own { Own() { Write-Error 'told' } }*" }
            @{ name = 'a script with a class'; handler = { class Own { }; Write-Error 'told' }; line = "*class Own { }; Write-Error 'told'*" }
            @{ name = 'a caught error'; handler = { try { throw 'told' } catch { Write-Error -ErrorRecord $_ } }; line = "*catch { Write-Error -ErrorRecord *" }
            @{ name = 'text that is run'; handler = { Invoke-Expression "Write-Error 'told' # this" }; line = "*Write-Error 'told' # this)" }
            @{ name = 'threads'; handler = { 1 | ForEach-Object -Parallel { Write-Error 'told' } }; line = '*ForEach-Object -Parallel*' }
            @{ name = 'the pipeline'; handler = { [CmdletBinding()] param() $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([exception] 'told', 'x', 0, $null)) }; line = '*$PSCmdlet.WriteError(*' }
        ) {
            (Get-Answer $handler -LogCount 1).Log[0].Message | Should -BeLike "told ($line"
        }

        It 'shows 200 characters of a line' {
            $handler = [scriptblock]::Create("Write-Error 'told' # $('x' * 400)")
            (Get-Answer $handler -LogCount 1).Log[0].Message | Should -Match "^told \(line 1 char 1: Write-Error 'told' # x{179}\.\.\.\)$"
        }

        It 'leaves 204 if there is no output' {
            (Get-Answer { Write-Error 'only this' }).Status | Should -Be 204
        }

        It 'is no error of the server' {
            $before = $server.ErrorCount
            $null = Get-Answer { Write-Error 'x'; 'y' } -LogCount 1

            $server.ErrorCount | Should -Be $before
        }

        It 'is told with the right request when many run at once' {
            $many = Open-Server -ThrottleLimit 4
            Register-HttpHandler GET '/say/{word}' { Write-Warning $Request.RouteValues.word; "$($Request.Id)" } -Server $many
            $answers = (1..40 | ForEach-Object { Send-Request "$($many.Uri)say/word$_" }) | Receive-Answer
            $warnings = Wait-Log $many { $_.Level -eq 'Warning' } -Count 40
            $requests = Wait-Log $many { $_.IsRequest } -Count 40

            foreach ($number in 1..40) {
                $id = $answers[$number - 1].Text
                ($warnings | Where-Object RequestId -EQ $id).Message | Should -Be "word$number"
                ($requests | Where-Object RequestId -EQ $id).Path | Should -Be "/say/word$number"
            }
        }

        It 'is in the log file, too' {
            $file = Join-Path $TestDrive 'server.log'
            $own = Open-Server -LogPath $file
            Register-HttpHandler GET /warn { Write-Warning 'into the file'; throw 'this as well' } -Server $own
            $null = Invoke-Http "$($own.Uri)warn"

            $null = Wait-Until { (Get-Content $file -Raw) -match 'into the file' -and (Get-Content $file -Raw) -match 'this as well' -and (Get-Content $file -Raw) -match '" 500 ' }
            @(Get-Content $file) -like '*into the file' | Should -Match '^127\.0\.0\.1 .*warning: \[\d+-\d+\] into the file$'
        }
    }

    Context 'as an event' {
        AfterEach {
            Get-EventSubscriber -SourceIdentifier HttpServer* -ErrorAction Ignore | Unregister-Event
            Get-Event -SourceIdentifier HttpServer* -ErrorAction Ignore | Remove-Event
        }

        It 'is HttpServer.Error of the session' {
            $subscription = Register-EngineEvent HttpServer.Error -Action { $Event }
            $answer = Get-Answer { throw 'for the event' } -LogCount 1
            $told = Wait-Until { $subscription | Receive-Job -Keep }

            $told.SourceIdentifier | Should -Be 'HttpServer.Error'
            $told.Sender | Should -Be $server
            $details = $told.SourceArgs[0]
            $details | Should -BeOfType 'Http.Server.PowerShell.HttpServerErrorEventArgs'
            $details.Server | Should -Be 'Failing'
            $details.RequestId | Should -Be $answer.Id
            $details.Client | Should -Be '127.0.0.1'
            $details.Message | Should -Match 'for the event \(ScriptErrors\.Tests\.ps1:\d+ char'
            $details.Exception.Message | Should -Be 'for the event'
            $details.ErrorRecord.FullyQualifiedErrorId | Should -Be 'for the event'
        }

        It 'is the event Error of the server object' {
            $own = Open-Server
            $null = Register-ObjectEvent $own Error -SourceIdentifier HttpServer.Own
            Register-HttpHandler GET /fail { throw 'own event' } -Server $own
            $null = Invoke-Http "$($own.Uri)fail"

            $told = Wait-Until { Get-Event -SourceIdentifier HttpServer.Own -ErrorAction Ignore }
            $told.SourceEventArgs.Exception.Message | Should -Be 'own event'
        }

        It 'is none for an error that does not end the handler, nor for a client''s own fault' {
            $subscription = Register-EngineEvent HttpServer.Error -Action { $Event.SourceArgs[0].Exception.Message }
            Register-HttpHandler POST /json { $Request.Json.a }
            (Invoke-Http "$($server.Uri)json" -Method POST -Body '{').Status | Should -Be 400
            $null = Get-Answer { Write-Error 'small' } -LogCount 1
            $null = Get-Answer { throw 'large' } -LogCount 1
            $null = Wait-Until { $subscription | Receive-Job -Keep }

            $subscription | Receive-Job | Should -Be 'large'
        }

        It 'does no harm when a subscriber fails' {
            $null = Register-EngineEvent HttpServer.Error -Action { throw 'the subscriber' }
            (Get-Answer { throw 'x' }).Status | Should -Be 500
            (Get-Answer { 'fine' }).Text | Should -Be 'fine'
        }
    }

    It 'is a client''s own fault if the body is too long or no JSON, also when the script would go on' {
        $small = Open-Server -MaxRequestBodySize 10
        Register-HttpHandler POST /read { $this.Rfile.CopyTo([IO.Stream]::Null); $Shared.after = $true; 'ok' } -Server $small
        Register-HttpHandler POST /text { $text = $Request.Body; $Shared.after = $true; "ok $text" } -Server $small
        $chunked = @{ 'Transfer-Encoding' = 'chunked' }

        (Invoke-Http "$($small.Uri)read" -Method POST -Body ('x' * 11) -Header $chunked).Status | Should -Be 413
        (Invoke-Http "$($small.Uri)text" -Method POST -Body ('x' * 11) -Header $chunked).Status | Should -Be 413
        $small.Shared.after | Should -BeNullOrEmpty
    }
}

Describe 'an error that the engine knows no line of' {
    It 'shows the line of the handler (<name>)' -ForEach @(
        @{ name = 'of the pipeline'; handler = { [CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([exception] 'told', 'x', 0, $null)) }; told = 'told (*:*: *ThrowTerminatingError*' }
        @{ name = 'of a parameter'; handler = { param([int] $Request) $Request }; told = '*parameter ''Request''*(*param(`[int`] $Request) $Request*)' }
    ) {
        $own = Open-Server
        Register-HttpHandler GET /fail $handler -Server $own
        (Invoke-Http "$($own.Uri)fail").Status | Should -Be 500
        (Wait-Log $own { $_.Level -eq 'Error' })[0].Message | Should -BeLike "*failed at*$told"
    }
}

Describe 'an error that nobody catches' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 1
    }

    AfterAll { Clear-Session }

    It 'is told with the line of the script and without the insides of .NET (<Handler>)' -ForEach @(
        @{ Handler = { [IO.File]::ReadAllText('/no/such/file') } }
        @{ Handler = { [Threading.Tasks.Task]::FromException([Exception]::new('failed')).GetAwaiter().GetResult() } }
        @{ Handler = { [Threading.Tasks.Task]::FromException([Exception]::new('failed')) } }
        @{ Handler = { $m = [IO.MemoryStream]::new(); $m.Dispose(); $m.WriteByte(1) } }
        @{ Handler = { $m = [IO.MemoryStream]::new(); $m.Dispose(); $m } }
        @{ Handler = { $Response.ContentType = 'text/plain; charset=nonsense'; 'x' } }
        @{ Handler = { $Response.ContentType = "a`nb"; 'x' } }
        @{ Handler = { $Response.Headers['X'] = "a`nb"; 'x' } }
        @{ Handler = { $Response.Headers['a b'] = 'c'; 'x' } }
        @{ Handler = { class Failing { [void] Do() { [IO.File]::ReadAllText('/no/such/file') } }; [Failing]::new().Do() } }
        @{ Handler = { $this.Wfile.Write([byte[]](1)); $this.Wfile.Flush(); throw 'after the beginning' } }
        @{ Handler = { throw [InvalidOperationException]::new('of my own') } }
    ) {
        Register-HttpHandler GET /it $Handler -Force
        $errors = $server.ErrorCount
        $events = [Collections.Concurrent.ConcurrentQueue[object]]::new()
        $subscriber = Register-ObjectEvent $server Error -Action { $Event.MessageData.Enqueue($EventArgs) } -MessageData $events
        try {
            try { $null = Invoke-Http "$($server.Uri)it" } catch { $null }
            $entry = @(Wait-Log $server { $_.Level -eq 'Error' -and $_.Message -like '*failed at*' })[-1]
            $line = "$Handler".Trim()
            $shown = $line.Substring(0, [Math]::Min(40, $line.Length))
            $entry.Message | Should -BeLike "*(ScriptErrors.Tests.ps1:* char *: *$([WildcardPattern]::Escape($shown))*"
            $entry.Message | Should -Not -Match '(?m)^\s+at |\.cs:line'
            $null = Wait-Until { $server.ErrorCount -eq $errors + 1 }
            $null = Wait-Until { $events.Count -gt 0 }
            $events.ToArray()[-1].Message | Should -BeLike "*$([WildcardPattern]::Escape($shown))*"
        }
        finally { Unregister-Event -SourceIdentifier $subscriber.Name; $null = $server | Receive-HttpServerLog }
    }

    It 'shows 200 characters of a long line' {
        Register-HttpHandler GET /it ([scriptblock]::Create("throw '$('x' * 500)'")) -Force
        $null = Invoke-Http "$($server.Uri)it"
        $entry = @(Wait-Log $server { $_.Message -like '*failed at*' })[-1]
        $entry.Message | Should -Match ': throw ''x{193}\.\.\.\)$'
    }
}

Describe 'classes in handlers' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 3
    }

    AfterAll { Clear-Session }

    It 'have constructors (<Expected>)' -ForEach @(
        @{ Expected = '3'; Handler = { class A { [int] $x; A([int] $v) { $this.x = $v } }; "$([A]::new(3).x)" } }
        @{ Expected = '4'; Handler = { class A { $x; A($v) { $this.x = $v } }; "$((New-Object A 4).x)" } }
        @{ Expected = 'go5'; Handler = { class A { $x; A($v) { $this.x = $v } } class B : A { B() : base(5) { } [string] Go() { return "go$($this.x)" } }; [B]::new().Go() } }
        @{ Expected = '6'; Handler = { function f { class C { $y; C() { $this.y = 6 } }; [C]::new().y }; "$(f)" } }
        @{ Expected = '7'; Handler = { class D { static [int] $n; static D() { [D]::n = 7 } }; "$([D]::n)" } }
        @{ Expected = 'Blue'; Handler = { enum Co { Red; Blue } class J { [Co] $c; J() { $this.c = 'Blue' } }; "$([J]::new().c)" } }
        @{ Expected = '/it'; Handler = { param($r) class H { $r; H($r) { $this.r = $r } }; [H]::new($r).r.Path } }
        @{ Expected = 'x2'; Handler = { class I { $v; I() { $this.v = 'x' } I($n) { $this.v = "x$n" } }; [I]::new(2).v } }
        @{ Expected = 'caught'; Handler = { class E { E() { throw 'in it' } }; try { [E]::new() } catch { 'caught' } } }
        @{ Expected = 'piped'; Handler = { begin { class P { $v; P() { $this.v = 'piped' } } } end { [P]::new().v } } }
    ) {
        Register-HttpHandler GET /it $Handler -Force
        (1..9 | ForEach-Object { Send-Request "$($server.Uri)it" }) | Receive-Answer | ForEach-Object Text | Select-Object -Unique | Should -Be $Expected
    }

    It 'have them in files too' {
        $file = Join-Path $TestDrive 'class.ps1'
        Set-Content $file "class K {`n    `$x`n    K([int] `$v) { `$this.x = `$v }`n}`n`"`$([K]::new(9).x)`""
        Register-HttpHandler GET /it -FilePath $file -Force
        (Invoke-Http "$($server.Uri)it").Text | Should -Be '9'
    }

    It 'end the handler with their errors, at their place' {
        Register-HttpHandler GET /it { class E { E() { throw 'in the constructor' } }
            $null = [E]::new()
            'not reached' } -Force
        (Invoke-Http "$($server.Uri)it").Status | Should -Be 500
        (Wait-Log $server { $_.Message -like '*in the constructor*' }).Message | Should -BeLike '*ScriptErrors.Tests.ps1:*throw*'
    }
}
