BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:root = Join-Path $TestDrive 'site'
    $null = New-Item $root -ItemType Directory
    Set-Content (Join-Path $root 'file.txt') 'content' -NoNewline
    $script:server = Open-Server -Path $root
    Register-HttpHandler * '/api/{*rest}' { "handler $($Request.Items.seen -join ',')" }
}

AfterAll {
    Clear-Session
}

Describe 'Register-HttpFilter' {
    AfterEach {
        Get-HttpFilter | Unregister-HttpFilter
        $server.Shared.Clear()
    }

    It 'sees requests before the handler, and passes values on' {
        $filter = Register-HttpFilter { $Request.Items.Seen += , 'a' } -PassThru
        Register-HttpFilter -Path '/api/{*rest}' { $Request.Items['seen'] += , "b:$($Request.RouteValues.rest)" }
        (Invoke-Http "$($server.Uri)api/x/y").Text | Should -Be 'handler a,b:x/y'
        $filter.Calls | Should -Be 1
        (Invoke-Http "$($server.Uri)file.txt").Text | Should -Be 'content'
        $filter.Calls | Should -Be 1
    }

    It 'is called in order: the most general first, and of the same path the first' {
        Register-HttpFilter -Path '/api/{Id}' { $Request.Items.Seen += , 3 }
        Register-HttpFilter -Path '/api/{*rest}' { $Request.Items.Seen += , 2 }
        Register-HttpFilter { $Request.Items.Seen += , 0 }
        Register-HttpFilter { $Request.Items.Seen += , 1 }
        Register-HttpFilter -Path '/api/x' { $Request.Items.Seen += , 4 }
        Register-HttpFilter -Path '/other' { $Request.Items.Seen += , 5 }
        (Invoke-Http "$($server.Uri)api/x").Text | Should -Be 'handler 0,1,2,3,4'
    }

    It 'ends the request by <How>' -ForEach @(
        @{ How = 'its output'; Filter = { $Response.StatusCode = 403; 'refused' }; Status = 403; Text = 'refused' }
        @{ How = 'objects, in the form that the client asks for'; Filter = { @{ a = 1 } }; Status = 200; Text = '{"a":1}' }
        @{ How = 'an error page'; Filter = { $this.SendError(418) }; Status = 418; Text = '*418*' }
        @{ How = 'a status'; Filter = { $Response.StatusCode = 401 }; Status = 401; Text = '' }
        @{ How = 'a redirect'; Filter = { $Response.Redirect('/login') }; Status = 302; Text = '' }
        @{ How = 'an error of its own'; Filter = { throw 'x' }; Status = 500; Text = '*' }
        @{ How = 'what does not bind'; Filter = { param([Parameter(Mandatory)] [int] $Key, $M) }; Status = 400; Text = '*Key*' }
    ) {
        Register-HttpFilter -Path '/api/{*rest}' $Filter
        Register-HttpFilter -Path '/api/x' { $Shared.second = $true }
        $answer = Invoke-Http "$($server.Uri)api/x"
        $answer.Status | Should -Be $Status
        $answer.Text | Should -BeLike $Text
        $server.Shared.second | Should -BeNullOrEmpty
    }

    It 'is for methods, and one for GET sees HEAD' {
        Register-HttpFilter -Method get, POST { $Response.StatusCode = 403 }
        foreach ($method in 'GET', 'HEAD', 'POST') { (Invoke-Http "$($server.Uri)api/x" -Method $method).Status | Should -Be 403 }
        (Invoke-Http "$($server.Uri)api/x" -Method PUT).Status | Should -Be 200
    }

    It 'is not got round by another spelling: <Path>' -ForEach @(
        @{ Path = 'api/x' }, @{ Path = 'API/x' }, @{ Path = 'api//x' }, @{ Path = '%61pi/x' }, @{ Path = 'api/./x' }, @{ Path = 'y/../api/x' }, @{ Path = 'api/x/' }
    ) {
        Register-HttpFilter -Path '/api/{*rest}' { $Response.StatusCode = 403 }
        $connection = Connect-Port $server.Port
        Write-Connection $connection "GET /$Path HTTP/1.1`r`nHost: localhost`r`nConnection: close`r`n`r`n"
        Read-Connection $connection | Should -Not -BeLike '*handler*'
        $connection.Dispose()
    }

    It 'may set headers of the answer' {
        Register-HttpFilter { $Response.Headers['X-Own'] = 'a' }
        $answer = Invoke-Http "$($server.Uri)api/x"
        $answer.Status, $answer.Headers['X-Own'], $answer.Text | Should -Be 200, 'a', 'handler '
    }

    It 'sees answers before they are sent, with -After' {
        Register-HttpHandler GET /made -Force { param($r) $Response.Headers['X-Made'] = 'h'; if ($Request.Query.none) { return }; @{ a = 1 } }
        Register-HttpFilter -After { $Response.Headers['X-Status'] = "$($Response.StatusCode) $($Response.Headers['X-Made'])"; if ($Request.Query.gone) { $Response.StatusCode = 410 } }
        $answer = Invoke-Http "$($server.Uri)made"
        $answer.Status, $answer.Headers['X-Status'], $answer.Text | Should -Be 200, '200 h', '{"a":1}'
        (Invoke-Http "$($server.Uri)made?none=1").Headers['X-Status'] | Should -Be '204 h'
        (Invoke-Http "$($server.Uri)made?gone=1").Status | Should -Be 410
        Register-HttpFilter { 'early' }
        $answer = Invoke-Http "$($server.Uri)made"
        $answer.Text, $answer.Headers['X-Status'] | Should -Be 'early', '200'
    }

    It 'puts nothing out after an answer' {
        Register-HttpFilter -After { 'lost' }
        (Invoke-Http "$($server.Uri)api/x").Text | Should -Be 'handler '
        Receive-HttpServerLog $server.Name | Where-Object Message -Like '*not sent*' | Should -Not -BeNullOrEmpty
    }

    It 'sees requests for files too, with -IncludeFiles' {
        Register-HttpFilter -IncludeFiles -Path '/{*rest}' { $Response.Headers['X-Seen'] = $Request.Path; if ($Request.Query.no) { $Response.StatusCode = 403; 'no' } }
        $answer = Invoke-Http "$($server.Uri)file.txt"
        $answer.Text, $answer.Headers['X-Seen'], $answer.Headers['Content-Length'] | Should -Be 'content', '/file.txt', '7'
        $answer = Invoke-Http "$($server.Uri)file.txt?no=1"
        $answer.Status, $answer.Text | Should -Be 403, 'no'
        (Invoke-Http "$($server.Uri)none.txt").Status | Should -Be 404
        (Invoke-Http $server.Uri).Headers['X-Seen'] | Should -Be '/'
        (Invoke-Http "$($server.Uri)api/x").Headers['X-Seen'] | Should -Be '/api/x'
        foreach ($i in 1..5) { (Invoke-Http "$($server.Uri)file.txt").Text | Should -Be 'content' }
        (Invoke-Http "$($server.Uri)file.txt" -Header @{ Range = 'bytes=0-2' }).Text | Should -Be 'con'
    }

    It 'leaves nothing behind: <Text>' -ForEach @(
        @{ Text = 'a global variable that it names'; Filter = { $global:left = 1 } }
        @{ Text = 'one that it does not name'; Filter = { Set-Variable left 1 -Scope Global } }
    ) {
        Register-HttpFilter $Filter
        Register-HttpHandler GET /left -Force { "[$global:left]" }
        foreach ($i in 1..3) { (Invoke-Http "$($server.Uri)left").Text | Should -Be '[1]' }
        Get-HttpFilter | Unregister-HttpFilter
        foreach ($i in 1..8) { (Invoke-Http "$($server.Uri)left").Text | Should -Be '[]' }
        Register-HttpFilter $Filter
        Register-HttpHandler GET /plain -Force { 'x' }
        foreach ($i in 1..3) { (Invoke-Http "$($server.Uri)plain").Text | Should -Be 'x' }
        Get-HttpFilter | Unregister-HttpFilter
        foreach ($i in 1..8) { (Invoke-Http "$($server.Uri)left").Text | Should -Be '[]' }
    }

    It 'calls what needs a pipeline of its own, and what does not' {
        Register-HttpFilter { $ExecutionContext.SessionState.PSVariable.Set('own', 1); $Request.Items.Seen += , 'own' }
        Register-HttpFilter { $value = $using:root; $Request.Items.Seen += , (Split-Path $value -Leaf) }
        (Invoke-Http "$($server.Uri)api/x").Text | Should -Be 'handler own,site'
        Register-HttpHandler GET /own -Force { $null = $ExecutionContext; "own $($Request.Items.seen -join ',')" }
        (Invoke-Http "$($server.Uri)own").Text | Should -Be 'own own,site'
    }

    It 'refuses <Text>' -ForEach @(
        @{ Text = 'a pattern that is none'; Arguments = @{ Path = 'x' }; Id = 'PatternInvalid*' }
        @{ Text = '-After with files'; Arguments = @{ After = $true; IncludeFiles = $true }; Id = 'AfterFiles*' }
    ) {
        { Register-HttpFilter @Arguments { } } | Should -Throw -ErrorId $Id
    }

    It 'can be asked what it would do' {
        Register-HttpFilter { } -WhatIf
        Get-HttpFilter | Should -BeNullOrEmpty
    }
}

Describe 'Get-HttpFilter and Unregister-HttpFilter' {
    It 'find filters by name, and say what is not there' {
        $one = Register-HttpFilter { } -Name one -PassThru
        $null = Register-HttpFilter { } -Name two -Path /x -After
        (Get-HttpFilter).Name | Should -Be 'one', 'two'
        (Get-HttpFilter t*).Path | Should -Be '/x'
        (Get-HttpFilter two).After | Should -BeTrue
        { Get-HttpFilter none -ErrorAction Stop } | Should -Throw -ErrorId 'FilterNotFound*'
        { Unregister-HttpFilter none -ErrorAction Stop } | Should -Throw -ErrorId 'FilterNotFound*'
        Unregister-HttpFilter two
        $one | Unregister-HttpFilter -WhatIf
        (Get-HttpFilter).Name | Should -Be 'one'
        $one | Unregister-HttpFilter
        Get-HttpFilter | Should -BeNullOrEmpty
    }

    It 'is for one server, if it is said' {
        $other = Open-Server
        Register-HttpHandler GET /which -Force { 'handler' }
        Register-HttpFilter -Server $other { 'filter' }
        (Invoke-Http "$($server.Uri)which").Text | Should -Be 'handler'
        (Invoke-Http "$($other.Uri)which").Text | Should -Be 'filter'
        Unregister-HttpFilter *
        (Invoke-Http "$($other.Uri)which").Text | Should -Be 'handler'
    }
}
