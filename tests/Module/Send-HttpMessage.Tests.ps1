BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # Opens a WebSocket that ends with the tests.
    function Open-Socket([string] $Path, [string[]] $SubProtocol = @(), [Collections.IDictionary] $Header = @{}, [object] $Server = $script:server) {
        $client = [Net.WebSockets.ClientWebSocket]::new()
        $SubProtocol.ForEach({ $client.Options.AddSubProtocol($_) })
        foreach ($name in $Header.Keys) { $client.Options.SetRequestHeader($name, $Header[$name]) }
        $script:clients += $client
        $uri = [uri](("$($Server.Uri)" -replace '^http', 'ws').TrimEnd('/') + $Path)
        $null = $client.ConnectAsync($uri, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
        $client
    }

    function Send-Text([Net.WebSockets.ClientWebSocket] $Client, [string] $Text) {
        $null = $Client.SendAsync([ArraySegment[byte]] [Text.Encoding]::UTF8.GetBytes($Text), 'Text', $true, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    }

    # The next message: a text, bytes in hexadecimal after 0x, or close and its status.
    function Read-Message([Net.WebSockets.ClientWebSocket] $Client) {
        $buffer = [byte[]]::new(100000)
        $limit = [Threading.CancellationTokenSource]::new([timespan]::FromSeconds(30))
        $got = $Client.ReceiveAsync([ArraySegment[byte]]::new($buffer), $limit.Token).GetAwaiter().GetResult()
        if ($got.MessageType -eq 'Close') { return "close $([int]$got.CloseStatus) $($got.CloseStatusDescription)".TrimEnd() }
        if ($got.MessageType -eq 'Binary') { return '0x' + [Convert]::ToHexString($buffer, 0, $got.Count) }
        [Text.Encoding]::UTF8.GetString($buffer, 0, $got.Count)
    }

    function Close-Socket([Net.WebSockets.ClientWebSocket] $Client, [int] $Code = 1000, [string] $Reason = '') {
        $null = $Client.CloseAsync([Enum]::ToObject([Net.WebSockets.WebSocketCloseStatus], $Code), $Reason, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
    }

    $script:clients = @()
    $script:server = Open-Server
}

AfterAll {
    $clients.ForEach('Dispose')
    Clear-Session
}

Describe 'Register-HttpHandler WEBSOCKET' {
    AfterEach {
        Get-HttpHandler | Unregister-HttpHandler
        $clients.ForEach('Dispose')
        $script:clients = @()
        $server.Shared.Clear()
    }

    It 'calls the scriptblock with each message, and sends what it puts out: <What>' -ForEach @(
        @{ What = 'a text'; Script = { param($Message) "got $Message" }; Answer = 'got a' }
        @{ What = 'under another name'; Script = { param($m) "got $m" }; Answer = 'got a' }
        @{ What = 'with the request'; Script = { param($Request, $Message) "$($Request.Path) $Message" }; Answer = '/echo/x a' }
        @{ What = 'with a type'; Script = { param([string] $Message) $Message.GetType().Name }; Answer = 'String' }
        @{ What = 'several texts'; Script = { 'one'; 'two' }; Answer = 'one', 'two' }
        @{ What = 'a table as JSON'; Script = { @{ a = 1 } }; Answer = '{"a":1}' }
        @{ What = 'bytes'; Script = { [byte[]](1, 255) }; Answer = '0x01FF' }
        @{ What = 'by $this.Send'; Script = { param($Message) $this.Send($Message + 1); $this.Send([byte[]](7)); $this.Send(@{ n = 2 }) }; Answer = 'a1', '0x07', '{"n":2}' }
        @{ What = 'what it knows of itself'; Script = { "$($this.Path) $($this.RouteValues.name) $($this.IsOpen) $($this.RemoteAddress)" }; Answer = '/echo/x x True 127.0.0.1' }
        @{ What = 'the variables of handlers'; Script = { $Shared.n = 1 + $Shared.n; "$($Request.Method) $($Shared.n) $([string]::IsNullOrEmpty($Response))" }; Answer = 'GET 1 True' }
    ) {
        Register-HttpHandler WEBSOCKET '/echo/{name}' $Script
        $client = Open-Socket /echo/x
        Send-Text $client 'a'
        foreach ($text in $Answer) { Read-Message $client | Should -Be $text }
    }

    It 'gives bytes to the scriptblock as bytes' {
        Register-HttpHandler WEBSOCKET /echo { param($Message) $Message.GetType().Name; $Message.Count; , $Message }
        $client = Open-Socket /echo
        $null = $client.SendAsync([ArraySegment[byte]] [byte[]](1, 2, 3), 'Binary', $true, [Threading.CancellationToken]::None).GetAwaiter().GetResult()
        Read-Message $client | Should -Be 'Byte[]'
        Read-Message $client | Should -Be '3'
    }

    It 'calls OnOpen first and OnClose last, with the same $this' {
        $done = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        $server.Shared.Done = $done
        Register-HttpHandler WEBSOCKET /chat -OnOpen { $this.Items.n = 0; $this.Send("welcome $($Request.Query.who)") } -ScriptBlock {
            param($Message)
            $this.Items.n++
            "$($this.Items.n) $Message"
        } -OnClose { param($Code, $Reason) $Shared.Done.Enqueue("$Code $Reason $($this.Items.n) $($this.IsOpen)") }
        $client = Open-Socket '/chat?who=ada'
        Read-Message $client | Should -Be 'welcome ada'
        Send-Text $client a
        Read-Message $client | Should -Be '1 a'
        Send-Text $client b
        Read-Message $client | Should -Be '2 b'
        Close-Socket $client 4001 bye
        $text = $null
        Wait-Until { $done.TryDequeue([ref]$text) }
        $text | Should -Be '4001 bye 2 False'
    }

    It 'takes no worker for those who are silent, and keeps the order of messages' {
        Register-HttpHandler WEBSOCKET /echo { param($Message) $Message }
        Register-HttpHandler GET /free { 'free' }
        $sockets = 1..20 | ForEach-Object { Open-Socket /echo }
        (Invoke-Http "$($server.Uri)free").Text | Should -Be 'free'
        (Get-HttpHandler)[0].WebSocketCount | Should -Be 20
        foreach ($client in $sockets) { 1..5 | ForEach-Object { Send-Text $client $_ } }
        foreach ($client in $sockets) { 1..5 | ForEach-Object { Read-Message $client | Should -Be "$_" } }
        (Get-HttpHandler)[0].Calls | Should -Be 100
    }

    It 'has $using: in all three scriptblocks' {
        $word = 'x'
        $done = [Collections.Concurrent.ConcurrentQueue[string]]::new()
        Register-HttpHandler WEBSOCKET /a -OnOpen { "open $using:word" } -ScriptBlock { "message $using:word" } -OnClose { ($using:done).Enqueue($using:word) }
        $client = Open-Socket /a
        Read-Message $client | Should -Be 'open x'
        Send-Text $client a
        Read-Message $client | Should -Be 'message x'
        Close-Socket $client
        Wait-Until { $done.Count -eq 1 }
    }

    It 'ends with <Code>: <What>' -ForEach @(
        @{ What = 'an error of the script'; Code = 'close 1011'; Script = { throw 'no' }; Fails = $true }
        @{ What = 'its own goodbye'; Code = 'close 4000 enough'; Script = { $this.Close(4000, 'enough') } }
        @{ What = 'a goodbye without a word'; Code = 'close 1000'; Script = { $this.Close() } }
        @{ What = 'a message of a wrong type'; Code = 'close 1007*'; Script = { param([int] $Message) $Message } }
    ) {
        Register-HttpHandler WEBSOCKET /end $Script -Name Ending
        $client = Open-Socket /end
        Send-Text $client a
        Read-Message $client | Should -BeLike $Code
        $errors = @($server | Receive-HttpServerLog -Keep | Where-Object { $_.Level -eq 'Error' -and $_.Message -like '*Ending*' })
        $errors.Count | Should -Be ([int][bool]$Fails)
        if ($Fails) { $errors[0].Message | Should -BeLike '*Ending failed at the WebSocket "/end"*no*' }
        $null = $server | Receive-HttpServerLog
    }

    It 'keeps its limits: <What>' -ForEach @(
        @{ What = 'of length'; With = @{ MaxMessageSize = 3 }; Code = 'close 1009*' }
        @{ What = 'of messages'; With = @{ MessageRate = '1/m' }; Code = 'close 1008*' }
    ) {
        Register-HttpHandler WEBSOCKET /a { param($Message) $Message } @With
        $client = Open-Socket /a
        Send-Text $client abc
        Read-Message $client | Should -Be abc
        Send-Text $client abcd
        Read-Message $client | Should -BeLike $Code
    }

    It 'refuses what is no handshake, and foreign pages' {
        Register-HttpHandler WEBSOCKET /chat { }
        $answer = Invoke-Http "$($server.Uri)chat"
        $answer.Status | Should -Be 426
        $answer.Headers.Upgrade | Should -Be websocket
        (Invoke-Http "$($server.Uri)chat" -Method HEAD).Status | Should -Be 426
        $answer = Invoke-Http "$($server.Uri)chat" -Method POST
        $answer.Status | Should -Be 405
        $answer.Headers.Allow | Should -Be 'GET, HEAD, OPTIONS'
        (Invoke-Http "$($server.Uri)chat" -Method WEBSOCKET).Status | Should -Be 501
        { Open-Socket /chat -Header @{ Origin = 'http://evil.example' } } | Should -Throw '*403*'
        { Open-Socket /none } | Should -Throw '*404*'
        Register-HttpHandler WEBSOCKET /chat { 'hi' } -AllowCrossSite -Force
        $client = Open-Socket /chat -Header @{ Origin = 'http://evil.example' }
        Send-Text $client a
        Read-Message $client | Should -Be hi
    }

    It 'leaves other requests for its path to others' {
        Register-HttpHandler GET /chat { 'page' }
        Register-HttpHandler WEBSOCKET /chat { 'socket' }
        (Invoke-Http "$($server.Uri)chat").Text | Should -Be page
        $client = Open-Socket /chat
        Send-Text $client a
        Read-Message $client | Should -Be socket
    }

    It 'agrees on a subprotocol, and is for every path without one' {
        Register-HttpHandler WEBSOCKET { $this.SubProtocol } -SubProtocol one, two
        $client = Open-Socket /any/where two, three
        $client.SubProtocol | Should -Be two
        Send-Text $client a
        Read-Message $client | Should -Be two
    }

    It 'asks for users and roles, counts requests, and is seen by filters' {
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -eq 'good') { @{ Name = 'ada'; Roles = 'staff' } } elseif ($Key -eq 'plain') { 'bob' } }
        Register-HttpHandler WEBSOCKET /a { "$($this.User)" } -Authentication Keys -Role staff
        { Open-Socket /a } | Should -Throw '*401*'
        { Open-Socket /a -Header @{ 'X-Api-Key' = 'plain' } } | Should -Throw '*403*'
        $client = Open-Socket /a -Header @{ 'X-Api-Key' = 'good' }
        Send-Text $client x
        Read-Message $client | Should -Be ada
        Register-HttpHandler WEBSOCKET /limited { } -RateLimit 1/h
        $null = Open-Socket /limited
        { Open-Socket /limited } | Should -Throw '*429*'
        Register-HttpFilter { if (-not $Request.Headers['X-Known']) { $Response.StatusCode = 403; 'refused' } }
        Register-HttpHandler WEBSOCKET /filtered { 'in' }
        { Open-Socket /filtered } | Should -Throw '*403*'
        $client = Open-Socket /filtered -Header @{ 'X-Known' = '1' }
        Get-HttpFilter | Unregister-HttpFilter
        Send-Text $client x
        Read-Message $client | Should -Be in
        Get-HttpHandler | Unregister-HttpHandler
        Get-HttpAuthentication | Unregister-HttpAuthentication
    }

    It 'tells its WebSockets when it goes, and when the server stops' {
        Register-HttpHandler WEBSOCKET /a { }
        $client = Open-Socket /a
        Wait-Until { (Get-HttpHandler).WebSocketCount -eq 1 }
        Get-HttpHandler | Unregister-HttpHandler
        Read-Message $client | Should -BeLike 'close 1001*'
        Close-Socket $client
        $other = Open-Server
        Register-HttpHandler WEBSOCKET /a { }
        $client = Open-Socket /a -Server $other
        Wait-Until { (Get-HttpHandler).WebSocketCount -eq 1 }
        $end = $client.ReceiveAsync([ArraySegment[byte]]::new([byte[]]::new(100)), [Threading.CancellationToken]::None)
        $other | Stop-HttpServer
        [int]$end.GetAwaiter().GetResult().CloseStatus | Should -Be 1001
    }

    It 'is logged once, with 101' {
        Register-HttpHandler WEBSOCKET /logged { param($Message) $Message }
        $client = Open-Socket /logged
        Send-Text $client a
        $null = Read-Message $client
        Close-Socket $client
        $lines = @($server | Receive-HttpServerLog -Keep | Where-Object Path -eq '/logged')
        $lines.Count | Should -Be 1
        $lines[0].Status | Should -Be 101
    }

    It 'names what is wrong: <Id>' -ForEach @(
        @{ Id = 'ParameterOfWebSocket'; Command = { Register-HttpHandler GET /a { } -OnOpen { } } }
        @{ Id = 'ParameterOfWebSocket'; Command = { Register-HttpHandler GET /a { } -MessageRate 1/s } }
        @{ Id = 'ParameterOfRequest'; Command = { Register-HttpHandler WEBSOCKET /a { } -Stream } }
        @{ Id = 'WebSocketAlone'; Command = { Register-HttpHandler GET, WEBSOCKET /a { } } }
        @{ Id = 'MessageRateInvalid'; Command = { Register-HttpHandler WEBSOCKET /a { } -MessageRate often } }
        @{ Id = 'SubProtocolInvalid'; Command = { Register-HttpHandler WEBSOCKET /a { } -SubProtocol 'a b' } }
        @{ Id = 'ScriptBlockMissing'; Command = { Register-HttpHandler WEBSOCKET /a } }
        @{ Id = 'ParameterIsScript'; Command = { Register-HttpHandler WEBSOCKET /a { } -OnOpen { param([scriptblock] $x) } } }
        @{ Id = 'HandlerExists'; Command = { Register-HttpHandler WEBSOCKET /a { }; Register-HttpHandler WEBSOCKET /a { } } }
    ) {
        (Get-Failure $Command).Id | Should -Be $Id
    }

    It 'may come by a table' {
        Register-HttpHandler -Route @{ Method = 'WEBSOCKET'; Path = '/t'; ScriptBlock = { param($Message) "t $Message" }; OnOpen = { 'hello' } }
        $client = Open-Socket /t
        Read-Message $client | Should -Be hello
        Send-Text $client a
        Read-Message $client | Should -Be 't a'
    }
}

Describe 'Send-HttpMessage' {
    AfterEach {
        Get-HttpHandler | Unregister-HttpHandler
        $clients.ForEach('Dispose')
        $script:clients = @()
    }

    It 'reaches who has joined the channel, from handlers and from the prompt' {
        Register-HttpHandler WEBSOCKET '/rooms/{room}' -OnOpen { $this.Join($this.RouteValues.room); 'joined' } -ScriptBlock {
            param($Message)
            if ($Message -eq 'leave') { $this.Leave($this.RouteValues.room); "in $($this.Channels.Count)" }
            elseif ($Message -eq 'others') { Send-HttpMessage $this.RouteValues.room 'to others' -Except $this }
            else { Send-HttpMessage -Channel $this.RouteValues.room @{ text = $Message } }
        }
        $one, $two, $three = '/rooms/a', '/rooms/A', '/rooms/b' | ForEach-Object { Open-Socket $_ }
        $one, $two, $three | ForEach-Object { Read-Message $_ | Should -Be joined }
        Send-Text $one hi
        $one, $two | ForEach-Object { Read-Message $_ | Should -Be '{"text":"hi"}' }
        Send-Text $one others
        Read-Message $two | Should -Be 'to others'
        'x', 'y' | Send-HttpMessage b
        Read-Message $three | Should -Be x
        Read-Message $three | Should -Be y
        Send-HttpMessage b ([byte[]](1, 2))
        Read-Message $three | Should -Be 0x0102
        Send-HttpMessage nobody x
        Send-Text $one leave
        Read-Message $one | Should -Be 'in 0'
        Send-HttpMessage a last
        Read-Message $two | Should -Be last
        $line = 'Send-HttpMessage '
        ([Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, @{})).CompletionMatches.CompletionText | Should -Contain b
    }

    It 'names what is wrong' {
        (Get-Failure { Send-HttpMessage ('x' * 201) a }).Id | Should -Be ChannelInvalid
    }
}
