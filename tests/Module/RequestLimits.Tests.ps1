BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    function Send-Form([object] $Server, [string] $Text) {
        Invoke-Http "$($Server.Uri)form" -Method POST -Body $Text -ContentType 'application/x-www-form-urlencoded'
    }

    function Send-Json([object] $Server, [string] $Path, [string] $Text, [hashtable] $Header = @{}) {
        Invoke-Http "$($Server.Uri)$Path" -Method POST -Body $Text -ContentType 'application/json' -Header $Header
    }

    function New-Multipart([int] $Count) {
        $part = "--x`r`nContent-Disposition: form-data; name=k`r`n`r`nv`r`n"
        ($part * $Count) + "--x--`r`n"
    }
}

Describe 'what a client repeats in a request' {
    BeforeAll {
        $server = Open-Server
        Register-HttpHandler POST /form { "$(@($Request.Form['k']).Count)" } -Server $server
        Register-HttpHandler GET /query { "$(@($Request.Query['k']).Count)" } -Server $server
        Register-HttpHandler POST /json { $null = $Request.Json; $Shared.read = $true; 'read' } -Server $server
        Register-HttpHandler POST /text { "$($Request.Body.Length)" } -Server $server
        Register-HttpHandler POST /stream { $null = $Request.Json; 'read' } -Stream -Server $server
    }

    AfterAll { Clear-Session }

    It 'is taken to 10,000 fields of a form, and 413 beyond' {
        (Send-Form $server (@('k=v') * 10000 -join '&')).Text | Should -Be '10000'
        $answer = Send-Form $server (@('k=v') * 10001 -join '&')
        $answer.Status | Should -Be 413
        $answer.Text | Should -Match 'more than 10000 fields'
        (Send-Form $server ((1..10001 | ForEach-Object { "k$_=v" }) -join '&')).Status | Should -Be 413
    }

    It 'is taken to 10,000 parts of a form, and 413 beyond' {
        $type = 'multipart/form-data; boundary=x'
        (Invoke-Http "$($server.Uri)form" -Method POST -ContentType $type -Body (New-Multipart 10000)).Text | Should -Be '10000'
        $answer = Invoke-Http "$($server.Uri)form" -Method POST -ContentType $type -Body (New-Multipart 10001)
        $answer.Status | Should -Be 413
        $answer.Text | Should -Match 'more than 10000 fields'
    }

    It 'is refused at once when a body of JSON is declared to be too long: nothing of it is read' {
        $connection = Connect-Port $server.Port
        Write-Connection $connection "POST /json HTTP/1.1`r`nHost: x`r`nContent-Type: application/json`r`nContent-Length: 100000000`r`nExpect: 100-continue`r`n`r`n"
        $answer = Read-Connection $connection 'bytes'
        $connection.Dispose()

        $answer | Should -Match '^HTTP/1.1 413 '
        $answer | Should -Match 'longer than 30000000 bytes'
        $server.Shared.read | Should -BeNullOrEmpty
    }

    It 'is refused for a stream too as soon as Json is asked for' {
        $connection = Connect-Port $server.Port
        Write-Connection $connection "POST /stream HTTP/1.1`r`nHost: x`r`nContent-Type: application/json`r`nContent-Length: 100000000`r`n`r`n"
        $answer = Read-Connection $connection 'bytes'
        $connection.Dispose()

        $answer | Should -Match '^HTTP/1.1 413 '
    }

    It 'is taken to a depth of 2,048 in JSON, and 400 beyond' {
        (Send-Json $server json (('[' * 1100) + (']' * 1100))).Text | Should -Be 'read'
        (Send-Json $server json (('{"a":' * 1100) + '1' + ('}' * 1100))).Text | Should -Be 'read'
        (Send-Json $server json (('[' * 2100) + (']' * 2100))).Status | Should -Be 400
        (Send-Json $server json ('[' * 1000000)).Status | Should -Be 400
    }

    It 'is no more than a server says' {
        $small = Open-Server -MaxFormFields 2 -MaxFormSize 20 -MaxJsonBodySize 10 -MaxJsonDepth 3
        Register-HttpHandler POST /form { "$(@($Request.Form['k']).Count)" } -Server $small
        Register-HttpHandler GET /query { "$(@($Request.Query['k']).Count)" } -Server $small
        Register-HttpHandler POST /json { $null = $Request.Json; 'read' } -Server $small
        Register-HttpHandler POST /text { "$($Request.Body.Length)" } -Server $small
        Register-HttpHandler POST /stream { $null = $Request.Json; 'read' } -Stream -Server $small
        $chunked = @{ 'Transfer-Encoding' = 'chunked' }

        (Send-Form $small 'k=1&k=2').Text | Should -Be '2'
        (Send-Form $small 'k=1&k=2&k=3').Status | Should -Be 413
        (Send-Form $small ('k=' + 'x' * 19)).Status | Should -Be 413
        (Invoke-Http "$($small.Uri)query?k=1&k=2").Text | Should -Be '2'
        $answer = Invoke-Http "$($small.Uri)query?k=1&k=2&k=3"
        $answer.Status | Should -Be 400
        $answer.Text | Should -Match 'more than 2 fields'
        (Send-Json $small json '[[[1]]]').Text | Should -Be 'read'
        (Send-Json $small json '[[[[1]]]]').Status | Should -Be 400
        foreach ($path in 'json', 'text', 'stream') {
            (Send-Json $small $path '[1,2,3,4,5]').Status | Should -Be 413 -Because $path
        }

        foreach ($path in 'json', 'stream') {
            (Send-Json $small $path '[1,2,3,4,5]' $chunked).Status | Should -Be 413 -Because "$path in chunks"
            (Invoke-Http "$($small.Uri)$path" -Method POST -Body '[1,2,3,4,5]' -ContentType text/plain).Status | Should -Be 413 -Because "$path as text"
        }

        (Invoke-Http "$($small.Uri)text" -Method POST -Body ('x' * 100) -ContentType text/plain).Text | Should -Be '100'
    }

    It 'ends with its client: a form that nobody waits for is read no further' {
        $slow = Open-Server -ThrottleLimit 1
        Register-HttpHandler POST /form { $null = $Request.Form; $Shared.read = $true; 'read' } -Stream -Server $slow
        Register-HttpHandler GET /free { 'free' } -Server $slow
        $connection = Connect-Port $slow.Port
        Write-Connection $connection "POST /form HTTP/1.1`r`nHost: x`r`nContent-Type: application/x-www-form-urlencoded`r`nContent-Length: 1000`r`n`r`nk=v"
        Wait-Until { $slow.ActiveRequests -ge 1 } | Should -BeTrue
        $connection.Dispose()

        (Invoke-Http "$($slow.Uri)free").Text | Should -Be 'free'
        $slow.Shared.read | Should -BeNullOrEmpty
    }
}
