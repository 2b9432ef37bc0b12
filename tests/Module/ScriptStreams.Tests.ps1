BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'what a handler writes by itself' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 1

        function Get-Answer([scriptblock] $Handler, [string] $Path = 'it') {
            Register-HttpHandler GET /it $Handler -Force
            Invoke-Http "$($server.Uri)$Path"
        }

        function Get-RawAnswer([scriptblock] $Handler) {
            Register-HttpHandler GET /it $Handler -Force
            $connection = Connect-Port $server.Port
            try {
                Write-Connection $connection "GET /it HTTP/1.1`r`nHost: a`r`nConnection: close`r`n`r`n"
                Read-Connection $connection
            }
            finally { $connection.Dispose() }
        }
    }

    AfterAll { Clear-Session }

    It 'begins with a head of 200 by itself (<Handler>)' -ForEach @(
        @{ Handler = { $this.Wfile.Write([byte[]](72, 105)) } }
        @{ Handler = { $this.Wfile.WriteByte(72); $this.Wfile.WriteByte(105) } }
        @{ Handler = { $writer = [IO.StreamWriter]::new($this.Wfile); $writer.Write('Hi'); $writer.Dispose() } }
        @{ Handler = { [IO.MemoryStream]::new([byte[]](72, 105)).CopyTo($this.Wfile) } }
        @{ Handler = { $this.Wfile.WriteAsync([byte[]](72, 105), 0, 2).Wait() } }
        @{ Handler = { $this.Wfile.Flush(); $this.Wfile.Write([byte[]](72, 105), 0, 2); $this.Wfile.Flush() } }
    ) {
        $text = Get-RawAnswer $Handler
        $text | Should -Match "^HTTP/1\.1 200 OK\r\n"
        $text | Should -Match 'Content-Type: application/octet-stream'
        $answer = Get-Answer $Handler
        $answer.Status, $answer.Text | Should -Be 200, 'Hi'
    }

    It 'begins with what $Response and the registration say' {
        $answer = Get-Answer { $Response.StatusCode = 202; $Response.ContentType = 'text/x-own'; $Response.Headers['X-Own'] = 'y'; $this.Wfile.WriteByte(65) }
        $answer.Status, $answer.Type, $answer.Headers['X-Own'], $answer.Text | Should -Be 202, 'text/x-own', 'y', 'A'
        Register-HttpHandler GET /it { $this.Wfile.WriteByte(65) } -ContentType text/x-registered -Force
        (Invoke-Http "$($server.Uri)it").Type | Should -Be 'text/x-registered'
    }

    It 'is as the handler has it, when it begins by itself' {
        $answer = Get-Answer { $this.SendResponse(201); $this.SendHeader('Content-Length', '2'); $this.EndHeaders(); $this.Wfile.Write([byte[]](72, 105)) }
        $answer.Status, $answer.Text | Should -Be 201, 'Hi'
    }

    It 'is raw after SendRaw' {
        Get-RawAnswer { $this.SendRaw(); $this.Wfile.Write([Text.Encoding]::ASCII.GetBytes("HTTP/1.1 299 Own`r`n`r`nraw")) } | Should -BeExactly "HTTP/1.1 299 Own`r`n`r`nraw"
        Get-RawAnswer { $this.SendText('x'); $this.SendRaw() } | Should -Match '^HTTP/1\.1 500 '
        (Wait-Log $server { $_.Message -like '*answered already*' }).Message | Should -BeLike '*SendRaw*'
    }

    It 'is warned of when something is put out as well' {
        (Get-Answer { $this.SendText('first'); 'second' }).Text | Should -Be 'first'
        $null = Get-Answer { $this.SendText('first'); @{ a = 1 } }
        $null = Get-Answer { $this.SendText('first'); $null }
        $warnings = Wait-Log $server { $_.Message -like '*answered by itself*' } -Count 2
        $warnings.Level | Should -Be 'Warning', 'Warning'
        $warnings.Message | Should -BeLike '*not sent (*'
        $warnings[0].Message | Should -BeLike '*second*'
    }

    It 'goes nowhere after the request, and says so' {
        $null = Get-Answer { $Shared.out = $this.Wfile; $Shared.in = $this.Rfile; $Shared.this = $this; $this.SendText('x') }
        $null = Wait-Until { $server.ActiveRequests -eq 0 }
        { $server.Shared.out.Write([byte[]](1)) } | Should -Throw '*request has ended*'
        { $server.Shared.in.ReadByte() } | Should -Throw '*request has ended*'
        { $server.Shared.this.Wfile.Write([byte[]](1)) } | Should -Throw '*request has ended*'
    }
}

Describe '$Request after its request' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 1
        $script:members = 'Id', 'Method', 'Path', 'RawUrl', 'Protocol', 'QueryString', 'ContentType', 'ContentLength', 'RemoteEndPoint', 'Host', 'IsSecure', 'Url', 'UserAgent', 'User'
        # Two requests on one connection: the second is what a kept object would show.
        function Send-Two([string] $Path) {
            $connection = Connect-Port $server.Port
            try {
                Write-Connection $connection "POST $Path`?a=1 HTTP/1.1`r`nHost: first`r`nUser-Agent: one`r`nX-N: 1`r`nCookie: c=1`r`nContent-Type: text/plain`r`nContent-Length: 3`r`n`r`nabc"
                $null = Read-Connection $connection 'answered'
                Write-Connection $connection "POST /other?a=2 HTTP/1.1`r`nHost: second`r`nUser-Agent: two`r`nX-N: 2`r`nCookie: c=2`r`nContent-Length: 1`r`nConnection: close`r`n`r`nx"
                $null = Read-Connection $connection
            }
            finally { $connection.Dispose() }
        }
        Register-HttpHandler POST /other { 'other' }
    }

    AfterAll { Clear-Session }

    It 'stays what it was (<Handler>)' -ForEach @(
        @{ Handler = { $Shared.kept = $Request; 'answered' } }
        @{ Handler = { $kept = $Request; $Shared['kept'] = $kept; 'answered' } }
        @{ Handler = { function f($x) { $Shared.kept = $x }; f $Request; 'answered' } }
        @{ Handler = { param($r) $Shared.kept = $r; 'answered' } }
        @{ Handler = { $Request | ForEach-Object { $Shared.kept = $_ }; 'answered' } }
        @{ Handler = { $Shared.kept = (Get-Variable Request).Value; 'answered' } }
        @{ Handler = { $Shared.kept = & { $Request }; 'answered' } }
    ) {
        Register-HttpHandler POST /it $Handler -Force
        Send-Two /it
        $kept = $server.Shared.kept
        $kept.Method, $kept.Path, $kept.RawUrl, $kept.QueryString | Should -Be 'POST', '/it', '/it?a=1', 'a=1'
        $kept.Query.a, $kept.Headers['X-N'], $kept.Cookies.c, $kept.Host, $kept.UserAgent, $kept.ContentLength | Should -Be '1', '1', '1', 'first', 'one', 3
        "$($kept.Url)" | Should -Be 'http://first/it?a=1'
        { $kept.Body } | Should -Throw '*request has ended*'
    }

    It 'keeps a body that was read' {
        Register-HttpHandler POST /it { $null = $Request.Body; $Shared.kept = $Request; 'answered' } -Force
        Send-Two /it
        $server.Shared.kept.Body | Should -Be 'abc'
    }
}

Describe 'slow clients' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 1
        $script:big = Join-Path $TestDrive 'big.bin'
        [IO.File]::WriteAllBytes($big, [byte[]]::new(30mb))
        $server.Shared.big = $big
        Register-HttpHandler GET /small { 'small' }
    }

    AfterAll { Clear-Session }

    It 'hold no handler up while they read (<Handler>)' -ForEach @(
        @{ Handler = { [byte[]]$bytes = [byte[]]::new(30mb); , $bytes } }
        @{ Handler = { 'x' * 30mb } }
        @{ Handler = { @{ text = 'x' * 30mb } } }
        @{ Handler = { $Response.SendFile($Shared.big) } }
        @{ Handler = { Get-Item $Shared.big | Send-HttpFile } }
        @{ Handler = { $this.SendFileAsync($Shared.big) } }
        @{ Handler = { [IO.File]::OpenRead($Shared.big) } }
        @{ Handler = { [IO.MemoryStream]::new([byte[]]::new(30mb)) } }
    ) {
        Register-HttpHandler GET /big $Handler -Force
        $connections = 1..3 | ForEach-Object {
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /big HTTP/1.1`r`nHost: a`r`n`r`n"
            $connection
        }
        try {
            foreach ($connection in $connections) { Read-Connection $connection "HTTP/1.1 200 OK" | Should -Not -BeNullOrEmpty }
            (Invoke-Http "$($server.Uri)small").Text | Should -Be 'small'
            $server.ActiveRequests | Should -Be 3
        }
        finally { $connections.ForEach('Dispose') }
        (Invoke-Http "$($server.Uri)big").Bytes.Length | Should -BeGreaterOrEqual 30mb
    }

    It 'hold no handler up while they send (<Head>)' -ForEach @(
        @{ Head = 'Content-Length: 10'; First = 'abcd'; Rest = 'efghij' }
        @{ Head = 'Transfer-Encoding: chunked'; First = "4`r`nabcd`r`n"; Rest = "6`r`nefghij`r`n0`r`n`r`n" }
    ) {
        Register-HttpHandler POST /echo { "got $($Request.Body)" } -Force
        $connections = 1..3 | ForEach-Object {
            $connection = Connect-Port $server.Port
            Write-Connection $connection "POST /echo HTTP/1.1`r`nHost: a`r`n$Head`r`n`r`n$First"
            $connection
        }
        try {
            $null = Wait-Until { $server.ActiveRequests -eq 3 }
            (Invoke-Http "$($server.Uri)small").Text | Should -Be 'small'
            foreach ($connection in $connections) {
                Write-Connection $connection $Rest
                Read-Connection $connection 'got abcdefghij' | Should -BeLike '*got abcdefghij*'
            }
        }
        finally { $connections.ForEach('Dispose') }
    }

    It 'have their bodies whole, of any length and in every way to read them' {
        $bytes = [byte[]]::new(300kb)
        [Random]::new(1).NextBytes($bytes)
        Register-HttpHandler POST /copy { $this.Rfile.CopyTo($this.Wfile) } -Force
        Register-HttpHandler POST /bytes { , [byte[]]$Request.BodyBytes } -Force
        foreach ($length in 1, 65535, 65536, 65537, 300kb) {
            $body = [byte[]]$bytes[0..($length - 1)]
            foreach ($path in 'copy', 'bytes') {
                $answer = Invoke-Http "$($server.Uri)$path" -Method POST -Body $body
                [Convert]::ToHexString($answer.Bytes) -eq [Convert]::ToHexString($body) | Should -BeTrue -Because "$length by $path"
            }
        }
    }

    It 'are read as they come with -Stream' {
        $handler = Register-HttpHandler POST /stream { $this.SendResponse(200); $this.EndHeaders(); $this.Wfile.WriteByte($this.Rfile.ReadByte()); $this.Wfile.Flush(); $this.Rfile.CopyTo($this.Wfile) } -Stream -PassThru
        $handler.Stream | Should -BeTrue
        $connection = Connect-Port $server.Port
        try {
            Write-Connection $connection "POST /stream HTTP/1.1`r`nHost: a`r`nContent-Length: 4`r`nConnection: close`r`n`r`na"
            Read-Connection $connection "1\r\na" | Should -Not -BeNullOrEmpty
            Write-Connection $connection 'bcd'
            Read-Connection $connection | Should -BeLike '*bcd*'
        }
        finally { $connection.Dispose() }
    }

    It 'are refused when a body is too long, without a handler' {
        $small = Open-Server -MaxRequestBodySize 1000
        Register-HttpHandler POST /never { $Shared.called = $true; 'x' } -Force
        (Invoke-Http "$($small.Uri)never" -Method POST -Body ('x' * 2000)).Status | Should -Be 413
        $small.Shared.called | Should -BeNullOrEmpty
    }
}

Describe 'a handler that ends its own server' {
    AfterEach { Clear-Session }

    It 'answers before it ends (<Handler>)' -ForEach @(
        @{ Handler = { $this.Server.Stop(); 'goodbye' } }
        @{ Handler = { Stop-HttpServer; 'goodbye' } }
        @{ Handler = { Stop-HttpServer -Force; 'goodbye' } }
        @{ Handler = { Get-HttpServer | Stop-HttpServer; 'goodbye' } }
        @{ Handler = { (Get-HttpServer).Dispose(); 'goodbye' } }
    ) {
        $server = Open-Server
        Register-HttpHandler GET /end $Handler
        (Invoke-Http "$($server.Uri)end").Text | Should -Be 'goodbye'
        $null = Wait-Until { $server.State -eq 'Stopped' }
        (Get-HttpServer).State | Should -Be 'Stopped'
        Test-Port $server.Port | Should -BeFalse
        $server | Restart-HttpServer
        (Get-HttpServer).State | Should -Be 'Running'
    }

    It 'may start it again' {
        $server = Open-Server
        Register-HttpHandler GET /again { Restart-HttpServer; "calls $($Shared.calls++)" }
        $started = $server.StartTime
        (Invoke-Http "$($server.Uri)again").Status | Should -Be 200
        $null = Wait-Until { $server.State -eq 'Running' -and $server.StartTime -gt $started }
        (Invoke-Http "$($server.Uri)again").Status | Should -Be 200
    }

    It 'leaves its name to another' {
        $server = Open-Server -Name Mine
        Register-HttpHandler GET /end { $this.Server.Stop(); 'goodbye' }
        $null = Invoke-Http "$($server.Uri)end"
        $null = Wait-Until { $server.State -eq 'Stopped' }
        (Open-Server -Name Mine).State | Should -Be 'Running'
        @(Get-HttpServer).Count | Should -Be 1
    }
}
