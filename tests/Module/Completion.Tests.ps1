BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:one = Open-Server -Name One
    $script:two = Open-Server -Name 'The second'
    Register-HttpHandler GET '/items/{id}' { } -Name Items
    Register-HttpHandler BREW /plain { } -Name 'A name'
    Register-HttpHandler POST { } -Name Every
    function Get-Completed { }

    # What Tab offers at the end of a line.
    function Get-Offer([string] $Line) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText
    }
}

AfterAll {
    Clear-Session
}

Describe 'Tab' {
    It 'completes the names of servers: <_>' -ForEach 'Get-HttpServer', 'Stop-HttpServer', 'Restart-HttpServer', 'Receive-HttpServerLog' {
        Get-Offer "$_ -Name " | Should -Be 'One', "'The second'"
        Get-Offer "$_ " | Should -Contain 'One'
        Get-Offer "$_ -Name th" | Should -Be "'The second'"
        Get-Offer "$_ -Name 'The s" | Should -Be "'The second'"
    }

    It 'completes the numbers and ports of servers: <_>' -ForEach 'Get-HttpServer', 'Stop-HttpServer', 'Restart-HttpServer', 'Receive-HttpServerLog' {
        Get-Offer "$_ -Id " | Should -Be "$($one.Id)", "$($two.Id)"
        Get-Offer "$_ -Port " | Should -Be "$($one.Port)", "$($two.Port)"
    }

    It 'completes what was registered: names and numbers of handlers' {
        Get-Offer 'Get-HttpHandler ' | Should -Contain 'Items'
        Get-Offer 'Get-HttpHandler -Name ' | Should -Be 'Items', "'A name'", 'Every'
        Get-Offer 'Unregister-HttpHandler -Name E' | Should -Be 'Every'
        Get-Offer 'Unregister-HttpHandler -Id ' | Should -Be ((Get-HttpHandler).Id | ForEach-Object { "$_" })
    }

    It 'completes methods, the usual and the registered ones' {
        $offer = Get-Offer 'Register-HttpHandler -Method '
        foreach ($method in 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'BREW') { $offer | Should -Contain $method }
        Get-Offer 'Register-HttpHandler P' | Should -Be 'POST', 'PUT', 'PATCH'
        Get-Offer 'Get-HttpHandler -Method BR' | Should -Be 'BREW'
    }

    It 'completes patterns, quoted where that is needed' {
        Get-Offer 'Get-HttpHandler -Path ' | Should -Be "'/items/{id}'", '/plain'
        Get-Offer 'Register-HttpHandler GET /i' | Should -Be "'/items/{id}'"
        Get-Offer 'Register-HttpHandler -Method GET -Path /p' | Should -Be '/plain'
    }

    It 'completes the server of a handler' {
        Get-Offer 'Register-HttpHandler GET /x { } -Server ' | Should -Be 'One', "'The second'"
    }

    It 'completes log formats, levels, protocols and policies' {
        Get-Offer 'Start-HttpServer -LogFormat ' | Sort-Object | Should -Be 'Combined', 'Common', 'Json', 'Python'
        Get-Offer 'Receive-HttpServerLog -Level ' | Should -Contain 'Warning'
        Get-Offer 'Start-HttpServer -Protocol ' | ForEach-Object { $_.Trim("'") } | Sort-Object | Should -Be 'HTTP/1.0', 'HTTP/1.1'
        Get-Offer 'Start-HttpServer -Symlinks ' | Sort-Object | Should -Be 'Follow', 'Inside', 'Refuse'
        Get-Offer 'Start-HttpServer -Compression ' | Sort-Object | Should -Be 'Off', 'On', 'Precompressed'
    }

    It 'completes addresses and functions' {
        $addresses = Get-Offer 'Start-HttpServer -Bind '
        foreach ($address in 'localhost', '127.0.0.1') { $addresses | Should -Contain $address }
        Get-Offer 'Start-HttpServer -Function Get-Comp' | Should -Be 'Get-Completed'
        Get-Completed | Should -BeNullOrEmpty
    }

    It 'completes the properties of what a cmdlet gives' {
        Get-Offer 'Start-HttpServer | Select-Object Req' | Should -Be 'RequestCount'
        Get-Offer 'Get-HttpHandler | Where-Object Call' | Should -Be 'Calls'
        Get-Offer '(Receive-HttpServerLog).Dur' | Should -Be 'Duration'
    }

    It 'offers nothing where there is nothing' {
        $shell = [powershell]::Create().AddScript(@"
Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'
@((TabExpansion2 'Get-HttpServer -Id ' 19).CompletionMatches | Where-Object ResultType -eq ParameterValue).Count
"@)
        $shell.Invoke() | Should -Be 0
        $shell.Runspace.Dispose()
        $shell.Dispose()
    }
}

Describe 'The cmdlet <_>' -ForEach (Import-PowerShellDataFile (Join-Path $PSScriptRoot '../../HttpServer.psd1')).CmdletsToExport {
    BeforeAll {
        $script:command = Get-Command $_ -Module HttpServer
    }

    It 'has an approved verb and a noun in the singular' {
        (Get-Verb).Verb | Should -Contain $command.Verb
        $command.Noun | Should -Match '^Http\w+[^s]$'
    }

    It 'says what it gives, if it gives anything' {
        @($command.OutputType).Count -gt 0 | Should -Be ($command.Verb -notin 'Unregister', 'Send')
    }

    It 'asks before it changes something, and only then' {
        $changes = $command.Verb -in 'Start', 'Stop', 'Restart', 'Register', 'Unregister'

        $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes
        $command.Parameters.ContainsKey('Confirm') | Should -Be $changes
    }
}
