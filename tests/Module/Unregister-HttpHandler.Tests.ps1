BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'Unregister-HttpHandler' {
    BeforeEach {
        $script:server = Open-Server
        Register-HttpHandler GET /one { 'one' } -Name One
        Register-HttpHandler GET /two { 'two' } -Name Two
        Register-HttpHandler GET /other { 'other' } -Name Other
    }

    AfterEach {
        Clear-Session
    }

    It 'takes a handler away, by position or by name' {
        Unregister-HttpHandler one
        Unregister-HttpHandler -Name Two

        (Get-HttpHandler).Name | Should -Be 'Other'
        (Invoke-Http "$($server.Uri)one").Status | Should -Be 404
        (Invoke-Http "$($server.Uri)other").Text | Should -Be 'other'
    }

    It 'takes wildcards' {
        Unregister-HttpHandler O*

        (Get-HttpHandler).Name | Should -Be 'Two'
    }

    It 'takes a path, as it was written or with wildcards' {
        Register-HttpHandler GET '/items/{id}' { 'item' } -Name Item
        Unregister-HttpHandler -Path '/items/{id}'
        (Get-HttpHandler).Name | Should -Be 'One', 'Two', 'Other'
        Unregister-HttpHandler -Path /o*
        (Get-HttpHandler).Name | Should -Be 'Two'
        (Get-Failure { Unregister-HttpHandler -Path /none }).Id | Should -Be 'HandlerNotFound'
    }

    It 'says to quote a path: <_>' -ForEach @(
        'Unregister-HttpHandler /a/{id}', 'Unregister-HttpHandler -Path /a/{id}', 'Unregister-HttpHandler -Path /{id}/b'
        'Unregister-HttpHandler /{id}/{b}', 'Unregister-HttpHandler -Name /a/{id}', 'Unregister-HttpHandler -Id 1 /a/{id}'
    ) {
        $failure = Get-Failure ([scriptblock]::Create($_))
        $failure.Id | Should -Be 'PatternNotQuoted'
        $failure.Message | Should -BeLike '*in quotes*'
        @(Get-HttpHandler).Count | Should -Be 3
    }

    It 'takes the number' {
        Unregister-HttpHandler -Id (Get-HttpHandler Two).Id

        (Get-HttpHandler).Name | Should -Be 'One', 'Other'
    }

    It 'takes handlers by the pipeline' {
        Get-HttpHandler -Path /o* | Unregister-HttpHandler

        (Get-HttpHandler).Name | Should -Be 'Two'
    }

    It 'reports what is not there, and takes the others away' {
        Unregister-HttpHandler One, Nobody, Two -ErrorAction SilentlyContinue -ErrorVariable failures

        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'HandlerNotFound,*'
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        "$($failures[0])" | Should -BeLike "*'Nobody'*Get-HttpHandler*"
        (Get-HttpHandler).Name | Should -Be 'Other'
        (Get-Failure { Unregister-HttpHandler -Id 123456 }).Id | Should -Be 'HandlerNotFound'
        { Unregister-HttpHandler Nobody* } | Should -Not -Throw
    }

    It 'has nothing to say of a handler that is gone already' {
        $handler = Get-HttpHandler One
        $handler | Unregister-HttpHandler

        { $handler | Unregister-HttpHandler } | Should -Not -Throw
    }

    It 'lets requests end that are being answered' {
        Register-HttpHandler GET /slow { $Shared.begun = $true; while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }; 'whole' } -Name Slow
        $request = Send-Request "$($server.Uri)slow"
        $null = Wait-Until { $server.Shared.begun }
        Unregister-HttpHandler Slow

        (Invoke-Http "$($server.Uri)slow").Status | Should -Be 404
        $server.Shared.go = $true
        ($request | Receive-Answer).Text | Should -Be 'whole'
    }

    It 'gives back what was there without the handler: files, and 501 for a method that nobody knows' {
        Register-HttpHandler SPAM { 'spam' } -Name Spam
        (Invoke-Http $server.Uri -Method SPAM).Text | Should -Be 'spam'
        Unregister-HttpHandler Spam

        (Invoke-Http $server.Uri -Method SPAM).Status | Should -Be 501
    }

    It 'takes nothing away with -WhatIf' {
        Unregister-HttpHandler * -WhatIf

        @(Get-HttpHandler).Count | Should -Be 3
    }

    It 'refuses a parameter that does not exist before it asks for one: <_>' -ForEach 'Nmae', 'Pattern', 'x' {
        { Invoke-Expression "Unregister-HttpHandler -$_ A" } | Should -Throw "*There is no parameter -$_.*"
        @(Get-HttpHandler).Count | Should -Be 3
    }

    It 'wants to be told what to take away' {
        { Unregister-HttpHandler -Name @() } | Should -Throw
        @(Get-HttpHandler).Count | Should -Be 3
    }
}
