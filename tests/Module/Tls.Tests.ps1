BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    Set-Content (Join-Path $TestDrive 'a.txt') 'secret' -NoNewline
    $key = [System.Security.Cryptography.ECDsa]::Create()
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=localhost', $key, 'SHA256')
    $script:certificate = $request.CreateSelfSigned([datetimeoffset]::Now.AddDays(-1), [datetimeoffset]::Now.AddDays(1))
    $script:pfx = Join-Path $TestDrive 'site.pfx'
    [IO.File]::WriteAllBytes($pfx, $certificate.Export('Pfx', 'pass word'))
    $script:pem = Join-Path $TestDrive 'site.pem'
    Set-Content $pem "$($certificate.ExportCertificatePem())`n$($key.ExportPkcs8PrivateKeyPem())"

    function Get-Secret($Server) { Invoke-RestMethod "$($Server.Uri)a.txt" -SkipCertificateCheck -NoProxy }
    function Get-Password([string] $Text) {
        $password = [securestring]::new()
        $Text.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
        $password
    }
}

Describe 'Start-HttpServer with a certificate' {
    AfterEach { Clear-Session }

    It 'speaks HTTPS with one of memory' {
        $server = Open-Server -Directory $TestDrive -Certificate $certificate
        $server.Uri | Should -BeLike 'https://127.0.0.1:*/'
        Get-Secret $server | Should -Be 'secret'
        $server.CertificateFingerprint.Replace(':', '') | Should -Be $certificate.GetCertHashString('SHA256')
    }

    It 'speaks HTTPS with one of a file, with a password or without' {
        Get-Secret (Open-Server -Directory $TestDrive -CertificatePath $pfx -CertificatePassword (Get-Password 'pass word')) | Should -Be 'secret'
        Get-Secret (Open-Server -Directory $TestDrive -CertificatePath $pem) | Should -Be 'secret'
    }

    It 'speaks HTTPS with one of its own, scripts included' {
        $server = Open-Server -Directory $TestDrive -SelfSigned
        Register-HttpHandler GET /script { "$($this.Server.IsSecure)" }
        Get-Secret $server | Should -Be 'secret'
        Invoke-RestMethod "$($server.Uri)script" -SkipCertificateCheck -NoProxy | Should -Be 'True'
        $server.CertificateFingerprint | Should -Match '^([0-9A-F]{2}:){31}[0-9A-F]{2}$'
    }

    It 'tells what is wrong with <Name>' -ForEach @(
        @{ Name = 'a password'; Parameter = { @{ CertificatePath = $pfx; CertificatePassword = Get-Password 'wrong' } }; Id = 'CertificateUnreadable' }
        @{ Name = 'a file that is not there'; Parameter = { @{ CertificatePath = Join-Path $TestDrive 'none.pem' } }; Id = 'CertificateUnreadable' }
        @{ Name = 'a file that is none'; Parameter = { @{ CertificatePath = Join-Path $TestDrive 'a.txt' } }; Id = 'CertificateUnreadable' }
        @{ Name = 'a certificate without a key'; Parameter = { @{ Certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::CreateFromPem($certificate.ExportCertificatePem()) } }; Id = 'CertificateUnreadable' }
        @{ Name = 'two ways at once'; Parameter = { @{ Certificate = $certificate; SelfSigned = $true } }; Id = 'CertificateAmbiguous' }
        @{ Name = 'a key without a certificate'; Parameter = { @{ KeyPath = $pem } }; Id = 'CertificatePathMissing' }
    ) {
        $parameters = & $Parameter
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive @parameters } | Should -Throw -ErrorId "$Id,*"
        Get-HttpServer | Should -BeNullOrEmpty
    }
}
