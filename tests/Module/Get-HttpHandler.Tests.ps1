BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:one = Open-Server -Name One
    $script:two = Open-Server -Name Two
    Register-HttpHandler GET '/items/{id}' { 'item' } -Name Item
    Register-HttpHandler GET, PUT /all { 'all' } -Name All
    Register-HttpHandler POST { 'every path' } -Name EveryPath
    Register-HttpHandler GET /own { 'own' } -Name Own -Server $one
}

AfterAll {
    Clear-Session
}

Describe 'Get-HttpHandler' {
    It 'gives all handlers in the order they were registered' {
        (Get-HttpHandler).Name | Should -Be 'Item', 'All', 'EveryPath', 'Own'
    }

    It 'finds handlers by name, with wildcards and in any case' {
        (Get-HttpHandler item).Path | Should -Be '/items/{id}'
        (Get-HttpHandler *l*).Name | Should -Be 'All'
        (Get-HttpHandler -Name Own, I*).Name | Should -Be 'Item', 'Own'
    }

    It 'finds handlers by method' {
        (Get-HttpHandler -Method put).Name | Should -Be 'All'
        (Get-HttpHandler -Method GET).Name | Should -Be 'Item', 'All', 'Own'
    }

    It 'finds handlers by path, as it was written or with wildcards' {
        (Get-HttpHandler -Path '/items/{id}').Name | Should -Be 'Item'
        (Get-HttpHandler -Path /*).Name | Should -Be 'Item', 'All', 'Own'
    }

    It 'finds the handlers of a server, its own and those for all' {
        ($one | Get-HttpHandler).Name | Should -Be 'Own', 'Item', 'All', 'EveryPath'
        (Get-HttpHandler -Server $two).Name | Should -Be 'Item', 'All', 'EveryPath'
        $one.Handlers.Name | Should -Be 'Own', 'Item', 'All', 'EveryPath'
        ($one | Get-HttpHandler -Path /own).Server.Name | Should -Be 'One'
    }

    It 'tells how often a handler was called' {
        $handler = Get-HttpHandler Item
        $before = $handler.Calls
        1..3 | ForEach-Object { $null = Invoke-Http "$($two.Uri)items/$_" }

        $handler.Calls - $before | Should -Be 3
        [object]::ReferenceEquals((Get-HttpHandler Item), $handler) | Should -BeTrue
    }

    It 'reports a name that is not there' {
        $failure = Get-Failure { Get-HttpHandler Nobody }

        $failure.Id | Should -Be 'HandlerNotFound'
        $failure.Category | Should -Be 'ObjectNotFound'
        $failure.IsTerminating | Should -BeFalse
        Get-HttpHandler Nob* | Should -BeNullOrEmpty
    }

    It 'says in one line what the handler is for' {
        "$(Get-HttpHandler All)" | Should -Be 'GET, PUT /all'
        "$(Get-HttpHandler EveryPath)" | Should -Be 'POST (every path)'
    }

    It 'says to quote a path: <_>' -ForEach @(
        'Get-HttpHandler -Path /items/{id}', 'Get-HttpHandler /items/{id}', 'Get-HttpHandler -Path /{id}/b', 'Get-HttpHandler /{id}/{b}'
        'Get-HttpHandler -Method GET -Path /items/{id}/{b}', 'Get-HttpHandler -Path /items/{id} -Method GET'
        'Get-HttpServer One | Get-HttpHandler -Path /items/{id}', 'Get-HttpHandler -Server One -Path /items/{id}'
        'Get-HttpHandler -Name /items/{id}', 'Get-HttpHandler {id}', 'Get-HttpHandler -Id 1 -Path /items/{id}'
    ) {
        $failure = Get-Failure ([scriptblock]::Create($_))
        $failure.Id | Should -Be 'PatternNotQuoted'
        $failure.Message | Should -BeExactly (Get-Failure { Register-HttpHandler GET /items/{id} { } }).Message
    }

    It 'finds one however it is named: <_>' -ForEach @(
        "'Item' | Get-HttpHandler", "[pscustomobject]@{ Name = 'Item' } | Get-HttpHandler", 'Get-HttpHandler Item | Get-HttpHandler'
        "[pscustomobject]@{ Title = 'Item' } | Get-HttpHandler -Name { `$_.Title }", '(Get-HttpHandler Item).Id | Get-HttpHandler'
        "'Item' | Get-HttpHandler -Server One", 'Get-HttpServer One | Get-HttpHandler Item', 'Get-HttpHandler Item -Method GET'
    ) {
        (& ([scriptblock]::Create($_))).Name | Should -Be 'Item'
    }

    It 'says what no parameter takes' {
        (Get-Failure { Get-HttpHandler Item -Other }).Message | Should -BeLike "*'-Other'*"
    }
}
