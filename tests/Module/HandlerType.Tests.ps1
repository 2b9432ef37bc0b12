BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
    Set-Content (Join-Path $site 'a.txt') 'a file' -NoNewline

    # A class is parsed after the module was imported, so it is in a script of its own: its first member is in line 2.
    $script:classes = 0
    function Import-HandlerType([string] $Members, [string] $Base = 'Http.Server.SimpleHttpRequestHandler') {
        $name = "TestHandler$((++$script:classes))"
        $file = Join-Path $TestDrive "$name.ps1"
        Set-Content $file "class $name : $Base {`n$Members`n}`n[$name]"
        & $file
    }
}

Describe 'Start-HttpServer -HandlerType' {
    AfterEach {
        Clear-Session
    }

    Context 'verbs' {
        It 'has the methods of the class answer their verbs, and the base class serve files' {
            $type = Import-HandlerType '[void] DoPost() { $this.SendText("posted to $($this.Path)") }'
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http "$($server.Uri)any/where" -Method POST -Body 'x').Text | Should -BeExactly 'posted to /any/where'
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -BeExactly 'a file'
            (Invoke-Http "$($server.Uri)a.txt" -Method HEAD).Headers['Content-Length'] | Should -Be 6
            (Invoke-Http "$($server.Uri)none.txt").Status | Should -Be 404
        }

        It 'takes invented verbs, in any case of the method, and answers 501 to those it does not have' {
            $type = Import-HandlerType '[void] DoSPAM() { $this.SendText("spam") }'
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http $server.Uri -Method SPAM).Text | Should -Be 'spam'
            (Invoke-Http $server.Uri -Method EGGS).Status | Should -Be 501
        }

        It 'can be answered line for line, with the body of the request' {
            $type = Import-HandlerType @'
[void] DoPut() {
    $this.SendResponse(201)
    $this.SendHeader('Content-Type', 'text/x-echo')
    $this.EndHeaders()
    $this.Rfile.CopyTo($this.Wfile)
}
'@
            $server = Open-Server -Directory $site -HandlerType $type
            $answer = Invoke-Http $server.Uri -Method PUT -Body 'sent'

            $answer.Status | Should -Be 201
            $answer.Type | Should -Be 'text/x-echo'
            $answer.Text | Should -BeExactly 'sent'
        }

        It 'takes a class derived from BaseHttpRequestHandler, which serves no files' {
            $type = Import-HandlerType '[void] DoGet() { $this.SendText("base") }' 'Http.Server.BaseHttpRequestHandler'
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'base'
            (Invoke-Http $server.Uri -Method POST -Body 'x').Status | Should -Be 501
        }

        It 'takes a class derived from CgiHttpRequestHandler, which runs programs' {
            if ($IsWindows) { Set-ItResult -Skipped -Because 'the program of this test is a shell script' }
            Skip-WithoutCgi
            $program = Join-Path (New-Item -ItemType Directory (Join-Path $site 'cgi-bin') -Force).FullName 'show'
            Set-Content $program "#!/bin/sh`nprintf 'Content-Type: text/plain\n\nprogram'"
            [IO.File]::SetUnixFileMode($program, 'UserRead, UserWrite, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute')
            $type = Import-HandlerType '[void] DoPut() { $this.SendText("put") }' 'Http.Server.CgiHttpRequestHandler'
            $server = Open-Server -Directory $site -HandlerType $type -Cgi

            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -Be 'program'
            (Invoke-Http $server.Uri -Method PUT -Body 'x').Text | Should -Be 'put'
        }

        It 'takes a class of the library as it is' {
            $server = Open-Server -Directory $site -HandlerType ([Http.Server.SimpleHttpRequestHandler])

            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'takes a class derived from another class of PowerShell' {
            $null = Import-HandlerType '[string] Word() { return "parent" } [void] DoGet() { $this.SendText($this.Word()) }'
            $file = Join-Path $TestDrive 'Family.ps1'
            Set-Content $file @'
class FamilyParent : Http.Server.SimpleHttpRequestHandler {
    [string] Word() { return 'parent' }
    [void] DoGet() { $this.SendText($this.Word()) }
}
class FamilyChild : FamilyParent {
    [string] Word() { return 'child' }
}
[FamilyChild]
'@
            $server = Open-Server -Directory $site -HandlerType (& $file)

            (Invoke-Http $server.Uri).Text | Should -Be 'child'
        }
    }

    Context 'the base class' {
        It 'serves the file when its DoGet is called without awaiting the end' {
            $type = Import-HandlerType @'
[void] DoGet() {
    if ($this.Path -eq '/hello') { $this.SendText('hello') }
    else { ([Http.Server.SimpleHttpRequestHandler]$this).DoGet() }
}
'@
            # Longer than all buffers: an answer that nobody waits for would be cut off.
            $big = [byte[]]::new(3MB)
            [Random]::new(1).NextBytes($big)
            [IO.File]::WriteAllBytes((Join-Path $site 'big.bin'), $big)
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http "$($server.Uri)hello").Text | Should -Be 'hello'
            $answer = Invoke-Http "$($server.Uri)big.bin"
            $answer.Status | Should -Be 200
            [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($answer.Bytes)) |
                Should -Be ([Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($big)))
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'serves the file when its task is returned' {
            $type = Import-HandlerType '[Threading.Tasks.ValueTask] DoGet() { return ([Http.Server.SimpleHttpRequestHandler]$this).DoGet() }'
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'asks the overridden members of the class' {
            $type = Import-HandlerType @'
[string] VersionString() { return 'Mine/' + (Get-Date -Year 2001).Year }
[void] EndHeaders() {
    $this.SendHeader('X-Mine', 'yes')
    ([Http.Server.SimpleHttpRequestHandler]$this).EndHeaders()
}
'@
            $server = Open-Server -Directory $site -HandlerType $type
            $answer = Invoke-Http "$($server.Uri)a.txt"

            $answer.Text | Should -Be 'a file'
            $answer.Headers['Server'] | Should -Be 'Mine/2001'
            $answer.Headers['X-Mine'] | Should -Be 'yes'
        }
    }

    Context 'objects of the class' {
        It 'are made with script code in constructor and properties' {
            $type = Import-HandlerType @'
[string] $Mark = (Join-Path 'a' 'b').Length
[Collections.Generic.List[string]] $Seen = [Collections.Generic.List[string]]::new()
[string] $Made
TestHandlerX() { $this.Made = ('made', 'by', 'script' | ForEach-Object { $_.ToUpperInvariant() }) -join ' ' }
[void] DoGet() { $this.SendText("$($this.Mark) $($this.Made) $($this.Seen.Count)") }
'@.Replace('TestHandlerX', "TestHandler$($classes + 1)")
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http $server.Uri).Text | Should -BeExactly '3 MADE BY SCRIPT 0'
        }

        It 'are made one for each connection, and serve its requests one after the other' {
            $type = Import-HandlerType @'
[int] $Count = 0
[void] DoGet() { $this.Count++; $this.SendText("<$($this.Count)>") }
'@
            $server = Open-Server -Directory $site -HandlerType $type
            $request = "GET / HTTP/1.1`r`nHost: x`r`n`r`n"
            $first, $second = (Connect-Port $server.Port), (Connect-Port $server.Port)
            try {
                Write-Connection $first ($request * 2)
                Read-Connection $first '<2>' | Should -Match '(?s)<1>.*<2>'
                Write-Connection $second $request
                Read-Connection $second '<\d>' | Should -Match '<1>'
                Write-Connection $first $request
                Read-Connection $first '<\d>' | Should -Match '<3>'
            }
            finally {
                $first.Dispose()
                $second.Dispose()
            }
        }

        It 'are made while many clients come at once' {
            $type = Import-HandlerType @'
[string] $Word
TestHandlerX() { $this.Word = 1..20 | ForEach-Object { $_ } | Measure-Object -Sum | ForEach-Object Sum }
[void] DoGet() { $this.SendText($this.Word + ' ' + (1..20 | ForEach-Object { "$($this.Path)" } | Select-Object -Unique)) }
'@.Replace('TestHandlerX', "TestHandler$($classes + 1)")
            $server = Open-Server -Directory $site -HandlerType $type -ThrottleLimit 4
            $waiting = 1..40 | ForEach-Object { Send-Request "$($server.Uri)$_" }
            $answers = $waiting | Receive-Answer

            $answers.Text | Should -Be (1..40 | ForEach-Object { "210 /$_" })
        }
    }

    Context 'workers' {
        It 'run the class in parallel' {
            $type = Import-HandlerType '[void] DoGet() { $this.SendText("$($global:Barrier.SignalAndWait(20000)) " + (Get-Culture -Name "fr-FR").Name) }'
            $server = Open-Server -Directory $site -HandlerType $type -ThrottleLimit 3 -Variable @{ Barrier = [Threading.Barrier]::new(3) }
            $waiting = 1..3 | ForEach-Object { Send-Request $server.Uri }

            ($waiting | Receive-Answer).Text | Should -Be (@('True fr-FR') * 3)
        }

        It 'call static methods and other classes while the session is busy: <Name>' -ForEach @(
            @{ Name = 'BoundOwn'; Call = '[BoundOwn]::Word()'; Own = 'static [string] Word() { return "word" }'; Other = ''; IsBound = $true }
            @{ Name = 'FreeOwn'; Call = '[FreeOwn]::Word()'; Own = 'static [string] Word() { return "word" }'; Other = ''; IsBound = $false }
            @{ Name = 'BoundOther'; Call = '[BoundHelper]::new().Word()'; Own = ''; Other = 'class BoundHelper { [string] Word() { return "word" } }'; IsBound = $true }
            @{ Name = 'FreeOther'; Call = '[FreeHelper]::new().Word()'; Own = ''; Other = '[NoRunspaceAffinity()] class FreeHelper { [string] Word() { return "word" } }'; IsBound = $false }
            @{ Name = 'Plain'; Call = '[PlainData]::new().Word'; Own = ''; Other = 'class PlainData { [string] $Word = "word" }'; IsBound = $false }
        ) {
            $file = Join-Path $TestDrive "$Name.ps1"
            $free = $Own -and -not $IsBound ? '[NoRunspaceAffinity()] ' : ''
            Set-Content $file "$Other`n${free}class $Name : Http.Server.SimpleHttpRequestHandler { $Own`n[void] DoGet() { `$this.SendText($Call) } }`n[$Name]"
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -HandlerType (& $file) -WarningAction SilentlyContinue -WarningVariable told

            if ($IsBound) { "$told" | Should -BeLike '*class Bound*NoRunspaceAffinity*' }
            else {
                $told | Should -BeNullOrEmpty
                # Invoke-Http waits in .NET, so that the session is busy.
                if ($Name -ne 'Plain') { (Invoke-Http $server.Uri).Text | Should -Be 'word' }
            }
        }

        It 'are not held up by a client that does not read: <Members>' -ForEach @(
            @{ Members = '[void] DoGet() { if ($this.Path -eq "/hello") { $this.SendText("hello") } else { ([Http.Server.SimpleHttpRequestHandler]$this).DoGet() } }' }
            @{ Members = '[string] GuessType([string] $path) { return "text/x-own" } [void] DoHello() { $this.SendText("hello") }' }
        ) {
            $large = [IO.File]::Create((Join-Path $site 'large.bin'))
            $large.SetLength(100MB)
            $large.Dispose()
            $server = Open-Server -Directory $site -HandlerType (Import-HandlerType $Members) -ThrottleLimit 1
            $slow = Connect-Port $server.Port
            try {
                Write-Connection $slow "GET /large.bin HTTP/1.1`r`nHost: x`r`n`r`n"
                Read-Connection $slow "`r`n`r`n" | Should -Match '^HTTP/1.1 200'
                (Invoke-Http "$($server.Uri)hello" -Method ($Members -like '*DoHello*' ? 'HELLO' : 'GET')).Text | Should -Be 'hello'
                (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
            }
            finally { $slow.Dispose() }
        }

        It 'give it functions, variables, $Shared and what the initialization script has made' {
            function Get-Greeting([string] $Name) { "Hello, $Name" }
            $type = Import-HandlerType '[void] DoGet() { $global:Shared.seen = $this.Path; $this.SendText((Get-Greeting $global:Who) + $global:Mark) }'
            # Not through Open-Server, which does not see the functions of a test.
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -HandlerType $type -Function Get-Greeting -Variable @{ Who = 'Ada' } -InitializationScript { Set-Variable Mark '!' }

            (Invoke-Http "$($server.Uri)path").Text | Should -BeExactly 'Hello, Ada!'
            $server.Shared.seen | Should -Be '/path'
        }

        It 'let no global assignment of one request be seen by the next' {
            $type = Import-HandlerType '[void] DoGet() { $this.SendText("<$($global:leak)>"); $global:leak = "seen"; Set-Location / }'
            $server = Open-Server -Directory $site -HandlerType $type -ThrottleLimit 1

            1..3 | ForEach-Object { (Invoke-Http $server.Uri).Text } | Should -Be '<>', '<>', '<>'
        }

        It 'do not hold up files' {
            $type = Import-HandlerType '[void] DoPost() { while (-not $global:Shared.go) { Start-Sleep -Milliseconds 5 }; $this.SendText("went") }'
            $server = Open-Server -Directory $site -HandlerType $type -ThrottleLimit 1
            $waiting = 1..3 | ForEach-Object { Send-Request $server.Uri -Method POST -Body 'x' }
            Wait-Until { $server.ActiveRequests -eq 3 } | Should -BeTrue

            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
            $waiting.IsCompleted | Should -Not -Contain $true
            $server.Shared.go = $true
            ($waiting | Receive-Answer).Text | Should -Be 'went', 'went', 'went'
        }

        It 'answer 503 with Retry-After when the queue is full' {
            $type = Import-HandlerType '[void] DoGet() { while (-not $global:Shared.go) { Start-Sleep -Milliseconds 5 }; $this.SendText("went") }'
            $server = Open-Server -Directory $site -HandlerType $type -ThrottleLimit 1 -QueueLimit 1
            $waiting = 1..2 | ForEach-Object { Send-Request $server.Uri }
            Wait-Until { $server.ActiveRequests -eq 2 } | Should -BeTrue
            $refused = Invoke-Http $server.Uri
            $server.Shared.go = $true

            $refused.Status | Should -Be 503
            [int]$refused.Headers['Retry-After'] | Should -BeGreaterThan 0
            ($waiting | Receive-Answer).Text | Should -Be 'went', 'went'
        }
    }

    Context 'errors' {
        It 'are a plain 500 for the client, with the position in the log and the event' {
            $type = Import-HandlerType @'
[void] DoGet() {
    $secret = 'hidden'
    throw "it is $secret"
}
'@
            $server = Open-Server -Directory $site -HandlerType $type
            $failures = [Collections.Concurrent.ConcurrentQueue[object]]::new()
            $null = Register-ObjectEvent $server Error -MessageData $failures -Action { $Event.MessageData.Enqueue($EventArgs) } -SupportEvent
            $answer = Invoke-Http $server.Uri

            $answer.Status | Should -Be 500
            $answer.Text | Should -Not -Match 'hidden|TestHandler|ps1|throw|DoGet'
            $entry = (Wait-Log $server { $_.Level -eq 'Error' })[0]
            $entry.Message | Should -BeLike "*it is hidden (TestHandler$classes.ps1:4 char 5: throw*"
            $entry.RequestId | Should -Be (Wait-Log $server { $_.IsRequest })[0].RequestId
            Wait-Until { $failures.Count } | Should -Be 1
            @($failures)[0].Message | Should -BeLike '*it is hidden*'
        }

        It 'of commands and expressions end the method too' -ForEach @(
            @{ code = 'Get-Item /no/such/thing -ErrorAction Stop'; message = '*/no/such/thing*' }
            @{ code = 'No-SuchCommand'; message = '*No-SuchCommand*' }
            @{ code = '$null.Substring(1)'; message = '*null-valued*' }
            @{ code = '[int]"x"'; message = "*'x'*" }
        ) {
            $type = Import-HandlerType "[void] DoGet() {`n`$null = $code`n`$this.SendText('went on')`n}"
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http $server.Uri).Status | Should -Be 500
            $entry = (Wait-Log $server { $_.Level -eq 'Error' })[0]
            $entry.Message | Should -BeLike $message
            $entry.Message | Should -BeLike "*TestHandler$classes.ps1:3 char*"
        }

        It 'are answered 500 when the answer was prepared but not sent' {
            $type = Import-HandlerType '[void] DoGet() { $this.SendResponse(200); $this.SendHeader("X-Half", "done"); throw "wrong" }'
            $server = Open-Server -Directory $site -HandlerType $type
            $answer = Invoke-Http $server.Uri

            $answer.Status | Should -Be 500
            $answer.Headers.Keys | Should -Not -Contain 'X-Half'
        }

        It 'and what the streams are told go to the log with the id of the request, not to the client' {
            $type = Import-HandlerType @'
[void] DoGet() {
    Write-Warning 'a warning'
    Write-Host 'a word'
    Write-Error 'an error'
    Write-Verbose 'a detail' -Verbose
    $this.SendText('answer')
}
'@
            $server = Open-Server -Directory $site -HandlerType $type

            (Invoke-Http $server.Uri).Text | Should -BeExactly 'answer'
            $request = (Wait-Log $server { $_.IsRequest })[0]
            $entries = Wait-Log $server { $_.Message } -Count 4
            $entries.RequestId | Should -Be (@($request.RequestId) * 4)
            $entries.Level | Should -Be 'Warning', 'Information', 'Error', 'Debug'
            $entries[0].Message, $entries[1].Message, $entries[3].Message | Should -Be 'a warning', 'a word', 'a detail'
            $entries[2].Message | Should -BeLike "an error (TestHandler*.ps1:* char *: Write-Error 'an error')"
        }

        It 'in a constructor are answered with <Status>: <Name>' -ForEach @(
            @{ Name = 'an error'; Status = 500; Script = "if (`$global:unknown -eq `$null) { throw 'not made' }"; Told = '*not made*TestHandler*.ps1:* char *' }
            @{ Name = 'an error of .NET'; Status = 500; Script = "[int]::Parse('x')"; Told = '*TestHandler*.ps1:* char *' }
            @{ Name = 'a loop'; Status = 504; Script = 'while ($true) { }'; Told = '*' }
            @{ Name = 'a sleep'; Status = 504; Script = 'Start-Sleep 1000'; Told = '*' }
        ) {
            $type = Import-HandlerType @"
TestHandler$($classes + 1)() { $Script }
[void] DoGet() { `$this.SendText('made') }
"@
            $server = Open-Server -Directory $site -HandlerType $type -HandlerTimeout 0.5
            foreach ($round in 1..2) {
                (Invoke-Http $server.Uri).Status | Should -Be $Status
                (Wait-Log $server { $_.Level -in 'Error', 'Warning' } -Count $round)[0].Message | Should -BeLike $Told
            }

            $server.State | Should -Be 'Running'
            $server.ErrorCount | Should -Be 2
        }

        It 'in a constructor that calls itself are answered with 500, and the next with the class that is mended' {
            $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
$type = & ([scriptblock]::Create('class Deep : Http.Server.BaseHttpRequestHandler {
    [object] $Other
    Deep() { if ($env:RECURSES) { $this.Other = [Deep]::new() } }
    [void] DoGet() { $this.SendText("made") }
}; [Deep]'))
$env:RECURSES = 1
$server = Open-Server -Directory (Split-Path $Manifest) -HandlerType $type -HandlerTimeout 100
(Invoke-Http $server.Uri).Status
(Wait-Log $server { $_.Message -like '*nested too deeply*' })[0].Level
$env:RECURSES = ''
(Invoke-Http $server.Uri).Text
'@
            $result.ExitCode | Should -Be 0 -Because $result.ErrorText
            $result.Output | Should -Be 500, 'Error', 'made'
        }
    }

    Context 'stopping' {
        It 'ends <code> after -HandlerTimeout with 504' -ForEach @(
            @{ code = 'while ($true) { }' }
            @{ code = 'Start-Sleep 1000' }
        ) {
            $type = Import-HandlerType "[void] DoGet() { try { $code } finally { `$global:Shared.ended = `$true } }"
            $server = Open-Server -Directory $site -HandlerType $type -HandlerTimeout 0.3 -ThrottleLimit 1

            (Invoke-Http $server.Uri).Status | Should -Be 504
            $server.Shared.ended | Should -BeTrue
            (Invoke-Http "$($server.Uri)a.txt" -Method HEAD).Status | Should -Be 200
        }

        It 'lets an answer that has begun go on for longer than -HandlerTimeout' {
            $type = Import-HandlerType @'
[void] DoGet() {
    $this.SendResponse(200)
    $this.EndHeaders()
    foreach ($number in 1..6) {
        $this.Wfile.Write([byte[]][char[]]"data: $number`n`n")
        $this.Wfile.Flush()
        Start-Sleep -Milliseconds 200
    }
}
'@
            $server = Open-Server -Directory $site -HandlerType $type -HandlerTimeout 0.3

            (Invoke-Http $server.Uri).Text | Should -BeLike 'data: 1*data: 6*'
        }

        It 'ends it when the client has gone' {
            $type = Import-HandlerType '[void] DoGet() { $global:Shared.began = $true; try { while ($true) { } } finally { $global:Shared.ended = $true } }'
            $server = Open-Server -Directory $site -HandlerType $type
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET / HTTP/1.1`r`nHost: x`r`n`r`n"
            Wait-Until { $server.Shared.began } | Should -BeTrue
            $connection.Dispose()

            Wait-Until { $server.Shared.ended } | Should -BeTrue
            (Wait-Log $server { $_.IsRequest })[0].Status | Should -Be 499
        }

        It 'ends it when the server is stopped' {
            $type = Import-HandlerType '[void] DoGet() { $global:Shared.began = $true; try { while ($true) { } } finally { $global:Shared.ended = $true } }'
            $server = Open-Server -Directory $site -HandlerType $type
            $null = Send-Request $server.Uri
            Wait-Until { $server.Shared.began } | Should -BeTrue
            $server | Stop-HttpServer -Force

            Wait-Until { $server.Shared.ended } | Should -BeTrue
            Test-Port $server.Port | Should -BeFalse
        }
    }

    It 'refuses a class without a constructor that takes nothing' {
        $type = Import-HandlerType "TestHandler$($classes + 1)([int] `$number) { }"
        $failure = Get-Failure { Open-Server -HandlerType $type }

        $failure.Id | Should -Be 'HandlerTypeInvalid'
        Get-HttpServer | Should -BeNullOrEmpty
    }
}
