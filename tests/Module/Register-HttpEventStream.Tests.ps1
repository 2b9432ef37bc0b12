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
        (Get-HttpHandler | Out-String) | Should -BeLike '*events of Jobs*'
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
