BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
    Set-Content (Join-Path $site 'a.txt') 'a file' -NoNewline
    $null = New-Item -ItemType Directory (Join-Path $site 'folder')
    Set-Content (Join-Path $site 'folder/b.txt') 'b file' -NoNewline
    $script:server = Open-Server -Directory $site

    function Get-Text([string] $Path) {
        (Invoke-Http "$($server.Uri)$Path").Text
    }
}

AfterAll {
    Clear-Session
}

Describe 'The path of a handler' {
    AfterEach {
        Get-HttpHandler | Unregister-HttpHandler
    }

    Context 'patterns' {
        It 'may have {name} for a segment' {
            Register-HttpHandler GET '/items/{id}' { "item $($Request.RouteValues.id)" }

            Get-Text items/7 | Should -Be 'item 7'
            Get-Text items/a%20b | Should -Be 'item a b'
            Get-Text items/a%2Bb+c | Should -Be 'item a+b+c'
            (Invoke-Http "$($server.Uri)items").Status | Should -Be 404
            (Invoke-Http "$($server.Uri)items/7/8").Status | Should -Be 404
        }

        It 'may have several names, and text around them' {
            Register-HttpHandler GET '/{year}-{month}/{name}.json' { "$($Request.RouteValues.year) $($Request.RouteValues.month) $($Request.RouteValues.name)" }

            Get-Text 2026-11/report.json | Should -Be '2026 11 report'
            (Invoke-Http "$($server.Uri)2026/report.json").Status | Should -Be 404
        }

        It 'takes <path> for {value:<constraint>}, and not <other>' -ForEach @(
            @{ constraint = 'int'; path = '-42'; other = '4.2' }
            @{ constraint = 'int'; path = '2147483647'; other = '2147483648' }
            @{ constraint = 'long'; path = '2147483648'; other = 'many' }
            @{ constraint = 'guid'; path = '7d8a1bd1-6df0-4c3f-a2d3-7b7a9ad0a5a1'; other = '7d8a1bd1' }
            @{ constraint = 'bool'; path = 'TRUE'; other = '1' }
            @{ constraint = 'decimal'; path = '4.25'; other = '4,25' }
            @{ constraint = 'datetime'; path = '2026-11-23'; other = 'someday' }
            @{ constraint = 'alpha'; path = 'abc'; other = 'abc1' }
        ) {
            Register-HttpHandler GET "/typed/{value:$constraint}" { "got $($Request.RouteValues.value)" }

            Get-Text "typed/$path" | Should -Be "got $path"
            (Invoke-Http "$($server.Uri)typed/$other").Status | Should -Be 404
        }

        It 'may end in {*rest}, which takes any number of segments' {
            Register-HttpHandler GET '/files/{*rest}' { "[$($Request.RouteValues.rest)]" }

            Get-Text files/a/b%20c/d | Should -Be '[a/b c/d]'
            Get-Text files | Should -Be '[]'
            Get-Text files/ | Should -Be '[]'
        }

        It 'is split at slashes first and decoded then: <path> is <expected>' -ForEach @(
            @{ path = 'job/john%2f117'; expected = 'job john/117 at /job/john/117' }
            @{ path = 'job/john%2F117/objects'; expected = 'objects john/117 at /job/john/117/objects' }
            @{ path = 'rest/a%2Fb/c'; expected = 'rest a/b/c at /rest/a/b/c' }
            @{ path = 'job/%2F'; expected = 'job / at /job//' }
            @{ path = 'job/http%3A%2F%2Fhost%2Fx'; expected = 'job http://host/x at /job/http://host/x' }
            @{ path = 'job/%252F'; expected = 'job %2F at /job/%2F' }
            @{ path = 'job/%FF'; expected = "job $([char]0xfffd) at /job/$([char]0xfffd)" }
            @{ path = 'rest/%C3%BC/%C3'; expected = "rest ü/$([char]0xfffd) at /rest/ü/$([char]0xfffd)" }
            @{ path = 'job/con'; expected = 'job con at /job/con' }
        ) {
            Register-HttpHandler GET '/job/{name}' { "job $($Request.RouteValues.name) at $($Request.Path)" }
            Register-HttpHandler GET '/job/{name}/objects' { "objects $($Request.RouteValues.name) at $($Request.Path)" }
            Register-HttpHandler GET '/rest/{*rest}' { "rest $($Request.RouteValues.rest) at $($Request.Path)" }

            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /$path HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()
            $answer | Should -BeLike 'HTTP/1.1 200*'
            [Text.Encoding]::UTF8.GetString([Text.Encoding]::Latin1.GetBytes(($answer -split "`r`n`r`n", 2)[1])) | Should -BeExactly $expected
        }

        It 'is decoded for handlers of every path too' {
            Register-HttpHandler GET { $Request.Path }
            foreach ($pair in @('/a%20b?c', '/a b'), @('/x%2Fy', '/x/y'), @('/%zz/%41?b', '/%zz/A'), @('/../%41', '/../A')) {
                $connection = Connect-Port $server.Port
                Write-Connection $connection "GET $($pair[0]) HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
                ((Read-Connection $connection) -split "`r`n`r`n", 2)[1] | Should -BeExactly $pair[1]
                $connection.Dispose()
            }
        }

        It 'may have wildcards' {
            Register-HttpHandler GET '/api/*/info' { 'info' }
            Register-HttpHandler GET '/pictures/*.png' { 'picture' }
            Register-HttpHandler GET '/below/*' { 'below' }

            Get-Text api/v1/info | Should -Be 'info'
            Get-Text pictures/x.png | Should -Be 'picture'
            (Invoke-Http "$($server.Uri)pictures/x.gif").Status | Should -Be 404
            Get-Text below/a/b/c | Should -Be 'below'
            (Invoke-Http "$($server.Uri)below").Status | Should -Be 404
        }

        It 'is compared without regard to case, to a slash at the end, and to the query' {
            Register-HttpHandler GET /Some/Path { 'here' }

            Get-Text some/PATH | Should -Be 'here'
            Get-Text Some/Path/ | Should -Be 'here'
            Get-Text 'Some/Path?x=1' | Should -Be 'here'
        }

        It 'is compared with the path as it is decoded and cleaned' {
            Register-HttpHandler GET /a/c { "here $($Request.Path)" }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /a/b/../%63 HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()

            $answer | Should -BeLike '*here /a/c'
        }

        It 'of the root is the root alone' {
            Register-HttpHandler GET / { 'root' }

            Get-Text '' | Should -Be 'root'
            Get-Text a.txt | Should -Be 'a file'
        }

        It 'leaves names in any case, and missing ones null' {
            Register-HttpHandler GET '/it/{Id}' { "$($Request.RouteValues.ID) $($Request.RouteValues['id']) [$($Request.RouteValues.other)]" }

            Get-Text it/7 | Should -Be '7 7 []'
        }
    }

    Context 'the most specific' {
        It 'is the one that answers, whatever the order of registration' {
            $patterns = '/{*all}', '/shop/*', '/shop/{id}', '/shop/{id:int}', '/shop/new', '/shop/{name}.html', '/shop/{id}/edit', '/shop/{*rest}'
            foreach ($order in $patterns, ($patterns[($patterns.Count - 1)..0])) {
                Get-HttpHandler | Unregister-HttpHandler
                foreach ($pattern in $order) { Register-HttpHandler GET $pattern { $using:pattern } }

                Get-Text shop/new | Should -Be '/shop/new'
                Get-Text shop/7 | Should -Be '/shop/{id:int}'
                Get-Text shop/seven | Should -Be '/shop/{id}'
                Get-Text shop/seven.html | Should -Be '/shop/{name}.html'
                Get-Text shop/7/edit | Should -Be '/shop/{id}/edit'
                Get-Text elsewhere/x | Should -Be '/{*all}'
                Get-Text shop | Should -Be '/shop/{*rest}'
            }
        }

        It 'counts only among those that have the method' {
            Register-HttpHandler POST /shop/new { 'specific' }
            Register-HttpHandler GET '/shop/{id}' { "general $($Request.RouteValues.id)" }

            Get-Text shop/new | Should -Be 'general new'
        }
    }

    Context 'another method' {
        BeforeEach {
            Register-HttpHandler GET, PUT '/items/{id}' { 'item' }
            Register-HttpHandler DELETE /items/7 { 'deleted' }
        }

        It 'is answered 405 with Allow' {
            $answer = Invoke-Http "$($server.Uri)items/8" -Method POST

            $answer.Status | Should -Be 405
            ($answer.Headers['Allow'] -split ', ' | Sort-Object) -join ' ' | Should -Be 'GET HEAD OPTIONS PUT'
        }

        It 'is allowed by any pattern of the path' {
            $answer = Invoke-Http "$($server.Uri)items/7" -Method PATCH

            $answer.Status | Should -Be 405
            ($answer.Headers['Allow'] -split ', ' | Sort-Object) -join ' ' | Should -Be 'DELETE GET HEAD OPTIONS PUT'
        }

        It 'is told to OPTIONS' {
            $answer = Invoke-Http "$($server.Uri)items/8" -Method OPTIONS

            $answer.Status | Should -Be 204
            ($answer.Headers['Allow'] -split ', ' | Sort-Object) -join ' ' | Should -Be 'GET HEAD OPTIONS PUT'
        }

        It 'is 405 for GET as well, unless there is a file' {
            Register-HttpHandler POST /only-post { 'posted' }
            Register-HttpHandler POST /a.txt { 'posted' }

            $answer = Invoke-Http "$($server.Uri)only-post"
            $answer.Status | Should -Be 405
            $answer.Headers['Allow'] | Should -BeLike '*POST*'
            Get-Text a.txt | Should -Be 'a file'
            (Invoke-Http "$($server.Uri)a.txt" -Method POST).Text | Should -Be 'posted'
        }

        It 'goes to a handler for every path, if there is one' {
            Register-HttpHandler POST { 'every path' }

            (Invoke-Http "$($server.Uri)items/8" -Method POST).Text | Should -Be 'every path'
        }

        It 'is <status> for <method> of <path>, where other paths have handlers' -ForEach @(
            @{ method = 'POST'; path = 'nothing'; status = 404; allow = $null }
            @{ method = 'DELETE'; path = 'nothing'; status = 404; allow = $null }
            @{ method = 'DELETE'; path = '..%2fx'; status = 404; allow = $null }
            @{ method = 'DELETE'; path = '%zz'; status = 400; allow = $null }
            @{ method = 'POST'; path = 'a.txt'; status = 405; allow = 'GET, HEAD, OPTIONS' }
            @{ method = 'DELETE'; path = 'a.txt'; status = 405; allow = 'GET, HEAD, OPTIONS' }
            @{ method = 'DELETE'; path = ''; status = 405; allow = 'GET, HEAD, OPTIONS' }
            @{ method = 'DELETE'; path = 'a.txt/'; status = 404; allow = $null }
            @{ method = 'DELETE'; path = 'made'; status = 405; allow = 'OPTIONS, POST' }
            @{ method = 'POST'; path = 'gone'; status = 405; allow = 'DELETE, OPTIONS' }
            @{ method = 'BREW'; path = 'nothing'; status = 501; allow = $null }
            @{ method = 'BREW'; path = 'made'; status = 405; allow = 'OPTIONS, POST' }
        ) {
            Register-HttpHandler POST /made { 'made' }
            Register-HttpHandler DELETE /gone { 'gone' }

            $connection = Connect-Port $server.Port
            Write-Connection $connection "$method /$path HTTP/1.1`r`nHost: x`r`nContent-Length: 0`r`nConnection: close`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()
            $answer | Should -Match "^HTTP/1.1 $status "
            ([regex]::Match($answer, 'Allow: (.*?)\r').Groups[1].Value) | Should -Be "$allow"
        }

        It 'is 501 where nobody knows it' {
            (Invoke-Http "$($server.Uri)elsewhere" -Method SPAM).Status | Should -Be 501
        }
    }

    Context 'files' {
        It 'go on beside handlers, with listings, redirects and 404' {
            Register-HttpHandler GET '/items/{id}' { 'item' }

            Get-Text a.txt | Should -Be 'a file'
            Get-Text folder/b.txt | Should -Be 'b file'
            (Invoke-Http "$($server.Uri)folder").Status | Should -Be 301
            Get-Text folder/ | Should -BeLike '*b.txt*'
            (Invoke-Http "$($server.Uri)nothing").Status | Should -Be 404
            (Invoke-Http "$($server.Uri)a.txt" -Method HEAD).Headers['Content-Length'] | Should -Be 6
        }

        It 'come after handlers of their path' {
            Register-HttpHandler GET /a.txt { 'script' }

            Get-Text a.txt | Should -Be 'script'
        }

        It 'are reached by no path that the server refuses, whatever the pattern' {
            Register-HttpHandler GET '/{*all}' { "handler $($Request.Path)" }
            foreach ($path in '/%00', '/a%2F..%2Fb', '/a%2fb/..', '/../../etc/passwd', '/..%2f..%2fetc/passwd') {
                $connection = Connect-Port $server.Port
                Write-Connection $connection "GET $path HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
                $answer = Read-Connection $connection
                $connection.Dispose()
                $answer | Should -Match '^HTTP/1.1 (400|404)' -Because "of $path"
                $answer | Should -Not -Match 'handler|root:'
            }
        }
    }
}
