BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # A client that keeps the cookie of a session as a browser does.
    function Invoke-Browser([hashtable] $Browser, [string] $Path, [string] $Method = 'GET', [hashtable] $Header = @{}, $Body, [string] $ContentType) {
        $arguments = @{ Uri = "$($Browser.Server.Uri)$Path"; Method = $Method; Header = @{} + $Header }
        if ($Browser.Cookie) { $arguments.Header.Cookie = $Browser.Cookie }
        if ($null -ne $Body) { $arguments.Body = $Body }
        if ($ContentType) { $arguments.ContentType = $ContentType }
        $answer = Invoke-Http @arguments
        if ($answer.Headers.ContainsKey('Set-Cookie') -and $answer.Headers['Set-Cookie'] -match '^([^;]*)') { $Browser.Cookie = $answer.Headers['Set-Cookie'] -match 'Max-Age=0' ? '' : $Matches[1] }
        $answer
    }
    $script:form = 'application/x-www-form-urlencoded'
}

Describe '$Session' {
    AfterEach { Clear-Session }

    It 'keeps what a handler puts in, and sends no cookie before' {
        Register-HttpHandler GET /count { $Session.Count2++; "$($Session.Count2)" }
        Register-HttpHandler GET /look { "[$($Session.Count)] [$($Session.User)] $($Session.ContainsKey('a')) $($null -eq $Session.a)" }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        $answer = Invoke-Browser $browser look
        $answer.Text | Should -Be '[0] [] False True'
        $answer.Headers['Set-Cookie'] | Should -BeNullOrEmpty
        1..3 | ForEach-Object { (Invoke-Browser $browser count).Text } | Should -Be '1', '2', '3'
        $browser.Cookie | Should -MatchExactly '^HttpServerSession=[\w-]{43}$'
        (Invoke-Browser @{ Server = $server } count).Text | Should -Be '1'
    }

    It 'gives <Name> back as it was put in' -ForEach @(
        @{ Name = 'a text'; Value = { 'grün' } }
        @{ Name = 'a text that looks like a date'; Value = { '2026-01-01T00:00:00Z' } }
        @{ Name = 'an empty text'; Value = { '' } }
        @{ Name = 'a text of controls'; Value = { "`n`t" } }
        @{ Name = 'an int'; Value = { 5 } }
        @{ Name = 'a long'; Value = { 5L } }
        @{ Name = 'a huge number'; Value = { [bigint]::Pow(10, 40) } }
        @{ Name = 'a fraction'; Value = { 0.5 } }
        @{ Name = 'a decimal'; Value = { 1.10d } }
        @{ Name = 'true'; Value = { $true } }
        @{ Name = 'null'; Value = { $null } }
        @{ Name = 'a time'; Value = { [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) } }
        @{ Name = 'a time with an offset'; Value = { [datetimeoffset]'2026-01-02T03:04:05+02:00' } }
        @{ Name = 'a duration'; Value = { [timespan]'00:01:30' } }
        @{ Name = 'a GUID'; Value = { [guid]'01234567-89ab-cdef-0123-456789abcdef' } }
        @{ Name = 'bytes'; Value = { , [byte[]](0, 1, 255) } }
        @{ Name = 'an array'; Value = { , @(1, 'a', $null) } }
        @{ Name = 'an array of one'; Value = { , @(1) } }
        @{ Name = 'an empty array'; Value = { , @() } }
        @{ Name = 'a table'; Value = { @{ a = @{ c = @('x', 1) } } } }
        @{ Name = 'an ordered table'; Value = { [ordered]@{ b = 1; a = 2 } } }
        @{ Name = 'an object'; Value = { [pscustomobject]@{ b = 1; a = [pscustomobject]@{ c = 'x' } } } }
    ) {
        $handlers = [scriptblock]::Create("`$Session.x = & { $Value }; 'kept'"), [scriptblock]::Create("`$a = `$Session.x; `$b = & { $Value }
            `$same = (ConvertTo-Json `$a -Depth 9 -Compress) -ceq (ConvertTo-Json `$b -Depth 9 -Compress)
            `"`$same `$(`$null -eq `$b -or `$a.GetType() -eq `$b.GetType())`"")
        Register-HttpHandler GET /set $handlers[0]
        Register-HttpHandler GET /get $handlers[1]
        $browser = @{ Server = Open-Server -NoFiles -Session }
        (Invoke-Browser $browser set).Text | Should -Be 'kept'
        (Invoke-Browser $browser get).Text | Should -Be 'True True'
    }

    It 'keeps what has changed within a value' {
        Register-HttpHandler GET /add { if (-not $Session.Cart) { $Session.Cart = [Collections.Generic.List[object]]::new() }; $Session.Cart.Add("item $($Session.Cart.Count)"); $Session.Cart -join ',' }
        Register-HttpHandler GET /remove { $Session.Remove('cart'); "$($Session.Keys.Count)" }
        $browser = @{ Server = Open-Server -NoFiles -Session }
        1..3 | ForEach-Object { $answer = Invoke-Browser $browser add }
        $answer.Text | Should -Be 'item 0,item 1,item 2'
        $answer = Invoke-Browser $browser remove
        $answer.Text | Should -Be '0'
        $browser.Cookie | Should -Be ''
    }

    It 'refuses <Name> at the line that puts it in' -ForEach @(
        @{ Name = 'a process'; Script = { $Session.x = Get-Process -Id $PID }; Problem = '*$Session.x cannot keep a Process: a session keeps data*' }
        @{ Name = 'a scriptblock'; Script = { $Session.x = @{ a = { 'b' } } }; Problem = '*$Session.x.a cannot keep a ScriptBlock*' }
        @{ Name = 'a secret'; Script = { $Session['x'] = [securestring]::new() }; Problem = '*cannot keep a SecureString*' }
        @{ Name = 'what contains itself'; Script = { $a = @{}; $a.a = $a; $Session.x = $a }; Problem = '*nested more than 32 levels deep*' }
        @{ Name = 'what is too large'; Script = { $Session.x = 'x' * 70kb }; Problem = '*$Session.x has 71680 bytes, and a session at most 65536*' }
        @{ Name = 'the name of a property'; Script = { $Session.AntiForgeryToken = 'x' }; Problem = '*$Session.AntiForgeryToken is made by the session*' }
        @{ Name = 'a user without a name'; Script = { $Session.User = @{ Roles = 'a' } }; Problem = '*$Session.User is set to a user without a Name*' }
    ) {
        Register-HttpHandler GET / $Script
        Register-HttpHandler GET /look { "$($Session.Count)$($Session.User)" }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        (Invoke-Browser $browser '').Status | Should -Be 500
        $entry = Wait-Log $server { $_.Level -eq 'Error' }
        $entry.Message | Should -BeLike $Problem
        $browser.Cookie | Should -BeNullOrEmpty
        (Invoke-Browser $browser look).Text | Should -Be '0'
    }

    It 'is not kept if it is too large in all, and says so with the place' {
        Register-HttpHandler GET / { $Session.n = 1; foreach ($n in 1..($Request.Query.n ?? 0)) { $Session["x$n"] = 'x' * 9kb }; 'done' }
        Register-HttpHandler GET /look { "$($Session.Count)" }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        (Invoke-Browser $browser '?n=1').Status | Should -Be 200
        (Invoke-Browser $browser '?n=9').Status | Should -Be 500
        (Wait-Log $server { $_.Level -eq 'Error' }).Message | Should -BeLike '*The session has * bytes, and at most 65536 are kept*'
        (Invoke-Browser $browser look).Text | Should -Be '2'
    }

    It 'stays as it was if the handler fails' {
        Register-HttpHandler GET / { $Session.n = "$($Session.n)x"; if ($Request.Query.fail) { throw 'no' }; $Session.n }
        $browser = @{ Server = Open-Server -NoFiles -Session }
        (Invoke-Browser $browser '').Text | Should -Be 'x'
        (Invoke-Browser $browser '?fail=1').Status | Should -Be 500
        (Invoke-Browser $browser '').Text | Should -Be 'xx'
    }

    It 'gets a new id by Renew and by another user, and ends by Clear' {
        Register-HttpHandler GET /renew { $Session.n = "$($Session.n)x"; $Session.Renew(); "$($Session.n)" }
        Register-HttpHandler GET /login { $Session.User = @{ Name = 'anna'; Roles = 'Ops', 'Dev' }; "$($Session.n) $($Session.User) $($Session.User.Roles)" }
        Register-HttpHandler GET /look { "$($Session.n) $($Session.User)" }
        Register-HttpHandler GET /logout { $Session.Clear() }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        (Invoke-Browser $browser renew).Text | Should -Be 'x'
        $old = @{} + $browser
        (Invoke-Browser $browser renew).Text | Should -Be 'xx'
        $browser.Cookie | Should -Not -Be $old.Cookie
        (Invoke-Browser $old look).Text.Trim() | Should -Be ''
        $old = @{} + $browser
        (Invoke-Browser $browser login).Text | Should -Be 'xx anna Ops Dev'
        (Invoke-Browser $old look).Text.Trim() | Should -Be ''
        (Invoke-Browser $browser look).Text | Should -Be 'xx anna'
        $old = @{} + $browser
        (Invoke-Browser $browser logout).Status | Should -Be 204
        $browser.Cookie | Should -Be ''
        (Invoke-Browser $old look).Text.Trim() | Should -Be ''
    }

    It 'loses nothing of requests at the same time' {
        Register-HttpHandler GET / { $n = [int]$Session.n; Start-Sleep -Milliseconds 1; $Session.n = $n + 1; "$($Session.n)" }
        $browser = @{ Server = Open-Server -NoFiles -Session }
        $null = Invoke-Browser $browser ''
        $tasks = 1..30 | ForEach-Object { Send-Request $browser.Server.Uri -Header @{ Cookie = $browser.Cookie } }
        $tasks | Receive-Answer | ForEach-Object { [int]$_.Text } | Sort-Object | Should -Be (2..31)
    }

    It 'is the same in filters, in functions and in the handler' {
        Register-HttpFilter -Path /f/* { $Session.path = "$($Session.path)<" }
        Register-HttpFilter -Path /f/* -After { $Session.path = "$($Session.path)>" }
        Register-HttpHandler GET /f/a { Add-Path }
        Register-HttpHandler GET /look { "$($Session.path)" }
        $browser = @{ Server = Open-Server -NoFiles -Session -InitializationScript { function Add-Path { $Session.path += '-'; $Session.path } } }
        (Invoke-Browser $browser f/a).Text | Should -Be '<-'
        (Invoke-Browser $browser look).Text | Should -Be '<->'
    }

    It 'is closed early for a handler that takes long, and by hand for what writes its answer itself' {
        Register-HttpHandler GET /long { $Session.n = 'long'; $Session.Close(); $Shared.closed = $true; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; "$($Session.n)" }
        Register-HttpHandler GET /late { $Session.n = 'a'; $Session.Close(); $Session.n = 'b' }
        Register-HttpHandler GET /own { $Session.n = 'own'; $this.SendText('own') }
        Register-HttpHandler GET /look { "$($Session.n)" }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        (Invoke-Browser $browser own).Text | Should -Be 'own'
        (Invoke-Browser $browser look).Text | Should -Be 'own'
        $task = Send-Request "$($server.Uri)long" -Header @{ Cookie = $browser.Cookie }
        Wait-Until { $server.Shared.closed } -Because 'the session is closed'
        (Invoke-Browser $browser look).Text | Should -Be 'long'
        $server.Shared.go = $true
        ($task | Receive-Answer).Text | Should -Be 'long'
        (Invoke-Browser $browser late).Status | Should -Be 500
        (Invoke-Browser $browser look).Text | Should -Be 'a'
    }

    It 'is there for classes by OpenSession' {
        . ([scriptblock]::Create('class SessionHandler : Http.Server.BaseHttpRequestHandler { [void] DoGet() { $s = $this.OpenSession(); $s["n"] = "$($s["n"])x"; $this.SendText($s["n"]) } }
            $script:type = [SessionHandler]'))
        $browser = @{ Server = Open-Server -Directory $TestDrive -Session -HandlerType $type }
        1..3 | ForEach-Object { (Invoke-Browser $browser '').Text } | Should -Be 'x', 'xx', 'xxx'
    }

    It 'outlasts a restart of the server' {
        Register-HttpHandler GET / { $Session.n++; "$($Session.n)" }
        $server = Open-Server -NoFiles -Session
        $browser = @{ Server = $server }
        $null = Invoke-Browser $browser ''
        $server | Restart-HttpServer
        (Invoke-Browser $browser '').Text | Should -Be '2'
    }

    It 'ends after -SessionTimeout' {
        Register-HttpHandler GET / { $Session.n++; "$($Session.n)" }
        $browser = @{ Server = Open-Server -NoFiles -Session -SessionTimeout 00:00:01 }
        $null = Invoke-Browser $browser ''
        # A request would have it last on: there is nothing to wait for but the time.
        Start-Sleep -Milliseconds 1100
        (Invoke-Browser $browser '').Text | Should -Be '1'
    }

    It 'is nothing for a server without -Session, where a variable of this name is the script''s own' {
        Register-HttpHandler GET / { $session = @{ n = 1 }; "$($session.n)" }
        Register-HttpHandler GET /null { "$($null -eq $Session)" }
        $server = Open-Server -NoFiles
        (Invoke-Http "$($server.Uri)null").Text | Should -Be 'True'
        (Invoke-Http $server.Uri).Text | Should -Be '1'
        (Invoke-Http "$($server.Uri)null").Text | Should -Be 'True'
    }
}

Describe 'Forms of a session' {
    AfterEach { Clear-Session }

    BeforeEach {
        Register-HttpHandler GET /form -ContentType text/html { "<form>$($Session.AntiForgeryField)</form>" }
        Register-HttpHandler POST /form { "$($Request.Form.a) $($Request.Files.Count)" }
        function Get-Token($Browser) { (Invoke-Browser $Browser form).Text -match 'name="csrf_token" value="([\w-]{86})"' | Should -BeTrue; $Matches[1] }
    }

    It 'need a token, in a field or a header, where the server wants it' {
        $server = Open-Server -NoFiles -Session -AntiForgery
        $browser = @{ Server = $server }
        (Invoke-Browser $browser form POST -Body 'a=1' -ContentType $form).Status | Should -Be 403
        $token = Get-Token $browser
        (Invoke-Browser $browser form POST -Body "a=1&csrf_token=$token" -ContentType $form).Text | Should -Be '1 0'
        (Invoke-Browser $browser form POST -Body 'a=1' -ContentType $form -Header @{ 'X-CSRF-Token' = $token }).Text | Should -Be '1 0'
        (Invoke-Browser $browser form POST -Body "a=1&csrf_token=x$token" -ContentType $form).Status | Should -Be 403
        (Invoke-Browser $browser form POST -Body 'a=1' -ContentType 'text/plain').Status | Should -Be 403
        (Invoke-Browser $browser form POST -Body 'a=1').Status | Should -Be 403
        (Invoke-Browser @{ Server = $server } form POST -Body "a=1&csrf_token=$token" -ContentType $form).Status | Should -Be 403
        $other = @{ Server = $server }
        $null = Get-Token $other
        (Invoke-Browser $other form POST -Body "a=1&csrf_token=$token" -ContentType $form).Status | Should -Be 403
    }

    It 'may have files' {
        $browser = @{ Server = Open-Server -NoFiles -Session -AntiForgery }
        $token = Get-Token $browser
        foreach ($text in $token, 'wrong') {
            $body = [Net.Http.MultipartFormDataContent]::new()
            $body.Add([Net.Http.StringContent]::new('1'), 'a')
            $body.Add([Net.Http.ByteArrayContent]::new([byte[]](1, 2)), 'file', 'x.bin')
            $body.Add([Net.Http.StringContent]::new($text), 'csrf_token')
            $answer = Invoke-Browser $browser form POST -Body $body
            $answer.Status | Should -Be ($text -eq 'wrong' ? 403 : 200)
        }
    }

    It 'are left alone where a handler says so, and JSON and reading always are' {
        Register-HttpHandler POST /free -AntiForgery:$false { 'free' }
        Register-HttpHandler POST /json { "$($Request.Json.a)" }
        Register-HttpHandler POST /stream -Stream { [IO.StreamReader]::new($this.Rfile).ReadToEnd() }
        $browser = @{ Server = Open-Server -NoFiles -Session -AntiForgery }
        (Invoke-Browser $browser free POST -Body 'a=1' -ContentType $form).Text | Should -Be 'free'
        (Invoke-Browser $browser json POST -Body '{"a":1}' -ContentType application/json).Text | Should -Be '1'
        $token = Get-Token $browser
        (Invoke-Browser $browser stream POST -Body "a=1&csrf_token=$token" -ContentType $form).Status | Should -Be 403
        (Invoke-Browser $browser stream POST -Body 'a=1' -ContentType $form -Header @{ 'X-CSRF-Token' = $token }).Text | Should -Be 'a=1'
    }

    It 'need a token where a handler alone wants it' {
        Register-HttpHandler POST /guarded -AntiForgery { 'guarded' }
        $browser = @{ Server = Open-Server -NoFiles -Session }
        (Invoke-Browser $browser form POST -Body 'a=1' -ContentType $form).Text | Should -Be '1 0'
        (Invoke-Browser $browser guarded POST -Body 'a=1' -ContentType $form).Status | Should -Be 403
        (Invoke-Browser $browser guarded POST -Body "csrf_token=$(Get-Token $browser)" -ContentType $form).Text | Should -Be 'guarded'
    }
}

Describe 'Users of a session' {
    AfterEach { Clear-Session; Unregister-HttpAuthentication * -ErrorAction Ignore }

    BeforeEach {
        Register-HttpAuthentication Login -Session -LoginPath /login
        Register-HttpHandler GET /login { 'page' }
        Register-HttpHandler POST /login { param($Name, $Roles) $Session.User = @{ Name = $Name; Roles = $Roles -split ',' }; $Response.Redirect($Request.ReturnTo) }
        $script:html = @{ Accept = 'text/html' }
    }

    It 'are let in by -Authentication and -Role, and browsers sent to the login page' {
        Register-HttpHandler GET /ops -Authentication Login -Role Ops { "$($Request.User) $($this.AuthType)" }
        $browser = @{ Server = Open-Server -NoFiles -Session }
        (Invoke-Browser $browser ops).Status | Should -Be 401
        $answer = Invoke-Browser $browser 'ops?a=b' -Header $html
        $answer.Status | Should -Be 302
        $answer.Headers['Location'] | Should -Be '/login?returnTo=%2Fops%3Fa%3Db'
        (Invoke-Browser $browser login POST -Body 'name=otto&roles=Dev' -ContentType $form).Headers['Location'] | Should -Be '/'
        (Invoke-Browser $browser ops -Header $html).Status | Should -Be 403
        (Invoke-Browser $browser 'login?returnTo=%2Fops%3Fa%3Db' POST -Body 'name=anna&roles=Ops,Dev' -ContentType $form).Headers['Location'] | Should -Be '/ops?a=b'
        (Invoke-Browser $browser ops -Header $html).Text | Should -Be 'anna Session'
    }

    It 'are let in for the whole server, whose login page is for everybody' {
        Set-Content (Join-Path $TestDrive 'a.txt') 'content' -NoNewline
        $browser = @{ Server = Open-Server -Directory $TestDrive -Session -Authentication Login }
        (Invoke-Browser $browser a.txt).Status | Should -Be 401
        (Invoke-Browser $browser login).Text | Should -Be 'page'
        $null = Invoke-Browser $browser login POST -Body 'name=anna' -ContentType $form
        (Invoke-Browser $browser a.txt).Text | Should -Be 'content'
    }

    It 'are sent to no other server afterwards: <Target>' -ForEach @(
        @{ Target = '//evil.example'; Expected = '/' }
        @{ Target = '/\evil.example'; Expected = '/' }
        @{ Target = 'https://evil.example/'; Expected = '/' }
        @{ Target = "/`r`nx"; Expected = '/' }
        @{ Target = '/a//b'; Expected = '/a//b' }
    ) {
        $browser = @{ Server = Open-Server -NoFiles -Session }
        (Invoke-Browser $browser "login?returnTo=$([uri]::EscapeDataString($Target))" POST -Body 'name=anna' -ContentType $form).Headers['Location'] | Should -Be $Expected
    }

    It 'need a server with sessions, and a login page that is for everybody' {
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -Authentication Login } | Should -Throw -ErrorId 'AuthenticationNeedsSession,*'
        { Register-HttpHandler GET /login -Authentication Login -Force { } } | Should -Throw -ErrorId 'LoginPathGuarded,*'
        $server = Open-Server -NoFiles
        { Register-HttpHandler GET /x -Authentication Login -Server $server { } } | Should -Throw -ErrorId 'AuthenticationNeedsSession,*'
        { Register-HttpHandler GET /x -AntiForgery -Server $server { } } | Should -Throw -ErrorId 'SessionMissing,*'
        { Start-HttpServer -Port 0 -NoFiles -SessionTimeout 60 } | Should -Throw -ErrorId 'SessionMissing,*'
        { Start-HttpServer -Port 0 -NoFiles -AntiForgery } | Should -Throw -ErrorId 'SessionMissing,*'
        { Start-HttpServer -Port 0 -NoFiles -Variable @{ Session = 1 } } | Should -Throw -ErrorId 'VariableReserved,*'
        { Register-HttpAuthentication Wrong -Session -LoginPath '//elsewhere' } | Should -Throw -ErrorId 'AuthenticationInvalid,*'
    }
}
