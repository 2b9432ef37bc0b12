BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
    Set-Content (Join-Path $site 'a.txt') 'a file' -NoNewline
}

Describe 'Routing' {
    AfterEach {
        Clear-Session
    }

    It 'has <pattern> take <path>: <value>' -ForEach @(
        @{ pattern = '/items/{id}'; path = 'items/a%20b'; value = 'a b' }
        @{ pattern = '/items/{id:int}'; path = 'items/-7'; value = '-7' }
        @{ pattern = '/items/{id:long}'; path = 'items/12345678901'; value = '12345678901' }
        @{ pattern = '/items/{id:guid}'; path = 'items/bcf0a818-75aa-4840-b9f6-37cb8c568b43'; value = 'bcf0a818-75aa-4840-b9f6-37cb8c568b43' }
        @{ pattern = '/items/{id:bool}'; path = 'items/true'; value = 'true' }
        @{ pattern = '/items/{id:decimal}'; path = 'items/1.5'; value = '1.5' }
        @{ pattern = '/items/{id:datetime}'; path = 'items/2026-01-02'; value = '2026-01-02' }
        @{ pattern = '/items/{id:alpha}'; path = 'items/abc'; value = 'abc' }
        @{ pattern = '/items/{id}.json'; path = 'items/x.json'; value = 'x' }
        @{ pattern = '/files/{*id}'; path = 'files/a/b/c'; value = 'a/b/c' }
        @{ pattern = '/files/{*id}'; path = 'files'; value = '' }
        @{ pattern = '/ITEMS/{id}/'; path = 'items/x?id=y'; value = 'x' }
    ) {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET $pattern { "<$($Request.RouteValues.id)>" }

        (Invoke-Http "$($server.Uri)$path").Text | Should -BeExactly "<$value>"
    }

    It 'has <pattern> not take <path>' -ForEach @(
        @{ pattern = '/items/{id}'; path = 'items/a/b' }
        @{ pattern = '/items/{id:int}'; path = 'items/x' }
        @{ pattern = '/items/{id:guid}'; path = 'items/1' }
        @{ pattern = '/items/{id:alpha}'; path = 'items/a1' }
        @{ pattern = '/img/*.png'; path = 'img/a.gif' }
        @{ pattern = '/img/*'; path = 'img' }
    ) {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET $pattern { 'script' }

        (Invoke-Http "$($server.Uri)$path").Status | Should -Be 404
    }

    It 'has the most specific pattern answer, whatever the order of registration' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET { 'every' }
        Register-HttpHandler GET '/{*rest}' { 'rest' }
        Register-HttpHandler GET '/users/*' { 'wildcard' }
        Register-HttpHandler GET '/users/{id}' { 'parameter' }
        Register-HttpHandler GET '/users/{id:int}' { 'int' }
        Register-HttpHandler GET /users/all { 'literal' }

        'users/all', 'users/12', 'users/ada', 'users/ada/mail', 'other' | ForEach-Object { (Invoke-Http "$($server.Uri)$_").Text } |
            Should -Be 'literal', 'int', 'parameter', 'wildcard', 'rest'
    }

    It 'answers 405 with Allow to other methods, and OPTIONS with 204' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET '/items/{id}' { 'get' }
        Register-HttpHandler PUT, DELETE '/items/{id:int}' { 'change' }

        $refused = Invoke-Http "$($server.Uri)items/1" -Method POST -Body 'x'
        $refused.Status | Should -Be 405
        $refused.Headers['Allow'] | Should -Be 'DELETE, GET, HEAD, OPTIONS, PUT'
        $options = Invoke-Http "$($server.Uri)items/x" -Method OPTIONS
        $options.Status | Should -Be 204
        $options.Headers['Allow'] | Should -Be 'GET, HEAD, OPTIONS'
        (Invoke-Http "$($server.Uri)items/1").Text | Should -Be 'get'
        (Invoke-Http "$($server.Uri)items/1" -Method DELETE).Text | Should -Be 'change'
    }

    It 'has the handler for GET answer HEAD without a body' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET /word { 'word' }
        $answer = Invoke-Http "$($server.Uri)word" -Method HEAD

        $answer.Status | Should -Be 200
        $answer.Headers['Content-Length'] | Should -Be 4
        $answer.Bytes.Length | Should -Be 0
    }

    It 'takes invented methods and * for all' {
        $server = Open-Server -Directory $site
        Register-HttpHandler SPAM /word { 'spam' }
        Register-HttpHandler * /any { $Request.Method }

        (Invoke-Http "$($server.Uri)word" -Method SPAM).Text | Should -Be 'spam'
        'GET', 'POST', 'EGGS' | ForEach-Object { (Invoke-Http "$($server.Uri)any" -Method $_).Text } | Should -Be 'GET', 'POST', 'EGGS'
    }

    It 'leaves files where no handler fits, and has them beside handlers without a path' {
        $server = Open-Server -Directory $site
        Register-HttpHandler POST { "posted to $($Request.Path)" }
        Register-HttpHandler GET /word { 'word' }

        (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        (Invoke-Http "$($server.Uri)a.txt" -Method POST -Body 'x').Text | Should -Be 'posted to /a.txt'
        (Invoke-Http "$($server.Uri)none").Status | Should -Be 404
    }

    It 'puts a handler for one server before the same for all' {
        $one, $other = (Open-Server -Directory $site), (Open-Server -Directory $site)
        Register-HttpHandler GET /word { 'all' }
        Register-HttpHandler GET /word { 'one' } -Server $one

        (Invoke-Http "$($one.Uri)word").Text | Should -Be 'one'
        (Invoke-Http "$($other.Uri)word").Text | Should -Be 'all'
    }

    It 'takes handlers from before and after the start, and loses those that are unregistered' {
        Register-HttpHandler GET /before { 'before' }
        $server = Open-Server -Directory $site
        Register-HttpHandler GET /after { 'after' } -Name After

        (Invoke-Http "$($server.Uri)before").Text | Should -Be 'before'
        (Invoke-Http "$($server.Uri)after").Text | Should -Be 'after'
        Unregister-HttpHandler After
        (Invoke-Http "$($server.Uri)after").Status | Should -Be 404
    }

    It 'refuses the same method and path twice, but with -Force' {
        $server = Open-Server -Directory $site
        Register-HttpHandler GET '/items/{id}' { 'first' }
        (Get-Failure { Register-HttpHandler GET '/Items/{name}' { 'second' } }).Id | Should -Be 'HandlerExists'
        (Invoke-Http "$($server.Uri)items/1").Text | Should -Be 'first'
        Register-HttpHandler GET '/items/{id}' { 'second' } -Force

        (Invoke-Http "$($server.Uri)items/1").Text | Should -Be 'second'
    }
}
