BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    function Get-State([object] $Server, [Collections.IDictionary] $Header = @{}) {
        (Invoke-Http "$($Server.DashboardUri)/data" -Header $Header).Text | ConvertFrom-Json
    }
}

AfterAll {
    Clear-Session
}

Describe 'Start-HttpServer -Dashboard' {
    AfterEach {
        Clear-Session
    }

    It 'shows servers, handlers with calls, errors and latencies, and the log' {
        $server = Open-Server -NoFiles -Dashboard /_status -Name Shop
        $other = Open-Server -NoFiles -Name Other
        $server.DashboardUri | Should -Be "$($server.Uri)_status"
        $other.DashboardUri | Should -BeNullOrEmpty
        Register-HttpHandler GET /quick { 'quick' } -Name Quick
        Register-HttpHandler GET /fail { throw 'no' } -Name Fail
        Register-HttpHandler GET '/items/{Id}' { 'never asked for' }
        1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)quick").Status | Should -Be 200 }
        (Invoke-Http "$($server.Uri)fail").Status | Should -Be 500
        (Invoke-Http "$($server.Uri)none").Status | Should -Be 404
        $state = Wait-Until { $state = Get-State $server; if ($state.total.calls -ge 5) { $state } }
        $state.name, $state.total.calls, $state.total.errors | Should -Be 'Shop', 5, 1
        $state.servers.name | Should -Be 'Shop', 'Other'
        $own = $state.servers[0]
        $own.uri, $own.state, $own.errors, $own.queue | Should -Be "$($server.Uri)", 'Running', 1, 0
        $own.workersBusy + $own.workersIdle | Should -BeGreaterThan 0
        $quick, $fail, $item = $state.handlers
        $quick.name, $quick.method, $quick.path, $quick.calls, $quick.errors | Should -Be 'Quick', 'GET', '/quick', 3, 0
        $quick.p50 | Should -BeGreaterThan 0
        $quick.p99 | Should -BeGreaterOrEqual $quick.p50
        $fail.calls, $fail.errors | Should -Be 1, 1
        $item.calls, $item.p50 | Should -Be 0, $null
        $state.log.text | Should -Contain 'GET /none'
        $state.log[0].time | Should -BeGreaterOrEqual $state.log[-1].time
        ($state.log | Where-Object level -EQ Error).text | Should -BeLike '*no*'
    }

    It 'times requests that are not logged' {
        $server = Open-Server -NoFiles -Dashboard /_status -Quiet
        Register-HttpHandler GET /quick { 'quick' }
        $null = Invoke-Http "$($server.Uri)quick"
        $state = Wait-Until { $state = Get-State $server; if ($state.total.calls -eq 1) { $state } }
        # No time is measured here: a request without its beginning would seem to be as old as the machine.
        $state.handlers[0].p50, $state.total.p50 | ForEach-Object { $_ | Should -BeGreaterThan 0; $_ | Should -BeLessThan 60000 }
        $state.log.status | Should -BeNullOrEmpty
    }

    It 'counts what is no request, or is refused before a handler is found' {
        $server = Open-Server -NoFiles -Dashboard /_status
        Register-HttpHandler GET /limited { 'x' } -RateLimit 1/h -Name Limited
        foreach ($text in "GARBAGE`r`n`r`n", "GET /%zz HTTP/1.1`r`nHost: localhost`r`n`r`n", "GET / HTTP/1.1`r`n`r`n") {
            $connection = Connect-Port $server.Port
            Write-Connection $connection $text
            $connection.Client.Shutdown('Send')
            Read-Connection $connection | Should -Match '^HTTP/1.1 40[04] '
            $connection.Dispose()
        }
        1..2 | ForEach-Object { $null = Invoke-Http "$($server.Uri)limited" }
        $state = Wait-Until { $state = Get-State $server; if ($state.total.calls -eq 5) { $state } }
        $state.handlers[0].calls | Should -Be 2
        Get-HttpServer | Select-Object -ExpandProperty State | Should -Be Running
    }

    It 'is one page with its own style and script and nothing else, and JSON for who asks for it' {
        $server = Open-Server -NoFiles -Dashboard /_status -Name '<b>&'
        $page = Invoke-Http $server.DashboardUri
        $page.Status, $page.Type | Should -Be 200, 'text/html; charset=utf-8'
        $page.Text | Should -BeLike '*<title>&lt;b&gt;&amp;: status</title>*'
        $page.Text | Should -Not -Match 'https?://'
        $page.Headers['Content-Security-Policy'] | Should -Match "^default-src 'none'; style-src 'sha256-[^ ]+'; script-src 'sha256-[^ ]+'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$"
        $page.Headers['Cache-Control'] | Should -Be 'no-store'
        foreach ($asked in @(@{ Path = ''; Accept = 'application/json' }, @{ Path = '?format=json'; Accept = '*/*' }, @{ Path = '/data'; Accept = 'text/html' })) {
            $json = Invoke-Http "$($server.DashboardUri)$($asked.Path)" -Header @{ Accept = $asked.Accept }
            $json.Type | Should -Be 'application/json'
            ($json.Text | ConvertFrom-Json).name | Should -Be '<b>&'
        }
        (Invoke-Http $server.DashboardUri -Method HEAD).Status | Should -Be 200
        $refused = Invoke-Http $server.DashboardUri -Method POST
        $refused.Status, $refused.Headers.Allow | Should -Be 405, 'GET, HEAD, OPTIONS'
        (Invoke-Http "$($server.DashboardUri)/else").Status | Should -Be 404
    }

    It 'tells who looks what is new, and does not count who looks' {
        $server = Open-Server -NoFiles -Dashboard /_status
        $client = [Net.Http.HttpClient]::new()
        try {
            $reader = [IO.StreamReader]::new($client.GetStreamAsync("$($server.DashboardUri)/events").Result)
            $null = Invoke-Http "$($server.Uri)none"
            do {
                do { $line = $reader.ReadLine() } until ($line -like 'data: *')
                $state = $line.Substring(6) | ConvertFrom-Json
            } until ($state.total.calls)
            $state.total.calls | Should -Be 1
            $server | Stop-HttpServer
            $reader.ReadToEnd() | Should -Match 'retry: \d{4}\n\n$'
        }
        finally { $client.Dispose() }
    }

    It 'is for this machine alone where nobody logs in: <What>' -ForEach @(
        @{ What = 'a proxy of this machine'; Header = @{ 'X-Forwarded-For' = '192.0.2.1' } }
        @{ What = 'another proxy'; Header = @{ Via = '1.1 proxy' } }
        @{ What = 'a proxy that tells of this machine'; Header = @{ Forwarded = 'for=127.0.0.1' } }
    ) {
        $server = Open-Server -NoFiles -Dashboard /_status -TrustedProxy 127.0.0.1
        (Invoke-Http $server.DashboardUri).Status | Should -Be 200
        foreach ($path in '', '/data', '/events') { (Invoke-Http "$($server.DashboardUri)$path" -Header $Header).Status | Should -Be 403 }
    }

    It 'is for users where they log in, from everywhere' {
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -eq 'good') { 'ada' } }
        $server = Open-Server -NoFiles -Dashboard /_status -Authentication Keys
        Register-HttpHandler * { 'public' }
        (Invoke-Http $server.DashboardUri).Status | Should -Be 401
        (Invoke-Http "$($server.DashboardUri)/data").Status | Should -Be 401
        (Get-State $server @{ 'X-Api-Key' = 'good'; 'X-Forwarded-For' = '192.0.2.1' }).name | Should -Be $server.Name
    }

    It 'is not for pages of other origins, whatever CORS says' {
        $server = Open-Server -NoFiles -Dashboard /_status -CorsOrigin *
        foreach ($header in @{ Origin = 'https://evil.example' }, @{ 'Sec-Fetch-Site' = 'cross-site' }, @{ 'Sec-Fetch-Site' = 'same-site'; Origin = 'null' }) {
            (Invoke-Http "$($server.DashboardUri)/data" -Header $header).Status | Should -Be 403
            (Invoke-Http "$($server.DashboardUri)/events" -Header $header).Status | Should -Be 403
        }
        (Invoke-Http "$($server.DashboardUri)/data" -Header @{ 'Sec-Fetch-Site' = 'same-origin'; Origin = $server.Uri.GetLeftPart('Authority') }).Status | Should -Be 200
    }

    It 'is off unless it is asked for, and takes a path: <Path>' -ForEach @(
        @{ Path = 'status' }, @{ Path = '/' }, @{ Path = '/{id}' }, @{ Path = 'https://example.com/' }
    ) {
        (Get-Failure { Open-Server -Dashboard $Path }).Id | Should -Be DashboardInvalid
        $server = Open-Server -NoFiles
        (Invoke-Http "$($server.Uri)_status").Status | Should -Be 404
    }
}
