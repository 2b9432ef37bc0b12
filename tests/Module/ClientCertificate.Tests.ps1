using namespace System.Security.Cryptography
using namespace System.Security.Cryptography.X509Certificates

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = Join-Path $TestDrive 'site'
    New-Item -ItemType Directory (Join-Path $site 'cgi-bin') -Force | Out-Null
    Set-Content (Join-Path $site 'a.txt') 'content' -NoNewline

    function New-Certificate([string] $Subject, [X509Certificate2] $Issuer, [switch] $Authority) {
        $key = [ECDsa]::Create([ECCurve+NamedCurves]::nistP256)
        $request = [CertificateRequest]::new($Subject, $key, [HashAlgorithmName]::SHA256)
        $request.CertificateExtensions.Add([X509BasicConstraintsExtension]::new($Authority, $false, 0, $true))
        $from = [datetimeoffset]::UtcNow.AddDays(-1)
        if (-not $Issuer) { return $request.CreateSelfSigned($from, $from.AddDays(30)) }
        $signer = [X509SignatureGenerator]::CreateForECDsa([ECDsaCertificateExtensions]::GetECDsaPrivateKey($Issuer))
        [ECDsaCertificateExtensions]::CopyWithPrivateKey($request.Create($Issuer.SubjectName, $signer, $from, $from.AddDays(20), [byte[]](1..8)), $key)
    }

    $script:root = New-Certificate 'CN=Clients' -Authority
    $script:anna = New-Certificate 'CN=anna' $root
    $script:otto = New-Certificate 'CN=otto' $root
    $script:stranger = New-Certificate 'CN=anna'
    $script:authorities = Join-Path $TestDrive 'ca.pem'
    Set-Content $authorities $root.ExportCertificatePem()

    function Open-SecureServer { Open-Server -SelfSigned @args }
    function Register-Staff { Register-HttpAuthentication Staff -Force -ClientCertificate -AuthorityPath $authorities @args }

    # A connection of its own: a session would keep one, with the certificate that it began with.
    function Invoke-Secure([string] $Uri, [X509Certificate2] $Certificate, [string] $Method = 'GET', [hashtable] $Header = @{}) {
        $more = if ($Certificate) { @{ Certificate = $Certificate } } else { @{} }
        $answer = Invoke-WebRequest -Uri $Uri -CustomMethod $Method -Headers $Header -SkipCertificateCheck -SkipHttpErrorCheck -NoProxy -DisableKeepAlive @more
        [pscustomobject]@{ Status = [int]$answer.StatusCode; Text = "$($answer.Content)" }
    }

    # Whether a handshake asks for a certificate, as curl tells it.
    function Test-Asking($Server) {
        $said = & $curl -vk --noproxy '*' -o ([IO.Path]::GetTempFileName()) "$($Server.Uri)" 2>&1 | Out-String
        $said | Should -Match 'handshake, Server hello'
        $said -match 'Request CERT'
    }
}

Describe 'Register-HttpAuthentication -ClientCertificate' {
    AfterEach { Clear-Session }

    It 'lets in who has a certificate of the authority, for files and handlers' {
        Register-Staff
        $server = Open-SecureServer -Directory $site -Authentication Staff
        Register-HttpHandler GET /who { "$($this.AuthType) $($Request.User) $($Request.User.Roles)" }
        (Invoke-Secure "$($server.Uri)who" $anna).Text | Should -Be 'ClientCertificate anna '
        (Invoke-Secure "$($server.Uri)a.txt" $anna).Text | Should -Be 'content'
        foreach ($path in 'who', 'a.txt', 'none') {
            (Invoke-Secure "$($server.Uri)$path" $stranger).Status | Should -Be 401
            (Invoke-Secure "$($server.Uri)$path").Status | Should -Be 401
        }
    }

    It 'tells programs who it is' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the program of this test is a shell script' }
        Skip-WithoutCgi
        $program = Join-Path $site 'cgi-bin/who'
        Set-Content $program "#!/bin/sh`nprintf 'Content-Type: text/plain\r\n\r\n%s' `"`$AUTH_TYPE `$REMOTE_USER`""
        [IO.File]::SetUnixFileMode($program, 'UserRead, UserWrite, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute')
        Register-Staff
        $server = Open-SecureServer -Directory $site -Cgi -Authentication Staff
        (Invoke-Secure "$($server.Uri)cgi-bin/who" $anna).Text | Should -Be 'ClientCertificate anna'
        (Invoke-Secure "$($server.Uri)cgi-bin/who").Status | Should -Be 401
    }

    It 'has a block give the user and the roles of a good certificate' {
        Register-Staff -User { param($Certificate) if ($Certificate.Subject -ceq 'CN=anna') { @{ Name = $Certificate.Subject; Roles = 'Ops' } } }
        $server = Open-SecureServer -NoFiles
        Register-HttpHandler GET /who -Authentication Staff -Role Ops { "$($Request.User)" }
        (Invoke-Secure "$($server.Uri)who" $anna).Text | Should -Be 'CN=anna'
        (Invoke-Secure "$($server.Uri)who" $otto).Status | Should -Be 401
        (Invoke-Secure "$($server.Uri)who" $stranger).Status | Should -Be 401
    }

    It 'lets nobody in by a block that fails' {
        Register-Staff -User { param($Certificate) throw 'broken' }
        $server = Open-SecureServer -NoFiles -Quiet
        Register-HttpHandler GET /who -Authentication Staff { 'in' }
        (Invoke-Secure "$($server.Uri)who" $anna).Status | Should -Be 500
    }

    It 'knows certificates by thumbprints' {
        Register-HttpAuthentication Known -ClientCertificate -Thumbprint $stranger.Thumbprint, ($otto.GetCertHashString('SHA256') -replace '(..)(?!$)', '$1:')
        $server = Open-SecureServer -NoFiles
        Register-HttpHandler GET /who -Authentication Known { "$($Request.User)" }
        (Invoke-Secure "$($server.Uri)who" $stranger).Text | Should -Be 'anna'
        (Invoke-Secure "$($server.Uri)who" $otto).Text | Should -Be 'otto'
        (Invoke-Secure "$($server.Uri)who" $anna).Status | Should -Be 401
    }

    It 'has TLS ask only where it is used, and for as long' {
        $script:curl = Find-Tool curl
        if (-not $curl) { Set-ItResult -Skipped -Because 'curl is not installed' }
        $server = Open-SecureServer -NoFiles -Name A
        $other = Open-SecureServer -NoFiles -Name B
        Test-Asking $server | Should -BeFalse
        Register-Staff
        Test-Asking $server | Should -BeFalse
        $handler = Register-HttpHandler GET /who -Authentication Staff -Server A { "$($Request.User)" } -PassThru
        Test-Asking $server | Should -BeTrue
        Test-Asking $other | Should -BeFalse
        (Invoke-Secure "$($server.Uri)who" $anna).Text | Should -Be 'anna'
        $handler | Unregister-HttpHandler
        Test-Asking $server | Should -BeFalse
        $server = Open-SecureServer -NoFiles -Authentication Staff
        Test-Asking $server | Should -BeTrue
        Unregister-HttpAuthentication Staff
        Test-Asking $server | Should -BeFalse
        (Invoke-Secure "$($server.Uri)who" $anna).Status | Should -Be 401
        Register-HttpAuthentication Staff -Bearer { param($t) 'anna' }
        Test-Asking $server | Should -BeFalse
    }

    It 'refuses what a page of another origin has the browser send' {
        Register-Staff
        $server = Open-SecureServer -NoFiles -Authentication Staff
        Register-HttpHandler POST, GET /act { 'done' }
        Register-HttpHandler POST /open -AllowCrossSite { 'done' }
        $evil = @{ Origin = 'https://evil.example' }
        (Invoke-Secure "$($server.Uri)act" $anna POST).Text | Should -Be 'done'
        (Invoke-Secure "$($server.Uri)act" $anna POST $evil).Status | Should -Be 403
        (Invoke-Secure "$($server.Uri)act" $anna GET $evil).Text | Should -Be 'done'
        (Invoke-Secure "$($server.Uri)open" $anna POST $evil).Text | Should -Be 'done'
    }

    It 'is 401 over plain HTTP for a handler of all servers, whatever a proxy says' {
        Register-Staff
        $server = Open-Server -NoFiles -TrustedProxy 127.0.0.1
        Register-HttpHandler GET /who -Authentication Staff { 'in' }
        $claims = @{ 'X-Forwarded-For' = '192.0.2.1'; 'X-Forwarded-Proto' = 'https'; 'X-Client-Cert' = 'CN=anna'; 'X-SSL-Client-S-DN' = 'CN=anna' }
        (Invoke-Http "$($server.Uri)who" -Header $claims).Status | Should -Be 401
        (Wait-Log $server { $_.Level -eq 'Warning' }).Message | Should -BeLike '*plain HTTP*'
    }

    It 'says what is wrong: <Id>' -ForEach @(
        @{ Id = 'AuthenticationCertificate'; Script = { Register-HttpAuthentication A -ClientCertificate } }
        @{ Id = 'AuthenticationCertificate'; Script = { Register-HttpAuthentication A -ClientCertificate -User { param($c) 'anna' } } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication A -ClientCertificate -Thumbprint 'abc' } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication A -ClientCertificate -AuthorityPath /none/ca.pem } }
        @{ Id = 'AuthenticationInvalid'; Script = { Set-Content (Join-Path $TestDrive leaf.pem) $anna.ExportCertificatePem(); Register-HttpAuthentication A -ClientCertificate -AuthorityPath (Join-Path $TestDrive leaf.pem) } }
        @{ Id = 'AuthenticationParameter'; Script = { Register-Staff -User { 'anna' } } }
        @{ Id = 'AmbiguousParameterSet'; Script = { Register-HttpAuthentication A -ClientCertificate -Bearer { param($t) } } }
        @{ Id = 'AmbiguousParameterSet'; Script = { Register-HttpAuthentication A -Bearer { param($t) } -User { param($c) } } }
        @{ Id = 'AuthenticationNeedsTls'; Script = { Register-Staff; Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -Authentication Staff } }
        @{ Id = 'AuthenticationNeedsTls'; Script = { Register-Staff; $plain = Open-Server -NoFiles; Register-HttpHandler GET /x -Server $plain -Authentication Staff { } } }
    ) {
        $Script | Should -Throw -ErrorId "$Id,*"
    }

    It 'is put out as what it is' {
        $made = Register-Staff -PassThru
        "$made|$($made.ScriptBlock)" | Should -Be 'Staff (ClientCertificate)|'
    }
}
