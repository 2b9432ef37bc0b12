BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    Set-Content (Join-Path $TestDrive 'a.txt') 'a file' -NoNewline
}

Describe 'A path without quotes' {
    It 'is an error that says to quote it: <_>' -ForEach @(
        'Register-HttpHandler GET /a/{id} { 1 }', 'Register-HttpHandler GET /a/{id}', 'Register-HttpHandler GET {id} { 1 }'
        'Register-HttpHandler GET /{id}/b { 1 }', 'Register-HttpHandler GET /a-{id} { 1 }', 'Register-HttpHandler GET /a/{id}/{b} { 1 }'
        'Register-HttpHandler GET -Path /a/{id} -ScriptBlock { 1 }', 'Register-HttpHandler -Method GET, POST -Path /a/{id} { 1 }'
    ) {
        $before = @(Get-HttpHandler).Count
        $failure = Get-Failure ([scriptblock]::Create($_))
        $failure.Message | Should -BeLike '*quotes*'
        @(Get-HttpHandler).Count | Should -Be $before
    }

    It 'is none for other blocks: <_>' -ForEach @(
        'Register-HttpHandler GET { 1 } -PassThru', "Register-HttpHandler GET '/a/{id}'{ 1 } -PassThru", "Register-HttpHandler GET '/a/{id}' -ScriptBlock:{ 1 } -PassThru"
        "`$block={ 1 };Register-HttpHandler GET '/a' `$block -PassThru", "Register-HttpHandler GET /a ({ 1 }) -PassThru"
    ) {
        $handler = & ([scriptblock]::Create($_))
        $handler | Should -Not -BeNullOrEmpty
        $handler | Unregister-HttpHandler
    }

    It 'is no excuse for what no parameter takes' {
        (Get-Failure { Register-HttpHandler GET /a { 1 } other }).Message | Should -BeLike "*'other'*"
        (Get-Failure { Register-HttpHandler GET /a { 1 } -Other }).Message | Should -BeLike "*'-Other'*"
    }
}

Describe 'Register-HttpHandler' {
    AfterEach {
        Clear-Session
    }

    Context 'methods' {
        It 'takes any verb, also an invented one' -ForEach 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'SPAM', 'X-BREW' {
            $server = Open-Server
            Register-HttpHandler $_ /it { "$($Request.Method) it" }

            (Invoke-Http "$($server.Uri)it" -Method $_).Text | Should -Be "$_ it"
        }

        It 'takes several at once' {
            $server = Open-Server
            Register-HttpHandler GET, PUT, SPAM /it { $Request.Method }

            'GET', 'PUT', 'SPAM' | ForEach-Object { (Invoke-Http "$($server.Uri)it" -Method $_).Text | Should -Be $_ }
            (Invoke-Http "$($server.Uri)it" -Method POST).Status | Should -Be 405
        }

        It 'takes * for all' {
            $server = Open-Server
            Register-HttpHandler * /it { $Request.Method }

            'GET', 'DELETE', 'SPAM' | ForEach-Object { (Invoke-Http "$($server.Uri)it" -Method $_).Text | Should -Be $_ }
        }

        It 'prefers the handler of the very method to the one for all' {
            $server = Open-Server
            Register-HttpHandler * /it { 'all' }
            Register-HttpHandler PUT /it { 'put' }

            (Invoke-Http "$($server.Uri)it" -Method PUT).Text | Should -Be 'put'
            (Invoke-Http "$($server.Uri)it" -Method SPAM).Text | Should -Be 'all'
        }

        It 'makes capitals of small letters, as people write them' {
            $server = Open-Server
            Register-HttpHandler get, post /it { $Request.Method }

            (Invoke-Http "$($server.Uri)it").Text | Should -Be 'GET'
            (Get-HttpHandler).Method | Should -BeExactly 'GET', 'POST'
        }

        It 'runs the handler of GET for HEAD, and sends no body' {
            $server = Open-Server
            Register-HttpHandler GET /it { $Shared.seen = $this.Command; 'twelve bytes' }
            $connection = Connect-Port $server.Port
            Write-Connection $connection "HEAD /it HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()

            $answer | Should -BeLike "HTTP/1.1 200 OK*Content-Length: 12*`r`n`r`n"
            $server.Shared.seen | Should -Be 'HEAD'
        }

        It 'prefers a handler for HEAD itself' {
            $server = Open-Server
            Register-HttpHandler GET /it { 'get' }
            Register-HttpHandler HEAD /it { $Response.Headers['X-Head'] = '1' }

            (Invoke-Http "$($server.Uri)it" -Method HEAD).Headers['X-Head'] | Should -Be '1'
        }

        It 'refuses the method <_>' -ForEach 'G T', 'GET/', 'GÉT', "G`nET" {
            $failure = Get-Failure { Register-HttpHandler $_ /it { } }

            $failure.Id | Should -Be 'MethodInvalid'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Message | Should -BeLike "*GET*"
            Get-HttpHandler | Should -BeNullOrEmpty
        }
    }

    Context 'without -Path' {
        It 'answers the method at every path, as the Do<Method> of the server' {
            $server = Open-Server -Directory $TestDrive
            Register-HttpHandler POST { $this.SendResponse(200); $this.EndHeaders(); $this.Rfile.CopyTo($this.Wfile) }

            (Invoke-Http "$($server.Uri)some/where" -Method POST -Body 'echo').Text | Should -Be 'echo'
            (Invoke-Http $server.Uri -Method POST -Body 'echo').Text | Should -Be 'echo'
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'takes the scriptblock by position or by name' {
            $server = Open-Server
            Register-HttpHandler -Method PUT -ScriptBlock { 'by name' }
            Register-HttpHandler -Method SPAM { 'by position' }

            (Invoke-Http $server.Uri -Method PUT).Text | Should -Be 'by name'
            (Invoke-Http $server.Uri -Method SPAM).Text | Should -Be 'by position'
        }

        It 'comes after the handlers with a path' {
            $server = Open-Server
            Register-HttpHandler GET { 'every' }
            Register-HttpHandler GET /one { 'one' }

            (Invoke-Http "$($server.Uri)one").Text | Should -Be 'one'
            (Invoke-Http "$($server.Uri)two").Text | Should -Be 'every'
        }
    }

    Context 'servers' {
        It 'works before the start, for all servers' {
            Register-HttpHandler GET /early { 'early' }
            $one, $two = (Open-Server), (Open-Server)

            (Invoke-Http "$($one.Uri)early").Text | Should -Be 'early'
            (Invoke-Http "$($two.Uri)early").Text | Should -Be 'early'
        }

        It 'works after the start, for all servers, later ones too' {
            $one = Open-Server
            Register-HttpHandler GET /late { 'late' }
            $two = Open-Server

            (Invoke-Http "$($one.Uri)late").Text | Should -Be 'late'
            (Invoke-Http "$($two.Uri)late").Text | Should -Be 'late'
        }

        It 'works for one server, given as <how>' -ForEach @(
            @{ how = 'an object'; pick = { param($server) $server } }
            @{ how = 'a name'; pick = { param($server) $server.Name } }
            @{ how = 'a number'; pick = { param($server) $server.Id } }
        ) {
            $one, $two = (Open-Server), (Open-Server)
            Register-HttpHandler GET /own { 'own' } -Server (& $pick $one)

            (Invoke-Http "$($one.Uri)own").Text | Should -Be 'own'
            (Invoke-Http "$($two.Uri)own").Status | Should -Be 404
        }

        It 'works for servers by the pipeline' {
            $one, $two, $other = (Open-Server), (Open-Server), (Open-Server)
            $one, $two | Register-HttpHandler GET /own { 'own' }

            (Invoke-Http "$($one.Uri)own").Text | Should -Be 'own'
            (Invoke-Http "$($two.Uri)own").Text | Should -Be 'own'
            (Invoke-Http "$($other.Uri)own").Status | Should -Be 404
        }

        It 'prefers the handler of the server to the one for all' {
            $one, $two = (Open-Server), (Open-Server)
            Register-HttpHandler GET /it { 'for all' }
            Register-HttpHandler GET /it { 'for one' } -Server $one

            (Invoke-Http "$($one.Uri)it").Text | Should -Be 'for one'
            (Invoke-Http "$($two.Uri)it").Text | Should -Be 'for all'
        }

        It 'refuses a server that has been stopped, and says what helps' {
            $server = Open-Server
            $server | Stop-HttpServer
            $failure = Get-Failure { Register-HttpHandler GET /it { } -Server $server }

            $failure.Id | Should -Be 'ServerStopped'
            $failure.Category | Should -Be 'InvalidOperation'
            $failure.Message | Should -BeLike "*$($server.Name)*Restart-HttpServer*"
            $failure.IsTerminating | Should -BeTrue
            Get-HttpHandler | Should -BeNullOrEmpty
        }

        It 'refuses a server that there is not: <_>' -ForEach 'Nobody', 123456 {
            $failure = Get-Failure { Register-HttpHandler GET /it { } -Server $_ }

            $failure.Id | Should -Be 'ServerNotFound'
            $failure.Category | Should -Be 'ObjectNotFound'
            $failure.Message | Should -BeLike "*'$_'*Get-HttpServer*"
        }
    }

    Context 'the same method and path twice' {
        It 'is an error that names the one that is there' {
            Register-HttpHandler GET /it { 'old' } -Name First
            $failure = Get-Failure { Register-HttpHandler GET /it { 'new' } }

            $failure.Id | Should -Be 'HandlerExists'
            $failure.Category | Should -Be 'ResourceExists'
            $failure.Message | Should -BeLike '*GET /it*First*-Force*'
            $failure.IsTerminating | Should -BeTrue
            @(Get-HttpHandler).Count | Should -Be 1
        }

        It 'is an error for <one> and <two>' -ForEach @(
            @{ one = '/it'; two = '/IT/' }
            @{ one = '/items/{id}'; two = '/items/{name}' }
            @{ one = '/items/{*rest}'; two = '/items/{*all}' }
            @{ one = $null; two = $null }
        ) {
            Register-HttpHandler -Method GET, POST -Path $one -ScriptBlock { }

            (Get-Failure { Register-HttpHandler -Method POST -Path $two -ScriptBlock { } }).Id | Should -Be 'HandlerExists'
        }

        It 'is none for another method, another constraint, or another server' {
            $server = Open-Server
            Register-HttpHandler GET '/items/{id}' { 'any' }
            Register-HttpHandler POST '/items/{id}' { 'post' }
            Register-HttpHandler GET '/items/{id:int}' { 'number' }
            Register-HttpHandler GET '/items/{id}' { 'own' } -Server $server

            @(Get-HttpHandler).Count | Should -Be 4
        }

        It 'takes the place of the first with -Force' {
            $server = Open-Server
            Register-HttpHandler GET /it { 'old' }
            (Invoke-Http "$($server.Uri)it").Text | Should -Be 'old'
            Register-HttpHandler GET /it { 'new' } -Force

            (Invoke-Http "$($server.Uri)it").Text | Should -Be 'new'
            @(Get-HttpHandler).Count | Should -Be 1
        }

        It 'takes only the methods in common with -Force' {
            $server = Open-Server
            Register-HttpHandler GET, PUT /it { 'old' }
            Register-HttpHandler PUT, PATCH /it { 'new' } -Force

            (Invoke-Http "$($server.Uri)it").Text | Should -Be 'old'
            (Invoke-Http "$($server.Uri)it" -Method PUT).Text | Should -Be 'new'
        }
    }

    Context 'what the handler is made of' {
        It 'is put out with -PassThru alone' {
            Register-HttpHandler GET /one { } | Should -BeNullOrEmpty
            $handler = Register-HttpHandler GET, PUT '/items/{id}' { 'x' } -Name Items -ContentType text/html -ThrottleLimit 3 -PassThru

            $handler | Should -BeOfType 'Http.Server.PowerShell.HttpHandler'
            $handler.Name | Should -Be 'Items'
            $handler.Method | Should -Be 'GET', 'PUT'
            $handler.Path | Should -Be '/items/{id}'
            "$($handler.ScriptBlock)".Trim() | Should -Be "'x'"
            $handler.Server | Should -BeNullOrEmpty
            $handler.ContentType | Should -Be 'text/html'
            $handler.ThrottleLimit | Should -Be 3
            $handler.Calls | Should -Be 0
            $handler.Id | Should -BeGreaterThan 0
        }

        It 'sends its output with -ContentType' {
            $server = Open-Server
            Register-HttpHandler GET /page { '<p>ü</p>' } -ContentType text/html
            Register-HttpHandler GET /latin { 'ü' } -ContentType 'text/plain; charset=iso-8859-1'
            Register-HttpHandler GET /image { , [byte[]](1, 2) } -ContentType image/png
            Register-HttpHandler GET /data { @{ a = 1 } } -ContentType application/problem+json

            (Invoke-Http "$($server.Uri)page").Type | Should -Be 'text/html; charset=utf-8'
            (Invoke-Http "$($server.Uri)latin").Bytes | Should -Be 0xfc
            (Invoke-Http "$($server.Uri)image").Type | Should -Be 'image/png'
            $data = Invoke-Http "$($server.Uri)data"
            $data.Type | Should -BeLike 'application/problem+json*'
            $data.Text | Should -Be '{"a":1}'
        }

        It 'answers no more requests at once than -ThrottleLimit, and the others in turn' {
            $server = Open-Server -ThrottleLimit 8
            Register-HttpHandler GET /narrow {
                [Threading.Monitor]::Enter($Shared.SyncRoot)
                try { $Shared.now++; $Shared.most = [Math]::Max($Shared.now, $Shared.most) } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
                Start-Sleep -Milliseconds 20
                [Threading.Monitor]::Enter($Shared.SyncRoot)
                try { $Shared.now-- } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
            } -ThrottleLimit 2
            Register-HttpHandler GET /wide { 'wide' }
            $server.Shared.now = $server.Shared.most = 0
            $narrow = 1..10 | ForEach-Object { Send-Request "$($server.Uri)narrow" }
            # Others are not held up.
            (Invoke-Http "$($server.Uri)wide").Text | Should -Be 'wide'

            $narrow | Receive-Answer | ForEach-Object { $_.Status | Should -Be 204 }
            $server.Shared.most | Should -Be 2
        }

        It 'may be a function, a filter or a script file' {
            $server = Open-Server
            function Get-Page($Request) { "page $($Request.Path)" }
            filter Get-Filtered { 'filtered' }
            $file = Join-Path $TestDrive 'handler.ps1'
            Set-Content $file @'
#requires -Version 7
using namespace System.Text
param($Request)
class Shout { [string] $Text; [string] ToString() { return $this.Text.ToUpper() } }
function Get-Greeting { [StringBuilder]::new('hello').ToString() }
"$([Shout]@{ Text = Get-Greeting }) $($Request.Path) $(Split-Path $PSScriptRoot -Leaf) $('StringBuilder' -as [type])"
'@
            Register-HttpHandler GET /function ${function:Get-Page}
            Register-HttpHandler GET /filter ${function:Get-Filtered}
            Register-HttpHandler GET /file -FilePath $file

            (Invoke-Http "$($server.Uri)function").Text | Should -Be 'page /function'
            (Invoke-Http "$($server.Uri)filter").Text | Should -Be 'filtered'
            (Invoke-Http "$($server.Uri)file").Text | Should -Be "HELLO /file $(Split-Path $TestDrive -Leaf) System.Text.StringBuilder"
        }

        It 'may have begin, process, end and clean blocks' {
            $server = Open-Server
            Register-HttpHandler GET /blocks {
                param($Request)
                begin { 'begin' }
                process { 'process' }
                end { "end $($Request.Path)" }
                clean { $Shared.cleaned = $true }
            }

            (Invoke-Http "$($server.Uri)blocks").Text | Should -Be "begin`nprocess`nend /blocks"
            $server.Shared.cleaned | Should -BeTrue
        }

        It 'is what it was at registration, whatever becomes of the variable that held it' {
            $server = Open-Server
            $block = { 'first' }
            Register-HttpHandler GET /it $block
            $block = { 'second' }

            (Invoke-Http "$($server.Uri)it").Text | Should -Be 'first'
            "$block".Trim() | Should -Be "'second'"
        }
    }

    Context 'what can go wrong' {
        It 'refuses the pattern <_>, and says what to write' -ForEach 'items', '/{id', '/{id:color}', '/{a}/{a}', '/x?y', '/{*all}/x' {
            $failure = Get-Failure { Register-HttpHandler GET $_ { } }

            $failure.Id | Should -Be 'PatternInvalid'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Message | Should -BeLike "The pattern '$([WildcardPattern]::Escape($_))'*:*"
            Get-HttpHandler | Should -BeNullOrEmpty
        }

        It 'says that there is no scriptblock' {
            $failure = Get-Failure { Register-HttpHandler GET /it }

            $failure.Id | Should -Be 'ScriptBlockMissing'
            $failure.Message | Should -BeLike '*Register-HttpHandler GET /path {*'
        }

        It 'says where a script does not parse' {
            $file = Join-Path $TestDrive 'broken.ps1'
            Set-Content $file "'fine'`nif ("
            $failure = Get-Failure { Register-HttpHandler GET /it -FilePath $file }

            $failure.Id | Should -Be 'ScriptNotParsed'
            $failure.Category | Should -Be 'ParserError'
            $failure.Message | Should -BeLike '*broken.ps1*line 2*'
            $failure.IsTerminating | Should -BeTrue
        }

        It 'says that there is no such script' {
            $failure = Get-Failure { Register-HttpHandler GET /it -FilePath (Join-Path $TestDrive 'nowhere.ps1') }

            $failure.Id | Should -Be 'ScriptNotFound'
            $failure.Message | Should -BeLike '*nowhere.ps1*-FilePath*'
        }

        It 'refuses scriptblock and file together' {
            (Get-Failure { Register-HttpHandler GET /it { } -FilePath x.ps1 }).Id | Should -Be 'ScriptBlockAndFile'
        }

        It 'registers nothing with -WhatIf' {
            Register-HttpHandler GET /it { } -WhatIf

            Get-HttpHandler | Should -BeNullOrEmpty
        }
    }

    It 'leaves files and CGI programs as they are beside scripts' {
        $server = Open-Server -Directory $TestDrive
        Register-HttpHandler GET '/items/{id}' { 'script' }

        (Invoke-Http "$($server.Uri)items/1").Text | Should -Be 'script'
        $file = Invoke-Http "$($server.Uri)a.txt"
        $file.Text | Should -Be 'a file'
        $file.Headers.Keys | Should -Contain 'ETag'
        (Invoke-Http "$($server.Uri)a.txt" -Header @{ Range = 'bytes=2-3' }).Text | Should -Be 'fi'
        (Invoke-Http $server.Uri).Text | Should -BeLike '*a.txt*'
        # Beside the file's own methods, a handler of the same path takes others.
        Register-HttpHandler PUT /a.txt { 'put' }
        (Invoke-Http "$($server.Uri)a.txt" -Method PUT).Text | Should -Be 'put'
        (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
    }
}
