BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site/sub')).Parent.FullName
    Set-Content (Join-Path $site 'index.html') 'page' -NoNewline
    Set-Content (Join-Path $TestDrive 'outside.html') 'outside' -NoNewline

    function New-Certificate([int] $From, [int] $To) {
        $key = [System.Security.Cryptography.ECDsa]::Create()
        [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=site.test', $key, 'SHA256').CreateSelfSigned([datetimeoffset]::Now.AddDays($From), [datetimeoffset]::Now.AddDays($To))
    }

    # A class is parsed after the module was imported.
    $script:classes = 0
    function Import-Class([string] $Members) {
        $name = "WrongHandler$((++$script:classes))"
        $file = Join-Path $TestDrive "$name.ps1"
        Set-Content $file "class $name : Http.Server.SimpleHttpRequestHandler {`n$Members`n}`n[$name]"
        & $file
    }
}

AfterAll {
    Clear-Session
}

Describe 'a setting that requests would fail for' {
    AfterEach {
        Clear-Session
    }

    It 'is an error of Start: the variable <_>' -ForEach @(
        'this', 'Request', 'RESPONSE', 'Shared', 'input', 'args', '_', 'PSItem', 'PSCmdlet', 'PSBoundParameters', 'MyInvocation', 'Error', 'PWD', 'PSScriptRoot'
        'true', 'false', 'null', 'PID', 'HOME', 'Host', 'ShellId', 'PSHOME', 'PSVersionTable', 'ExecutionContext', 'IsLinux', 'PSCulture', 'Matches', 'foreach'
    ) {
        $failure = Get-Failure { Open-Server -Directory $site -Variable @{ $_ = 1 } }
        $failure.Id | Should -Be 'VariableReserved'
        $failure.Message | Should -BeLike "*`$$_ *another name*"
        $failure.IsTerminating | Should -BeTrue
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'is no error: the variable <_>' -ForEach 'Config', 'OFS', 'ErrorActionPreference', 'Requests', 'here' {
        $server = Open-Server -Directory $site -Variable @{ $_ = 'Stop' }
        Register-HttpHandler GET /value ([scriptblock]::Create("`$$_"))
        (Invoke-Http "$($server.Uri)value").Text | Should -Be 'Stop'
    }

    It 'is an error of Start: no name of a variable, <_>' -ForEach 'global:x', 'env:x', '' {
        (Get-Failure { Open-Server -Directory $site -Variable @{ $_ = 1 } }).Id | Should -Be 'VariableInvalid'
    }

    It 'is an error of Start: -CgiUser without such a user' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'on Windows programs run as the user of the server' }
        $failure = Get-Failure { Open-Server -Directory $site -CgiUser no-such-user }
        $failure.Id | Should -Be 'CgiUserInvalid'
        $failure.Message | Should -BeLike '*-CgiUser*no-such-user*'
        (Get-Failure { Open-Server -Directory $site -Cgi -CgiUser no-such-user }).Id | Should -Be 'CgiUserInvalid'
    }

    It 'is an error of Start: the fallback page <_>' -ForEach 'none.html', '../outside.html', 'sub/../../outside.html', 'sub' {
        $failure = Get-Failure { Open-Server -Directory $site -FallbackPage $_ }
        $failure.Id | Should -Be 'FallbackPageNotFound'
        $failure.Message | Should -BeLike "*$_*-FallbackPage*"
    }

    It 'is an error of Start: a fallback page that is a link to elsewhere' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'links need rights of their own on Windows' }
        $null = New-Item -ItemType SymbolicLink (Join-Path $site 'link.html') -Target (Join-Path $TestDrive 'outside.html') -Force
        (Get-Failure { Open-Server -Directory $site -FallbackPage link.html }).Id | Should -Be 'FallbackPageNotFound'
        (Invoke-Http "$((Open-Server -Directory $site -FallbackPage link.html -Symlinks Follow).Uri)some/where").Text | Should -Be 'outside'
    }

    It 'is an error of Start: the type <_> of an extension' -ForEach 'html', '/html', 'text/', 'text html', "text/html`r`nX: 1", '', 'text/html; =' {
        (Get-Failure { Open-Server -Directory $site -ContentType @{ '.x' = $_ } }).Id | Should -Be 'ContentTypeInvalid'
    }

    It 'is an error of Register: the type <_>' -ForEach 'html', '/html', 'text/', 'text html', "text/html`r`nX: 1", 'text/html; =', 'application/jsön' {
        $failure = Get-Failure { Register-HttpHandler GET /x { 1 } -ContentType $_ }
        $failure.Id | Should -Be 'ContentTypeInvalid'
        $failure.Message | Should -BeLike '*-ContentType*text/html*'
        Get-HttpHandler | Should -BeNullOrEmpty
    }

    It 'is no error: the type <_>' -ForEach 'text/html', 'text/html; charset=utf-8', 'application/vnd.a+json', 'text/x; a="b c"' {
        $server = Open-Server -Directory $site -ContentType @{ '.html' = $_ }
        Register-HttpHandler GET /x { 'x' } -ContentType $_
        (Invoke-Http "$($server.Uri)x").Type | Should -BeLike "$_*"
        (Invoke-Http "$($server.Uri)index.html").Type | Should -BeLike "$($_.Split(';')[0])*"
    }

    It 'is a warning of Start: a certificate that <Name>' -ForEach @(
        @{ Name = 'has expired'; From = -30; To = -1; Warning = '*has expired*' }
        @{ Name = 'is not valid yet'; From = 1; To = 30; Warning = '*is not valid before*' }
    ) {
        $certificate = New-Certificate $From $To
        $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Certificate $certificate -WarningVariable warnings -WarningAction SilentlyContinue
        $server.State | Should -Be 'Running'
        @($warnings).Count | Should -Be 1
        "$warnings" | Should -BeLike $Warning
        "$warnings" | Should -BeLike '*CN=site.test*'
        Clear-Session
        $pfx = Join-Path $TestDrive 'site.pfx'
        [IO.File]::WriteAllBytes($pfx, $certificate.Export('Pfx'))
        $null = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -CertificatePath $pfx -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike $Warning
    }

    It 'is no warning: a certificate that is valid' {
        $null = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Certificate (New-Certificate -1 1) -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
    }

    It 'is an error of Register: a server with a class' {
        $server = Open-Server -Directory $site -HandlerType (Import-Class '[void] DoGet() { $this.SendText("class") }')
        $failure = Get-Failure { Register-HttpHandler GET /x { 1 } -Server $server }
        $failure.Id | Should -Be 'ServerHasHandlerType'
        $failure.Message | Should -BeLike '*WrongHandler*-HandlerType*'
        (Get-Failure { Register-HttpHandler GET /x { 1 } -Server $server.Name }).Id | Should -Be 'ServerHasHandlerType'
        Get-HttpHandler | Should -BeNullOrEmpty
    }

    It 'is a warning: handlers for all servers beside a server with a class' {
        $type = Import-Class '[void] DoGet() { $this.SendText("class") }'
        $null = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -HandlerType $type -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        Register-HttpHandler GET /x { 1 } -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*WrongHandler*not called*'
        $null = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -HandlerType $type -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -BeLike '*WrongHandler*not called*'
    }

    It 'is an error of Start: a class with <_>' -ForEach '[string] DoGet() { return "x" }', '[void] DoPost([string] $a) { }', 'static [void] DoPut() { }', 'DoSpam([int] $a, [int] $b) { }', '[int] DoHead() { return 1 }', '[object] DoGET() { return 1 }' {
        $failure = Get-Failure { Open-Server -Directory $site -HandlerType (Import-Class $_) }
        $failure.Id | Should -Be 'HandlerTypeInvalid'
        $failure.Message | Should -BeLike '*`[void`] Do*()*'
    }

    It 'is no error: a class with <_>' -ForEach '[string] Document() { return "x" }', '[bool] Done([int] $a) { return $true }', 'DoGet() { $this.SendText("x") }', '[System.Threading.Tasks.Task] DoGet() { $this.SendText("x"); return [System.Threading.Tasks.Task]::CompletedTask }' {
        (Open-Server -Directory $site -HandlerType (Import-Class $_)).State | Should -Be 'Running'
    }
}
