BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:file = Join-Path $TestDrive 'report.csv'
    Set-Content $file 'a,b,c' -NoNewline
    $script:server = Open-Server
    $server.Shared.file = $file

    function Get-Answer([scriptblock] $Handler, [hashtable] $Header = @{}) {
        Register-HttpHandler GET /answer -ScriptBlock $Handler -Force
        Invoke-Http "$($server.Uri)answer" -Header $Header
    }
}

AfterAll {
    Clear-Session
}

Describe '$Response' {
    It 'sets the status, for output and for none' {
        $answer = Get-Answer { $Response.StatusCode = 201; @{ id = 7 } }
        $answer.Status, $answer.Text | Should -Be 201, '{"id":7}'
        $answer = Get-Answer { $Response.StatusCode = 404 }
        $answer.Status, $answer.Headers['Content-Length'] | Should -Be 404, 0
    }

    It 'sets the reason phrase' {
        $answer = Get-Answer { $Response.StatusCode = 299; $Response.StatusDescription = 'Fine'; 'x' }
        $answer.Status, $answer.Reason | Should -Be 299, 'Fine'
    }

    It 'refuses a status that is none' {
        (Get-Answer { $Response.StatusCode = 42 }).Status | Should -Be 500
        (Wait-Log $server { $_.Message -like '*from 200 to 999*' }).Count | Should -BeGreaterThan 0
    }

    It 'sets headers, one each for a list, and dates in the form of HTTP' {
        $answer = Get-Answer {
            $Response.Headers['X-One'] = 1
            $Response.Headers.'X-List' = 'a', 'b'
            $Response.Headers['Expires'] = [datetimeoffset] '2026-11-23T09:30:00Z'
            'x'
        }
        $answer.Headers['X-One'], $answer.Headers['X-List'], $answer.Headers['Expires'] | Should -Be '1', 'a, b', 'Mon, 23 Nov 2026 09:30:00 GMT'
    }

    It 'sets headers beside an answer that is sent through $this' {
        (Get-Answer { $Response.Headers['X-Own'] = 'yes'; $this.SendText('x') }).Headers['X-Own'] | Should -Be 'yes'
    }

    It 'does not let a header break the answer' {
        $answer = Get-Answer { $Response.Headers['X-Own'] = "a`r`nSet-Cookie: evil=1"; 'x' }
        $answer.Status | Should -Be 500
        $answer.Headers.Keys | Should -Not -Contain 'Set-Cookie'
    }

    It 'sets the Content-Type, before the one of the registration' {
        Register-HttpHandler GET /typed -ContentType text/html { $Response.ContentType = 'text/csv'; 'a,b' }
        (Invoke-Http "$($server.Uri)typed").Type | Should -Be 'text/csv; charset=utf-8'
    }

    It 'sets cookies that are safe unless told otherwise' {
        (Get-Answer { $Response.SetCookie('id', 'a;b c'); 'x' }).Headers['Set-Cookie'] | Should -BeExactly 'id=a%3Bb%20c; Path=/; HttpOnly; SameSite=Lax'
        (Get-Answer { $Response.SetCookie('id', '1', @{ Path = '/app'; MaxAge = [timespan]::FromHours(1); Secure = $true; HttpOnly = $false; SameSite = 'Strict' }); 'x' }).Headers['Set-Cookie'] |
            Should -BeExactly 'id=1; Path=/app; Max-Age=3600; Secure; SameSite=Strict'
        (Get-Answer { $Response.SetCookie('id', '', @{ Expires = [datetimeoffset]'2026-11-23T00:00:00Z' }); 'x' }).Headers['Set-Cookie'] | Should -BeLike '*; Expires=Mon, 23 Nov 2026 00:00:00 GMT;*'
    }

    It 'refuses a cookie that is none' -ForEach @(
        @{ Handler = { $Response.SetCookie('a b', 'x') } }
        @{ Handler = { $Response.SetCookie('a', 'x', @{ Pth = '/' }) } }
        @{ Handler = { $Response.SetCookie('a', 'x', @{ Path = "/`r`nX-Evil: 1" }) } }
    ) {
        $answer = Get-Answer $Handler
        $answer.Status | Should -Be 500
        $answer.Headers.Keys | Should -Not -Contain 'X-Evil'
        $answer.Headers.Keys | Should -Not -Contain 'Set-Cookie'
    }

    It 'redirects' {
        $answer = Get-Answer { $Response.Redirect('/other place?ü=1') }
        $answer.Status, $answer.Headers['Location'] | Should -Be 302, '/other%20place?%C3%BC=1'
        (Get-Answer { $Response.Redirect('https://example.com/', 308) }).Status | Should -Be 308
        (Get-Answer { $Response.Redirect('/x', 200) }).Status | Should -Be 500
    }

    It 'sends a file with type, validators and ranges, by an absolute or a relative path' {
        $answer = Get-Answer { $Response.SendFile($Shared.file) }
        $answer.Status, $answer.Type, $answer.Text | Should -Be 200, 'text/csv; charset=utf-8', 'a,b,c'
        (Get-Answer { $Response.SendFile($Shared.file) } -Header @{ 'If-None-Match' = $answer.Headers['ETag'] }).Status | Should -Be 304
        $part = Get-Answer { $Response.SendFile($Shared.file, 'text/x-own') } -Header @{ Range = 'bytes=2-2' }
        $part.Status, $part.Type, $part.Text | Should -Be 206, 'text/x-own', 'b'
        (Get-Answer { Set-Location (Split-Path $Shared.file); $Response.SendFile('report.csv') }).Text | Should -Be 'a,b,c'
    }

    It 'sends a file compressed, but as it is under a coding or validator that the script names' {
        $long = 'a,b,c' * 1000
        $Shared = $server.Shared
        $Shared.long = Join-Path $TestDrive 'long.csv'
        Set-Content -Path $Shared.long -Value $long -NoNewline
        $gzip = @{ 'Accept-Encoding' = 'gzip' }
        foreach ($handler in { $Response.SendFile($Shared.long) }, { Get-Item $Shared.long | Send-HttpFile }, { $this.SendFileAsync($Shared.long) }) {
            $answer = Get-Answer $handler -Header $gzip
            $answer.Headers['Content-Encoding'], $answer.Headers['Vary'] | Should -Be 'gzip', 'Accept-Encoding'
        }

        foreach ($name in 'ETag', 'Content-Encoding') {
            $value = if ($name -eq 'ETag') { '"mine"' } else { 'x-own' }
            $Shared.name, $Shared.value = $name, $value
            foreach ($handler in { $Response.Headers[$Shared.name] = $Shared.value; $Response.SendFile($Shared.long) },
                { $Response.Headers[$Shared.name] = $Shared.value; Get-Item $Shared.long | Send-HttpFile }) {
                $answer = Get-Answer $handler -Header $gzip
                $answer.Text | Should -Be $long
                $answer.Headers[$name] | Should -BeLike "*$value"
            }
        }

        (Get-Answer { $Response.SendFile($Shared.long) } -Header $gzip).Headers['Content-Encoding'] | Should -Be 'gzip'
    }

    It 'sends a file with a status of its own' {
        $answer = Get-Answer { $Response.StatusCode = 404; $Response.SendFile($Shared.file) }
        $answer.Status, $answer.Text | Should -Be 404, 'a,b,c'
    }

    It 'answers 404 for a file that is not there' {
        (Get-Answer { $Response.SendFile('/no/such/file') }).Status | Should -Be 404
    }

    It 'leaves out a reason phrase beyond Latin-1' {
        $answer = Get-Answer { $Response.StatusCode = 202; $Response.StatusDescription = "$([char]0x65e5)"; 'x' }
        $answer.Status, $answer.Reason, $answer.Text | Should -Be 202, 'Accepted', 'x'
    }

    It 'encodes text beyond Latin-1 where that is defined: <name>' -ForEach @(
        @{ name = 'Location'; value = "/$([char]0x20ac)"; sent = '/%E2%82%AC' }
        @{ name = 'Content-Disposition'; value = "attachment; filename=`"$([char]0x20ac).txt`""; sent = 'attachment; filename="_.txt"; filename*=UTF-8\u0027\u0027%E2%82%AC.txt' }
    ) {
        $server.Shared.name, $server.Shared.value = $name, $value
        (Get-Answer { $Response.Headers[$Shared.name] = $Shared.value; 'x' }).Headers[$name] | Should -Be ([regex]::Unescape($sent))
        (Get-Answer { $this.SendResponse(200); $this.SendHeader($Shared.name, $Shared.value); $this.SendHeader('Content-Length', '0'); $this.EndHeaders() }).Headers[$name] |
            Should -Be ([regex]::Unescape($sent))
    }

    It 'refuses what no header can hold at the line that sets it' -ForEach @(
        @{ Handler = { $null = 1; $Response.Headers['X-Own'] = "$([char]0x20ac)" }; Message = '*X-Own*beyond Latin-1*' }
        @{ Handler = { $Response.Headers.'X-Own' = "$([char]0x20ac)" }; Message = '*X-Own*beyond Latin-1*' }
        @{ Handler = { $Response.Headers.Add('X-Own', "$([char]0x20ac)") }; Message = '*X-Own*beyond Latin-1*' }
        @{ Handler = { $Response.Headers['X-Own'] = 'a', "$([char]0x20ac)" }; Message = '*X-Own*beyond Latin-1*' }
        @{ Handler = { $Response.Headers['X-Own'] = "a`r`nb" }; Message = '*X-Own*control character*' }
        @{ Handler = { $Response.Headers['X Own'] = 'a' }; Message = "*'X Own'*" }
        @{ Handler = { $Response.ContentType = "text/$([char]0x20ac)" }; Message = '*Content-Type*beyond Latin-1*' }
        @{ Handler = { $Response.StatusDescription = "a`nb" }; Message = '*control character*' }
        @{ Handler = { $this.SendResponse(200); $this.SendHeader('X-Own', "$([char]0x20ac)") }; Message = '*X-Own*beyond Latin-1*' }
    ) {
        (Get-Answer $Handler).Status | Should -Be 500
        $null = Wait-Log $server { $_.Message -like $Message }
    }

    It 'leaves nothing for an error page or for the next request of the connection' {
        Register-HttpHandler GET /fail { $Response.SetCookie('secret', '1'); $Response.Headers['X-Own'] = '1'; throw 'no' }
        Register-HttpHandler GET /set { $Response.SetCookie('secret', '1'); 'x' }
        (Invoke-Http "$($server.Uri)fail").Headers.Keys | Should -Not -Contain 'Set-Cookie'
        $connection = Connect-Port $server.Port
        try {
            Write-Connection $connection "GET /set HTTP/1.1`r`nHost: x`r`n`r`n"
            Read-Connection $connection "`r`n`r`nx" | Should -Match 'Set-Cookie: secret'
            Write-Connection $connection "GET /`0 HTTP/1.1`r`nHost: x`r`n`r`n"
            $refusal = Read-Connection $connection
            $refusal | Should -Match '^HTTP/1.1 400'
            $refusal | Should -Not -Match 'Set-Cookie'
        }
        finally {
            $connection.Dispose()
        }
    }
}
