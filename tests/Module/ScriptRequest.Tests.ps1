BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:server = Open-Server

    # What the handler found is left in $Shared, as the object it is.
    function Get-Seen([scriptblock] $Handler, [hashtable] $Request = @{}, [string] $Target = 'seen') {
        Register-HttpHandler -Method * -Path '/seen/{*rest}' -Force -ScriptBlock $Handler
        $server.Shared.Clear()
        $script:answer = Invoke-Http "$($server.Uri)$Target" @Request
        $server.Shared.seen
    }
}

AfterAll {
    Clear-Session
}

Describe '$Request' {
    It 'has the method, the path and the query' {
        $seen = Get-Seen { $Shared.seen = $Request.Method, $Request.Path, $Request.RawUrl, $Request.QueryString, $Request.Protocol } -Target 'seen/a%20b/%C3%BC?x=1&y=a%26b' -Request @{ Method = 'SPAM' }
        $seen | Should -Be 'SPAM', '/seen/a b/ü', '/seen/a%20b/%C3%BC?x=1&y=a%26b', 'x=1&y=a%26b', 'HTTP/1.1'
    }

    It 'has the query decoded, in any case of the names, with an array for what comes several times' {
        Get-Seen { $Shared.seen = $Request.Query } -Target 'seen?A=1&b=x+y%26z&list=1&list=2&flag'
        $query = $server.Shared.seen
        $query.a, $query.B, $query.flag | Should -Be '1', 'x y&z', ''
        $query.list | Should -Be '1', '2'
    }

    It 'has what clients send raw in a query' -ForEach @(
        @{ Sent = 'filter={"a":1}&q=<b>'; Name = 'filter'; Value = '{"a":1}'; Text = 'filter={"a":1}&q=<b>' }
        @{ Sent = "q=caf$([char]0xc3)$([char]0xa9)"; Name = 'q'; Value = 'café'; Text = 'q=café' }
        @{ Sent = "q=$([char]0xff)"; Name = 'q'; Value = "$([char]0xfffd)"; Text = "q=$([char]0xff)" }
    ) {
        Register-HttpHandler -Method GET -Path '/raw' -Force -ScriptBlock { $Shared.seen = $Request.Query, $Request.QueryString, $Request.RawUrl }
        $server.Shared.Clear()
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /raw?$Sent HTTP/1.1`r`nHost: test`r`nConnection: close`r`n`r`n"
        Read-Connection $connection | Should -BeLike 'HTTP/1.1 204*'
        $connection.Dispose()
        $server.Shared.seen[0][$Name] | Should -BeExactly $Value
        $server.Shared.seen[1] | Should -BeExactly $Text
        $server.Shared.seen[2] | Should -BeExactly "/raw?$Text"
    }

    It 'has the values of the pattern' {
        Register-HttpHandler GET '/items/{id:int}/{name}' { $Shared.seen = $Request.RouteValues.id, $Request.RouteValues['NAME'] }
        $null = Invoke-Http "$($server.Uri)items/42/b%20c"
        $server.Shared.seen | Should -Be '42', 'b c'
    }

    It 'has the headers by name in any case, those that come several times joined' {
        $seen = Get-Seen { $Shared.seen = $Request.Headers['x-OWN'], $Request.Headers.'User-Agent', $Request.UserAgent } -Request @{ Header = @{ 'X-Own' = 'a', 'b'; 'User-Agent' = 'tests' } }
        $seen | Should -Be 'a, b', 'tests', 'tests'
    }

    It 'has the cookies' {
        Get-Seen { $Shared.seen = $Request.Cookies } -Request @{ Header = @{ Cookie = 'a=1; b="two"; c=%C3%BC; a=3' } }
        $server.Shared.seen['a'], $server.Shared.seen['b'], $server.Shared.seen['c'] | Should -Be '1', 'two', 'ü'
    }

    It 'has the client, the host and the id of the log' {
        $seen = Get-Seen { $Shared.seen = "$($Request.RemoteAddress)", $Request.Host, $Request.Id }
        $seen[0, 1] | Should -Be '127.0.0.1', "127.0.0.1:$($server.Port)"
        (Wait-Log $server { $_.RequestId -eq $seen[2] }).Path | Should -Be '/seen'
    }

    It 'is bound to a parameter' {
        Get-Seen { param($Request) $Shared.seen = $Request.Path } | Should -Be '/seen'
        Get-Seen { param($Anything) $Shared.seen = $Anything.Path } | Should -Be '/seen'
        Get-Seen { [CmdletBinding()] param([Parameter(Mandatory)] $Request, $More) $Shared.seen = $Request.Path, ($null -eq $More) } | Should -Be '/seen', $true
    }

    Context 'the body' {
        It 'is text in the encoding that is told, in UTF-8 if none is' -ForEach @(
            @{ Name = 'utf-8'; Type = 'text/plain'; Bytes = [byte[]](0x67, 0xc3, 0xbc) }
            @{ Name = 'latin-1'; Type = 'text/plain; charset="iso-8859-1"'; Bytes = [byte[]](0x67, 0xfc) }
            @{ Name = 'a byte order mark'; Type = 'text/plain'; Bytes = [byte[]](0xef, 0xbb, 0xbf, 0x67, 0xc3, 0xbc) }
            @{ Name = 'UTF-16'; Type = 'text/plain'; Bytes = [byte[]](0xff, 0xfe, 0x67, 0, 0xfc, 0) }
        ) {
            Get-Seen { $Shared.seen = $Request.Body } -Request @{ Method = 'POST'; Body = $Bytes; ContentType = $Type } | Should -BeExactly 'gü'
        }

        It 'is there as bytes' {
            Get-Seen { $Shared.seen = $Request.BodyBytes } -Request @{ Method = 'POST'; Body = [byte[]](0, 1, 255) } | Should -Be ([byte[]](0, 1, 255))
        }

        It 'is empty if there is none' {
            Get-Seen { $Shared.seen = $Request.Body, $Request.Form.Count, $Request.Files.Count, $Request.ContentLength } | Should -Be '', 0, 0, $null
        }

        It 'in an encoding that is unknown or refused is 415 (<charset>, <how>)' -ForEach $(
            foreach ($charset in 'martian', 'utf-7', '"UTF-7"', 'unicode-1-1-utf-7', 'x-unicode-2-0-utf-7', '65000', '') {
                @{ charset = $charset; how = { $Request.Body }; type = 'text/plain' }
                @{ charset = $charset; how = { $Request.Json }; type = 'application/json' }
                @{ charset = $charset; how = { $Request.Form }; type = 'application/x-www-form-urlencoded' }
            }
        ) {
            Get-Seen $how -Request @{ Method = 'POST'; Body = '1'; ContentType = "$type; charset=$charset" }
            $answer.Status | Should -Be 415
        }

        It 'is objects if it is JSON' {
            Get-Seen { $Shared.seen = $Request.Json } -Request @{ Method = 'PUT'; Body = '{"name":"n","list":[1,2]}'; ContentType = 'application/json' }
            $server.Shared.seen.name, $server.Shared.seen.list.Count | Should -Be 'n', 2
        }

        It 'is one array if it is a JSON array' {
            Get-Seen { $Shared.seen = $Request.Json.Count } -Request @{ Method = 'PUT'; Body = '[{"a":1}]' } | Should -Be 1
        }

        It 'is tables that keep the order and the case of the names' {
            Get-Seen { $Shared.seen = @($Request.Json.Keys), $Request.Json.Id, $Request.Json.id, $Request.Json.'', $Request.Json['ID'], @(foreach ($row in $Request.Json.rows) { $row.n }) } -Request @{
                Method = 'POST'; Body = '{"rows":[{"n":1},{"n":2}],"Id":1,"id":2,"":3}'
            }
            $seen = $server.Shared.seen
            $seen[0] | Should -BeExactly 'rows', 'Id', 'id', ''
            $seen[1..4] | Should -Be 1, 2, 3, $null
            $seen[5] | Should -Be 1, 2
        }

        It 'is numbers, dates and text as ConvertFrom-Json gives them' {
            Get-Seen { $Shared.seen = $Request.Json | ForEach-Object { $null -eq $_ ? 'null' : $_.GetType().Name } } -Request @{
                Method = 'POST'; Body = '[1,12345678901234567890,1.0,"2020-01-02T03:04:05Z","2020-01-02",true,null]'
            }
            $server.Shared.seen | Should -Be Int64, BigInteger, Double, DateTime, String, Boolean, null
        }

        It 'is sent back as it came' {
            $json = '{"Id":1,"id":[1,2.5,{"":null}],"text":"grün 😀","date":"2020-01-02T03:04:05Z"}'
            $null = Get-Seen { $Request.Json } -Request @{ Method = 'POST'; Body = $json }
            $answer.Text | Should -BeExactly $json
            $deep = ('[' * 1100) + (']' * 1100)
            $null = Get-Seen { , $Request.Json } -Request @{ Method = 'POST'; Body = $deep }
            $answer.Text | Should -BeExactly $deep
        }

        It 'is JSON in another encoding too, if it is told (<Name>)' -ForEach @(
            @{ Name = 'latin-1'; Type = 'application/json; charset=iso-8859-1'; Bytes = [Text.Encoding]::Latin1.GetBytes('["ü"]') }
            @{ Name = 'UTF-8 with a mark'; Type = 'application/json'; Bytes = [byte[]]((0xef, 0xbb, 0xbf) + [Text.Encoding]::UTF8.GetBytes('["ü"]')) }
            @{ Name = 'UTF-16 with a mark'; Type = 'application/json'; Bytes = [byte[]]((0xff, 0xfe) + [Text.Encoding]::Unicode.GetBytes('["ü"]')) }
            @{ Name = 'UTF-16'; Type = 'application/json; charset=utf-16'; Bytes = [Text.Encoding]::Unicode.GetBytes('["ü"]') }
        ) {
            Get-Seen { $Shared.seen = $Request.Json[0] } -Request @{ Method = 'POST'; Body = $Bytes; ContentType = $Type } | Should -BeExactly 'ü'
        }

        It 'that is no JSON is 400 with the position, and no error of the server (<Body>)' -ForEach @(
            @{ Body = '{"name":'; Told = 'not JSON: line 1, column 9' }
            @{ Body = "{`n  'name': 1 }"; Told = 'not JSON: line 2, column 3' }
            @{ Body = 'name=value'; Told = 'not JSON: line 1, column 2' }
            @{ Body = $null; Told = 'empty' }
            @{ Body = " `r`n"; Told = 'empty' }
            @{ Body = [byte[]](0x22, 0xff, 0x22); Told = 'not UTF-8: line 1, column 1' }
        ) {
            Get-Seen { $Request.Json.name; $Shared.after = $true } -Request @{ Method = 'PUT'; Body = $Body }
            $answer.Status | Should -Be 400
            $answer.Text | Should -BeLike "*$Told*"
            $server.Shared.after | Should -BeNullOrEmpty
        }

        It 'that is null in JSON is null' {
            Get-Seen { $Shared.seen = $null -eq $Request.Json } -Request @{ Method = 'POST'; Body = 'null' } | Should -BeTrue
            $answer.Status | Should -Be 204
        }
    }

    Context 'a form' {
        It 'has its fields' {
            Get-Seen { $Shared.seen = $Request.Form } -Request @{ Method = 'POST'; Body = 'name=J%C3%BCrgen+M&tag=a&tag=b'; ContentType = 'application/x-www-form-urlencoded' }
            $server.Shared.seen.name | Should -Be 'Jürgen M'
            $server.Shared.seen.tag | Should -Be 'a', 'b'
        }

        It 'of several parts has fields and files, which last as long as the request' {
            $form = [System.Net.Http.MultipartFormDataContent]::new()
            $form.Add([System.Net.Http.StringContent]::new('Jürgen'), 'name')
            $form.Add([System.Net.Http.ByteArrayContent]::new([byte[]]::new(300000)), 'upload', 'big.bin')
            $none = [System.Net.Http.ByteArrayContent]::new([byte[]]@())
            $none.Headers.TryAddWithoutValidation('Content-Disposition', 'form-data; name="none"; filename=""')
            $form.Add($none)
            $seen = Get-Seen {
                $file = $Request.Files[0]
                $copy = Join-Path ([IO.Path]::GetTempPath()) "copy-$([guid]::NewGuid())"
                $file.SaveAs($copy)
                $Shared.seen = $Request.Form.name, $file.Name, $file.FileName, $file.Length, $file.Path, (Test-Path $file.Path), (Get-Item $copy).Length, $Request.Files.Count
                Remove-Item $copy
            } -Request @{ Method = 'POST'; Body = $form }
            $seen[0..3] | Should -Be 'Jürgen', 'upload', 'big.bin', 300000
            $seen[5, 6, 7] | Should -Be $true, 300000, 1
            Wait-Until { -not (Test-Path $seen[4]) } | Should -BeTrue
        }

        It 'is read as curl sends it' {
            $curl = Find-Tool curl
            if (-not $curl) { Set-ItResult -Skipped -Because 'it needs curl: install curl' }
            $path = Join-Path $TestDrive 'a "quoted" name.txt'
            Set-Content $path 'content' -NoNewline
            Register-HttpHandler POST /curl -Force { "$($Request.Form.who) $($Request.Files[0].FileName) $([IO.File]::ReadAllText($Request.Files[0].Path))" }
            & $curl -s -F 'who=me' -F "file=@`"$($path.Replace('"', '\"'))`"" "$($server.Uri)curl" | Should -Be 'me a "quoted" name.txt content'
        }

        It 'that breaks off is 400' {
            Get-Seen { $Request.Files.Count } -Request @{ Method = 'POST'; Body = "--b`r`nContent-Disposition: form-data; name=`"a`"`r`n`r`nhalf"; ContentType = 'multipart/form-data; boundary=b' }
            $answer.Status | Should -Be 400
        }
    }

    It 'is not there for the next request' {
        Get-Seen { $Shared.seen = $Request.Query.a } -Target 'seen?a=1' | Should -Be '1'
        Get-Seen { $Shared.seen = "[$($Request.Query.a)]" } | Should -Be '[]'
    }
}
