BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = Join-Path $TestDrive 'site'
    New-Item -ItemType Directory $site | Out-Null
    Set-Content (Join-Path $site 'a.txt') 'content' -NoNewline

    # Of the password geheim; with few iterations.
    $script:users = Join-Path $TestDrive 'users'
    Set-Content $users 'anna:$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE'

    function Get-TestCredential([string] $User, [string] $Text) {
        $password = [securestring]::new()
        $Text.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
        [pscredential]::new($User, $password)
    }
    function Get-Header([string] $User, [string] $Text) {
        @{ Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("${User}:$Text")) }
    }
    $script:anna = Get-TestCredential 'anna' 'geheim'
    $script:otto = Get-TestCredential 'otto' 'pass wörd'
}

Describe 'Start-HttpServer with users' {
    AfterEach { Clear-Session }

    It 'answers those whose password is right, and nobody else' {
        $server = Open-Server -Directory $site -Credential $anna, $otto
        Register-HttpHandler GET /script { "$($Request.User) $($this.RemoteUser) $($this.AuthType)" }
        $refused = Invoke-Http "$($server.Uri)a.txt"
        $refused.Status | Should -Be 401
        $refused.Headers['WWW-Authenticate'] | Should -BeLike 'Basic realm=*'
        (Invoke-Http "$($server.Uri)script").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna falsch)).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna geheim)).Text | Should -Be 'content'
        (Invoke-Http "$($server.Uri)script" -Header (Get-Header otto 'pass wörd')).Text | Should -Be 'otto otto Basic'
    }

    It 'takes them from a file' {
        $server = Open-Server -Directory $site -CredentialPath $users
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna geheim)).Text | Should -Be 'content'
    }

    It 'asks for them before a class answers' {
        . ([scriptblock]::Create('class GuardedHandler : Http.Server.BaseHttpRequestHandler { [void] DoGet() { $this.SendText("hello $($this.RemoteUser)") } }
            $script:type = [GuardedHandler]'))
        $server = Open-Server -Directory $site -Credential $anna -HandlerType $type
        (Invoke-Http $server.Uri).Status | Should -Be 401
        (Invoke-Http $server.Uri -Header (Get-Header anna geheim)).Text | Should -Be 'hello anna'
    }

    It 'asks for them after a restart too' {
        $server = Open-Server -Directory $site -Credential $anna
        $server | Restart-HttpServer
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna geheim)).Text | Should -Be 'content'
    }

    It 'shows their passwords nowhere' {
        $told = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Credential $anna, $otto -Verbose -Debug:$false *>&1
        $server = Get-HttpServer
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna geheim)).Status | Should -Be 200
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Header anna falsch)).Status | Should -Be 401
        $log = Wait-Log $server { $_.Status -eq 401 }
        $all = @($told; $server | Format-List -Property * -Force; $server | ConvertTo-Json -Depth 3 -WarningAction Ignore; $log; $server | Receive-HttpServerLog -Level Debug) | Out-String -Width 500
        $all | Should -Not -Match 'geheim|pass wörd|falsch|pbkdf2'
        $all | Should -Not -Match ([regex]::Escape([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('anna:geheim'))))
        $all | Should -Match '/a.txt'
    }

    It 'does not start where passwords could be read on their way (<Bind>)' -ForEach @(
        @{ Bind = @() }
        @{ Bind = @('0.0.0.0') }
    ) {
        $where = if ($Bind) { @{ Bind = $Bind } } else { @{} }
        { Start-HttpServer -Port 0 -Directory $site -Credential $anna @where } | Should -Throw -ErrorId 'CredentialInsecure,*'
        Get-HttpServer | Should -BeNullOrEmpty
        $server = Start-HttpServer -Port 0 -Directory $site -CredentialPath $users @where -AllowUnencryptedAuthentication
        (Invoke-Http "http://127.0.0.1:$($server.Port)/a.txt" -Header (Get-Header anna geheim)).Text | Should -Be 'content'
    }

    It 'starts there if it speaks HTTPS' {
        $server = Start-HttpServer -Port 0 -Directory $site -CredentialPath $users -SelfSigned
        Invoke-RestMethod "https://localhost:$($server.Port)/a.txt" -Credential $anna -SkipCertificateCheck -NoProxy | Should -Be 'content'
    }

    It 'tells what is wrong with <Name>' -ForEach @(
        @{ Name = 'two ways at once'; Parameter = { @{ Credential = $anna; CredentialPath = $users } }; Id = 'CredentialAmbiguous' }
        @{ Name = 'a file that is not there'; Parameter = { @{ CredentialPath = Join-Path $TestDrive 'none' } }; Id = 'CredentialUnreadable' }
        @{ Name = 'a file that has none'; Parameter = { @{ CredentialPath = Join-Path $site 'a.txt' } }; Id = 'CredentialUnreadable' }
        @{ Name = 'a user with a colon'; Parameter = { @{ Credential = Get-TestCredential 'a:b' 'geheim' } }; Id = 'CredentialInvalid' }
        @{ Name = 'a user that is there twice'; Parameter = { @{ Credential = $anna, $anna } }; Id = 'CredentialInvalid' }
        @{ Name = 'an empty password'; Parameter = { @{ Credential = Get-TestCredential 'anna' '' } }; Id = 'CredentialInvalid' }
        @{ Name = 'a password with a control character'; Parameter = { @{ Credential = Get-TestCredential 'anna' "geheim`t" } }; Id = 'CredentialInvalid' }
        @{ Name = 'a way for no passwords'; Parameter = { @{ AllowUnencryptedAuthentication = $true } }; Id = 'CredentialMissing' }
    ) {
        $parameters = & $Parameter
        $thrown = { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site @parameters } | Should -Throw -ErrorId "$Id,*" -PassThru
        "$($thrown.Exception)" | Should -Not -Match 'geheim'
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'warns of a file that everybody who may ask can read' {
        $inside = Join-Path $site 'users'
        Copy-Item $users $inside
        try {
            Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -CredentialPath $inside -WarningVariable warnings -WarningAction SilentlyContinue | Out-Null
            "$warnings" | Should -Match 'lies in the directory'
        }
        finally { Remove-Item $inside }
    }
}
