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

    It 'completes the names and ids of tasks, and the names of timers' {
        $task = $one | Start-HttpTask { } -Name Quick
        Register-HttpTimer -Every 1h { } -Name Hourly
        Get-Offer 'Get-HttpTask ' | Should -Contain 'Quick'
        Get-Offer 'Get-HttpTask -Id ' | Should -Contain $task.Id
        Get-Offer 'Stop-HttpTask ' | Should -Contain $task.Id
        Get-Offer 'Start-HttpTask { } -Server O' | Should -Be 'One'
        Get-Offer 'Get-HttpTimer ' | Should -Be 'Hourly'
        Get-Offer 'Unregister-HttpTimer H' | Should -Be 'Hourly'
        Unregister-HttpTimer Hourly
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

    It 'completes media types: <Line>' -ForEach @(
        @{ Line = 'Register-HttpHandler GET /x { } -ContentType text/ht'; Offer = 'text/html' }
        @{ Line = 'Register-HttpHandler -ContentType json'; Offer = 'application/json' }
        @{ Line = 'Send-HttpFile x -ContentType image/sv'; Offer = "'image/svg+xml'" }
        @{ Line = "Send-HttpFile x -ContentType 'text/ev"; Offer = 'text/event-stream' }
        @{ Line = 'Start-HttpServer -ContentType '; Offer = "@{ '.ext' = 'text/html' }" }
    ) {
        @(Get-Offer $Line)[0] | Should -Be $Offer
    }

    It 'completes classes of handlers: <Line>' -ForEach @(
        @{ Line = 'Start-HttpServer -HandlerType '; Offer = '([CompletedHandler])', '([Http.Server.SimpleHttpRequestHandler])' }
        @{ Line = 'Start-HttpServer -HandlerType Compl'; Offer = '([CompletedHandler])' }
        @{ Line = 'Start-HttpServer -HandlerType [compl'; Offer = '([CompletedHandler])' }
        @{ Line = 'Start-HttpServer -HandlerType Simple'; Offer = '([Http.Server.SimpleHttpRequestHandler])' }
        @{ Line = 'class A : Http.Server.CgiHttpRequestHandler { }; class B : A { }; Start-HttpServer -HandlerType '; Offer = '([A])', '([B])' }
    ) {
        . ([scriptblock]::Create('class CompletedHandler : Http.Server.SimpleHttpRequestHandler { }; class NoHandler { }'))
        $offers = Get-Offer $Line
        foreach ($one in $Offer) { $offers | Should -Contain $one }
        $offers | Should -Not -Contain '([NoHandler])'
    }

    It 'completes modules as Import-Module does: <_>' -ForEach 'Microsoft.PowerShell.Ut', 'A, Microsoft.PowerShell.Ut', './HttpServer.ps' {
        Push-Location (Join-Path $PSScriptRoot '../..')
        try { (Get-Offer "Start-HttpServer -Module $_") -replace '.*[\\/]' | Should -BeIn 'Microsoft.PowerShell.Utility', 'HttpServer.psd1' }
        finally { Pop-Location }
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

Describe 'Tab in a handler' {
    BeforeAll {
        # What Tab offers at the place of ^.
        function Get-OfferAt([string] $Text) {
            $at = $Text.IndexOf('^')
            TabExpansion2 -inputScript $Text.Remove($at, 1) -cursorColumn $at
        }
    }

    It 'knows the variables of a request: <Text>' -ForEach @(
        @{ Text = 'Register-HttpHandler GET /x { $Request.Met^'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { $Session.AntiForgery^ }'; Offer = 'AntiForgeryField', 'AntiForgeryToken' }
        @{ Text = 'Register-HttpHandler GET /x { $Request.Que^; $Response.StatusCode = 201 }'; Offer = 'Query', 'QueryString' }
        @{ Text = 'Register-HttpHandler GET /x { $Response.St^ }'; Offer = 'StatusCode', 'StatusDescription' }
        @{ Text = 'Register-HttpHandler GET /x { $Response.Red^'; Offer = 'Redirect(' }
        @{ Text = 'Register-HttpHandler GET /x { $this.Wf^ }'; Offer = 'Wfile' }
        @{ Text = 'Register-HttpHandler GET /x { $THIS.Server.ServerP^ }'; Offer = 'ServerPort' }
        @{ Text = 'Register-HttpHandler GET /x { $Shared.Ke^ }'; Offer = 'Keys' }
        @{ Text = 'Register-HttpHandler GET /x { $Request.Headers.Ke^ }'; Offer = 'Keys' }
        @{ Text = 'Register-HttpHandler GET /x { if (1) { $Request.Files | ForEach-Object { $_.Sav^ } } }'; Offer = 'SaveAs(' }
        @{ Text = 'Register-HttpHandler GET /x { $asked = $Request; $asked.Met^ }'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { $self = $this; $self.Wf^ }'; Offer = 'Wfile' }
        @{ Text = 'Register-HttpHandler GET /x { "it is $($Request.Met^)" }'; Offer = 'Method' }
        @{ Text = "Register-HttpHandler GET /x {`n    `$null = `$this.Server`n    `$Request.Met^`n}"; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { param($Request) $Request.Met^ }'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { param($asked) $asked.Met^ }'; Offer = 'Method' }
        @{ Text = "Register-HttpHandler GET /x {`n    [CmdletBinding()]`n    param()`n    `$Request.Met^"; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { begin { 1 } process { 2 } end { $Request.Met^ } }'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { begin { 1 } end { $Request.Met^'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { class A { [int] $Own; [void] M() { $this.Ow^ } } }'; Offer = 'Own' }
        @{ Text = 'HttpServer\Register-HttpHandler -Method GET -ScriptBlock { $Request.Met^ } -Name a'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler @{ "GET /x" = { $Request.Met^ } }'; Offer = 'Method' }
        @{ Text = '@{ Method = "GET"; ScriptBlock = { $Request.Met^ } } | Register-HttpHandler'; Offer = 'Method' }
        @{ Text = 'Start-HttpServer 0 | Register-HttpHandler GET /x { $Request.Met^ }'; Offer = 'Method' }
        @{ Text = 'Register-HttpHandler GET /x { $Reque^ }'; Offer = '$Request' }
        @{ Text = 'Register-HttpHandler GET /x { $this.Wfile; $thi^ }'; Offer = '$this' }
        @{ Text = 'Register-HttpHandler GET /x { $this^ }'; Offer = '$this' }
    ) {
        $found = Get-OfferAt $Text
        $found.CompletionMatches.CompletionText | Should -Be $Offer
        # What is replaced is the word before the cursor.
        $before = $Text.Substring(0, $Text.IndexOf('^'))
        $found.ReplacementIndex + $found.ReplacementLength | Should -Be $before.Length
        $before.Substring($found.ReplacementIndex) | Should -Match '^\$?\w+$'
    }

    It 'knows none of them elsewhere: <_>' -ForEach @(
        '$Request.Met^'
        '{ $Request.Met^ }'
        'Register-HttpHandler GET /x { 1 }; $Request.Met^'
        'Register-HttpHandler GET /x { param($now = $Request.Met^) }'
        'Start-HttpServer -InitializationScript { $Request.Met^ }'
    ) {
        (Get-OfferAt $_).CompletionMatches | Should -BeNullOrEmpty
    }

    It 'completes everything else there as elsewhere: <Text>' -ForEach @(
        @{ Text = 'Register-HttpHandler GET /x { Get-ChildI^ }'; Offer = 'Get-ChildItem' }
        @{ Text = 'Register-HttpHandler GET /x { [System.IO.Pa^'; Offer = 'System.IO.Path' }
    ) {
        (Get-OfferAt $Text).CompletionMatches.CompletionText | Should -Contain $Offer
    }

    It 'takes a parsed text, as consoles and editors give it' {
        $tokens = $null
        $text = 'Register-HttpHandler GET /x { $Request.Met'
        $tree = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref] $tokens, [ref] $null)
        $end = $tree.Extent.EndScriptPosition
        $found = TabExpansion2 -ast $tree -tokens $tokens -positionOfCursor $end
        $found.CompletionMatches.CompletionText | Should -Be 'Method'
        $found.ReplacementIndex | Should -Be $text.IndexOf('Met')
    }

    It 'leaves no variable, and a function of the session''s own, alone' {
        Get-Variable -Name Request, Response, Shared -Scope Global -ErrorAction Ignore | Should -BeNullOrEmpty
        $said = Invoke-PowerShell @"
`$before = (Get-Command TabExpansion2).Definition
Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'
(TabExpansion2 'Register-HttpHandler GET /x { `$Request.Met').CompletionMatches.CompletionText
Remove-Module HttpServer
(Get-Command TabExpansion2).Definition -eq `$before
function TabExpansion2 { 'own' }
Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'
TabExpansion2
Remove-Module HttpServer
TabExpansion2
"@
        $said.Output | Should -Be 'Method', 'True', 'own', 'own'
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
        @($command.OutputType).Count -gt 0 | Should -Be ($command.Name -eq 'Send-HttpEvent' -or $command.Verb -notin 'Unregister', 'Uninstall', 'Send')
    }

    It 'asks before it changes something, and only then' {
        $changes = $command.Verb -in 'Start', 'Stop', 'Restart', 'Register', 'Unregister', 'Publish', 'Install', 'Uninstall'

        $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes
        $command.Parameters.ContainsKey('Confirm') | Should -Be $changes
    }
}
