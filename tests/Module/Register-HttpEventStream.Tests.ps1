BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # Begins to listen, and gives a reader of lines that ends with its test.
    function Open-Stream([uri] $Uri, [Collections.IDictionary] $Header = @{}) {
        $client = [Net.Http.HttpClient]::new()
        $client.Timeout = [timespan]::FromMinutes(1)
        foreach ($name in $Header.Keys) { $client.DefaultRequestHeaders.Add($name, $Header[$name]) }
        $answer = $client.GetAsync($Uri, 'ResponseHeadersRead').GetAwaiter().GetResult()
        [int]$answer.StatusCode | Should -Be 200
        $script:clients += $client
        [IO.StreamReader]::new($answer.Content.ReadAsStream())
    }

    # The lines of the next event, but for the id.
    function Read-Event([IO.StreamReader] $Reader) {
        $lines = while ($line = $Reader.ReadLine()) { $line }
        @($lines -notlike 'id: *') -join '|'
    }

    $script:clients = @()
    $script:server = Open-Server
}

AfterAll {
    $clients.ForEach('Dispose')
    Clear-Session
}

Describe 'Register-HttpEventStream and Send-HttpEvent' {
    AfterEach {
        Get-HttpHandler | Unregister-HttpHandler
    }

    It 'send <What>' -ForEach @(
        @{ What = 'a table as JSON'; Value = @{ a = 1; b = @(1, 2) }; Text = '*data: {*"a":1*' }
        @{ What = 'an object as JSON'; Value = [pscustomobject]@{ name = 'x'; list = @('y') }; Text = 'data: {"name":"x","list":*"y"*}' }
        @{ What = 'a number'; Value = 5; Text = 'data: 5' }
        @{ What = 'nothing'; Value = $null; Text = 'data: null' }
        @{ What = 'a text of two lines'; Value = "a`nb"; Text = 'data: a|data: b' }
    ) {
        Register-HttpEventStream /events -Channel Jobs
        $reader = Open-Stream "$($server.Uri)events"
        Send-HttpEvent jobs $Value
        Read-Event $reader | Should -BeLike $Text
    }

    It 'are for handlers too, and name events' {
        Register-HttpEventStream /events Jobs
        Register-HttpHandler POST /jobs { Send-HttpEvent Jobs @{ state = 'done' } -Event job -Id 17 -PassThru }
        $reader = Open-Stream "$($server.Uri)events"
        (Invoke-Http "$($server.Uri)jobs" -Method POST).Text | Should -Be '17'
        $reader.ReadLine() | Should -Be 'id: 17'
        Read-Event $reader | Should -Be 'event: job|data: {"state":"done"}'
    }

    It 'take no worker for those who listen' {
        Register-HttpEventStream /events Jobs
        Register-HttpHandler GET /free { 'free' }
        $readers = 1..20 | ForEach-Object { Open-Stream "$($server.Uri)events" }
        (Invoke-Http "$($server.Uri)free").Text | Should -Be 'free'
        1..3 | Send-HttpEvent Jobs
        foreach ($reader in $readers) { 1..3 | ForEach-Object { Read-Event $reader | Should -Be "data: $_" } }
    }

    It 'give those who come back what they have missed' {
        Register-HttpEventStream /events Jobs -BufferSize 2
        'a', 'b', 'c' | ForEach-Object { Send-HttpEvent Jobs $_ -Id $_ }
        $reader = Open-Stream "$($server.Uri)events" @{ 'Last-Event-ID' = 'b' }
        Read-Event $reader | Should -Be 'data: c'
        $reader = Open-Stream "$($server.Uri)events" @{ 'Last-Event-ID' = 'forgotten' }
        Read-Event $reader | Should -Be 'data: b'
    }

    It 'answer other methods with 405, HEAD without a body, and say what caches and proxies need' {
        Register-HttpEventStream /events Jobs
        $refused = Invoke-Http "$($server.Uri)events" -Method POST
        $refused.Status | Should -Be 405
        $refused.Headers.Allow | Should -BeLike 'GET, HEAD*'
        $head = Invoke-Http "$($server.Uri)events" -Method HEAD
        $head.Status | Should -Be 200
        $head.Type | Should -Be 'text/event-stream'
        $head.Headers['Cache-Control'] | Should -Be 'no-store'
        $head.Headers['X-Accel-Buffering'] | Should -Be 'no'
    }

    It 'let in whom the authentication and the role let in' {
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -eq 'good') { @{ Name = 'ada'; Roles = 'staff' } } elseif ($Key -eq 'plain') { 'bob' } }
        Register-HttpEventStream /events Jobs -Authentication Keys -Role staff
        (Invoke-Http "$($server.Uri)events").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)events" -Header @{ 'X-Api-Key' = 'plain' }).Status | Should -Be 403
        $reader = Open-Stream "$($server.Uri)events" @{ 'X-Api-Key' = 'good' }
        Send-HttpEvent Jobs x
        Read-Event $reader | Should -Be 'data: x'
        Get-HttpHandler | Unregister-HttpHandler
        Get-HttpAuthentication | Unregister-HttpAuthentication
    }

    It 'let in to each channel whom its own authentication knows' {
        Register-HttpAuthentication Red -ApiKey { param($Key) if ($Key -eq 'red') { 'ada' } }
        Register-HttpAuthentication Blue -ApiKey { param($Key) if ($Key -eq 'blue') { 'bob' } }
        Register-HttpEventStream /red Red -Authentication Red
        Register-HttpEventStream /blue Blue -Authentication Blue
        (Invoke-Http "$($server.Uri)red" -Header @{ 'X-Api-Key' = 'blue' }).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)blue" -Header @{ 'X-Api-Key' = 'red' }).Status | Should -Be 401
        $red = Open-Stream "$($server.Uri)red" @{ 'X-Api-Key' = 'red' }
        $blue = Open-Stream "$($server.Uri)blue" @{ 'X-Api-Key' = 'blue' }
        Send-HttpEvent Red 'for red'
        Send-HttpEvent Blue 'for blue'
        Read-Event $red | Should -Be 'data: for red'
        Read-Event $blue | Should -Be 'data: for blue'
        Get-HttpHandler | Unregister-HttpHandler
        Get-HttpAuthentication | Unregister-HttpAuthentication
    }

    It 'are for pages of the origins that -CorsOrigin names, and of no others' {
        Register-HttpEventStream /events Jobs
        $site = Open-Server -CorsOrigin https://friend.example
        $friend = @{ Origin = 'https://friend.example' }
        $head = Invoke-Http "$($site.Uri)events" -Method HEAD -Header $friend
        $head.Headers['Access-Control-Allow-Origin'] | Should -Be 'https://friend.example'
        $asked = Invoke-Http "$($site.Uri)events" -Method OPTIONS -Header ($friend + @{ 'Access-Control-Request-Method' = 'GET' })
        $asked.Status | Should -Be 204
        $asked.Headers['Access-Control-Allow-Origin'] | Should -Be 'https://friend.example'
        $reader = Open-Stream "$($site.Uri)events" $friend
        Send-HttpEvent Jobs x
        Read-Event $reader | Should -Be 'data: x'
        # A browser keeps from a page what has no such field, and the server may not know that it is one.
        foreach ($uri in $site.Uri, $server.Uri) {
            $foreign = Invoke-Http "${uri}events" -Method HEAD -Header @{ Origin = 'https://evil.example' }
            $foreign.Status | Should -Be 200
            $foreign.Headers.Keys | Should -Not -Contain 'Access-Control-Allow-Origin'
        }
        $site | Stop-HttpServer
    }

    It 'are for clients of addresses that may ask' {
        Register-HttpEventStream /events Jobs
        $closed = Open-Server -DenyAddress 127.0.0.1
        (Invoke-Http "$($closed.Uri)events").Status | Should -Be 403
        $closed | Stop-HttpServer
        $open = Open-Server -AllowAddress 127.0.0.1
        $reader = Open-Stream "$($open.Uri)events"
        Send-HttpEvent Jobs x
        Read-Event $reader | Should -Be 'data: x'
        $open | Stop-HttpServer
    }

    It 'keep a limit of requests' {
        Register-HttpEventStream /events Jobs -RateLimit 1/h
        (Invoke-Http "$($server.Uri)events" -Method HEAD).Status | Should -Be 200
        (Invoke-Http "$($server.Uri)events").Status | Should -Be 429
    }

    It 'are seen by filters, which may refuse' {
        Register-HttpEventStream /events Jobs
        Register-HttpFilter { if (-not $Request.Headers['X-Known']) { $Response.StatusCode = 403; 'refused' } }
        (Invoke-Http "$($server.Uri)events").Status | Should -Be 403
        $reader = Open-Stream "$($server.Uri)events" @{ 'X-Known' = '1' }
        Get-HttpFilter | Unregister-HttpFilter
        Send-HttpEvent Jobs x
        Read-Event $reader | Should -Be 'data: x'
    }

    It 'go on while a server drains, and end in an orderly way then' {
        Register-HttpEventStream /events Jobs
        $draining = Open-Server -DrainTime 600 -HealthPath /healthz
        $reader = Open-Stream "$($draining.Uri)events"
        $stopping = Start-ThreadJob -ArgumentList $draining, (Join-Path $PSScriptRoot '../../HttpServer.psd1') {
            param($Server, $Module)
            Import-Module $Module
            $Server | Stop-HttpServer
        }
        Wait-Until { (Invoke-Http "$($draining.Uri)healthz").Status -eq 503 } -Because 'it drains' | Out-Null
        Send-HttpEvent Jobs x
        Read-Event $reader | Should -Be 'data: x'
        # A second stop ends the drain.
        $draining | Stop-HttpServer
        $reader.ReadToEnd() | Should -Match '^retry: \d{4}\n\n$'
        $stopping | Wait-Job | Remove-Job
    }

    It 'end in an orderly way when the stream is unregistered, and when the server stops' {
        Register-HttpEventStream /events Jobs
        $reader = Open-Stream "$($server.Uri)events"
        Get-HttpHandler | Unregister-HttpHandler
        $reader.ReadToEnd() | Should -Match '^retry: \d{4}\n\n$'
        $other = Open-Server
        Register-HttpEventStream /events Jobs
        $reader = Open-Stream "$($other.Uri)events"
        $other | Stop-HttpServer
        $reader.ReadToEnd() | Should -Match '^retry: \d{4}\n\n$'
    }

    It 'are shown with the handlers, and take the place of others with -Force alone' {
        $stream = Register-HttpEventStream /events Jobs -Name Live -PassThru
        $stream.Channel | Should -Be 'Jobs'
        $stream.Method | Should -Be 'GET', 'HEAD'
        (Get-HttpHandler Live).Path | Should -Be '/events'
        (Get-HttpHandler | Out-String -Width 100) | Should -Match 'Live +GET, HEAD +/events +all +0 events of Jobs'
        (Get-Failure { Register-HttpEventStream /events Other }).Id | Should -Be HandlerExists
        Register-HttpEventStream /events Other -Force
        (Get-HttpHandler).Channel | Should -Be 'Other'
    }

    It 'name what is wrong: <Id>' -ForEach @(
        @{ Id = 'ChannelNotFound'; Command = { Send-HttpEvent Nobody x } }
        @{ Id = 'PatternInvalid'; Command = { Register-HttpEventStream '/{a' Jobs } }
        @{ Id = 'AuthenticationNotFound'; Command = { Register-HttpEventStream /a Jobs -Authentication Nobody } }
        @{ Id = 'RateLimitInvalid'; Command = { Register-HttpEventStream /a Jobs -RateLimit often } }
        @{ Id = 'EventInvalid'; Command = { Register-HttpEventStream /a Jobs; Send-HttpEvent Jobs x -Id 'a b' } }
    ) {
        (Get-Failure $Command).Id | Should -Be $Id
    }

    It 'complete the names of channels' {
        Register-HttpEventStream /events Jobs
        $line = 'Send-HttpEvent Jo'
        ([Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, @{})).CompletionMatches.CompletionText | Should -Contain 'Jobs'
    }
}
