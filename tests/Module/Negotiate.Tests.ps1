# A realm of Kerberos of its own, with a key distribution centre at a loopback port. Its files are named to a process by its environment, so
# that servers and clients run in processes of their own.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $paths = $env:PATH
    $env:PATH += ':/usr/sbin:/sbin'
    $script:tools = @{}
    foreach ($name in 'krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit', 'curl') { $tools[$name] = Find-Tool $name }
    $env:PATH = $paths
    $absent = @($tools.Keys | Where-Object { -not $tools[$_] })
    $script:missing = if ($absent.Count -gt 0) {
        "$($absent -join ', ') is not installed: install the packages krb5-kdc, krb5-admin-server, krb5-user, libgssapi-krb5-2 and curl"
    }
    if ($missing) { return }

    $script:realm = Join-Path $TestDrive realm
    New-Item -ItemType Directory $realm | Out-Null
    $probe = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
    $probe.Start()
    $port = $probe.LocalEndpoint.Port
    $probe.Stop()
    Set-Content (Join-Path $realm krb5.conf) @"
[libdefaults]
default_realm = TEST.EXAMPLE
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
TEST.EXAMPLE = {
  kdc = 127.0.0.1:$port
}
"@
    Set-Content (Join-Path $realm kdc.conf) @"
[kdcdefaults]
kdc_listen = 127.0.0.1:$port
kdc_tcp_listen = 127.0.0.1:$port
[realms]
TEST.EXAMPLE = {
  database_name = $realm/principal
  key_stash_file = $realm/stash
  acl_file = $realm/acl
}
[logging]
kdc = FILE:$realm/kdc.log
"@
    $script:kerberos = @{
        KRB5_CONFIG = Join-Path $realm krb5.conf
        KRB5_KDC_PROFILE = Join-Path $realm kdc.conf
        KRB5_KTNAME = Join-Path $realm server.keytab
        KRB5CCNAME = "FILE:$realm/cache"
        KRB5RCACHEDIR = $realm
    }

    function Invoke-Kerberos([string] $Name, [string[]] $Arguments) {
        $start = [Diagnostics.ProcessStartInfo]::new($tools[$Name], $Arguments)
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        foreach ($key in $kerberos.Keys) { $start.Environment[$key] = $kerberos[$key] }
        $process = [Diagnostics.Process]::Start($start)
        $errors = $process.StandardError.ReadToEndAsync()
        $output = $process.StandardOutput.ReadToEndAsync()
        $process.WaitForExit()
        [pscustomobject]@{ Code = $process.ExitCode; Text = $output.Result + $errors.Result }
    }

    (Invoke-Kerberos kdb5_util 'create', '-s', '-r', 'TEST.EXAMPLE', '-P', 'secret').Code | Should -Be 0
    foreach ($command in 'addprinc -randkey HTTP/localhost', 'addprinc -randkey anna', 'addprinc -randkey otto', "ktadd -k $realm/server.keytab HTTP/localhost", "ktadd -k $realm/users.keytab anna otto") {
        (Invoke-Kerberos kadmin.local '-r', 'TEST.EXAMPLE', '-q', $command).Code | Should -Be 0
    }

    $start = [Diagnostics.ProcessStartInfo]::new($tools.krb5kdc, [string[]]('-n', '-r', 'TEST.EXAMPLE'))
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    foreach ($key in $kerberos.Keys) { $start.Environment[$key] = $kerberos[$key] }
    $script:kdc = [Diagnostics.Process]::Start($start)
    $null = Wait-Until -Because 'there is a ticket' { (Invoke-Kerberos kinit '-k', '-t', "$realm/users.keytab", 'anna').Code -eq 0 }

    # What the scripts of the tests begin with: a server, and ways to ask it.
    $script:before = @'
        Import-Module $Manifest
        Import-Module $Support
        function New-Token {
            $options = [Net.Security.NegotiateAuthenticationClientOptions]@{ Package = 'Negotiate'; TargetName = 'HTTP/localhost' }
            $status = [Net.Security.NegotiateAuthenticationStatusCode]::Completed
            [Net.Security.NegotiateAuthentication]::new($options).GetOutgoingBlob('', [ref]$status)
        }
        function Send-Raw($Client, [string] $Path, [string[]] $Header = @()) {
            $stream = $Client.GetStream()
            $stream.Write([Text.Encoding]::ASCII.GetBytes((@("GET $Path HTTP/1.1", 'Host: localhost') + $Header + '', '') -join "`r`n"))
            $text = ''
            $buffer = [byte[]]::new(65536)
            while ($text -notmatch '(?s)^HTTP/1.1 (\d+).*?Content-Length: (\d+).*?\r\n\r\n(.*)$' -or $Matches[3].Length -lt [int]$Matches[2]) {
                $count = $stream.Read($buffer, 0, $buffer.Length)
                if ($count -eq 0) { return "closed after $text" }
                $text += [Text.Encoding]::Latin1.GetString($buffer, 0, $count)
            }
            "$($Matches[1]) $(if ($Matches[1] -eq '200') { $Matches[3] }) $(if ($text -match 'WWW-Authenticate: Negotiate( \S+)?') { if ($Matches[1]) { 'proof' } else { 'challenge' } })".Trim()
        }
        function Connect { [Net.Sockets.TcpClient]::new('127.0.0.1', $server.Port) }
        Register-HttpAuthentication Corp -Negotiate
        $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -Quiet -TrustedProxy 192.0.2.1
        Register-HttpHandler GET, POST /who -Authentication Corp { "$($this.AuthType) $($Request.User)" }
        Register-HttpHandler GET /open { 'open' }
'@

    function Invoke-Realm([string] $Script, [hashtable] $More = @{}) {
        $environment = $kerberos + @{ CURL = $tools.curl }
        foreach ($key in $More.Keys) { $environment[$key] = $More[$key] }
        $ended = Invoke-PowerShell "$before`n$Script" -Environment $environment
        $ended.ErrorText | Should -BeNullOrEmpty
        $ended.Output
    }
}

AfterAll {
    if ($script:kdc) {
        $kdc.Kill()
        $kdc.Dispose()
    }
}

Describe 'Register-HttpAuthentication -Negotiate' {
    BeforeEach { if ($missing) { Set-ItResult -Skipped -Because $missing } }

    It 'lets in who has a ticket, by curl' {
        Invoke-Realm @'
            & $env:CURL -s --noproxy '*' --negotiate -u : "http://localhost:$($server.Port)/who" "http://localhost:$($server.Port)/who"
            ''
            & $env:CURL -s --noproxy '*' -o /dev/null -w '%{http_code}' "http://localhost:$($server.Port)/who"
'@ | Should -Be 'Negotiate anna@TEST.EXAMPLENegotiate anna@TEST.EXAMPLE', '401'
    }

    It 'is 401 without a ticket' {
        Invoke-Realm @'
            & $env:CURL -s --noproxy '*' --negotiate -u : -o /dev/null -w '%{http_code}' "http://localhost:$($server.Port)/who"
'@ @{ KRB5CCNAME = "FILE:$realm/none" } | Should -Be '401'
    }

    It 'keeps the user for the connection and for nobody else' {
        Invoke-Realm @'
            $one = Connect; $two = Connect
            Send-Raw $one /who
            Send-Raw $one /who "Authorization: Negotiate $(New-Token)"
            Send-Raw $one /who
            Send-Raw $one /open
            Send-Raw $two /who
            Send-Raw $one /who 'Authorization: Bearer abc'
            Send-Raw $one /who
            Send-Raw $one /who 'Authorization: Negotiate AAAA'
            Send-Raw $one /who
            Send-Raw $one /who "Authorization: negotiate $(New-Token)"
'@ | Should -Be '401  challenge', '200 Negotiate anna@TEST.EXAMPLE proof', '200 Negotiate anna@TEST.EXAMPLE', '200 open', '401  challenge', '401  challenge', '200 Negotiate anna@TEST.EXAMPLE', '401  challenge', '401  challenge', '200 Negotiate anna@TEST.EXAMPLE proof'
    }

    It 'keeps nobody where a proxy shares the connection: <_>' -ForEach 'Via: 1.1 cache', 'X-Forwarded-For: 192.0.2.7', 'Forwarded: for=192.0.2.7' {
        Invoke-Realm @"
            `$one = Connect
            Send-Raw `$one /who '$_', "Authorization: Negotiate `$(New-Token)"
            Send-Raw `$one /who '$_'
            Send-Raw `$one /who
            Send-Raw `$one /who "Authorization: Negotiate `$(New-Token)"
            Send-Raw `$one /who '$_'
"@ | Should -Be '200 Negotiate anna@TEST.EXAMPLE proof', '401  challenge', '401  challenge', '200 Negotiate anna@TEST.EXAMPLE proof', '401  challenge'
    }

    It 'takes a token once' {
        Invoke-Realm @'
            $token = New-Token
            Send-Raw (Connect) /who "Authorization: Negotiate $token"
            Send-Raw (Connect) /who "Authorization: Negotiate $token"
'@ | Should -Be '200 Negotiate anna@TEST.EXAMPLE proof', '401  challenge'
    }

    It 'has a block give the user and the roles' {
        Invoke-Realm @'
            Register-HttpAuthentication Corp -Force -Negotiate -User { param($Identity) if ($Identity.Name -like 'anna@*') { @{ Name = $Identity.Name.Split('@')[0]; Roles = $Identity.AuthenticationType } } }
            Register-HttpHandler GET /ops -Authentication Corp -Role Kerberos { "$($Request.User)" }
            Register-HttpHandler GET /admin -Authentication Corp -Role Admin { "$($Request.User)" }
            $one = Connect
            Send-Raw $one /ops "Authorization: Negotiate $(New-Token)"
            Send-Raw $one /ops
            Send-Raw $one /admin
'@ | Should -Be '200 anna proof', '200 anna', '403'
    }

    It 'says once that the server has no key' {
        Invoke-Realm @'
            1..2 | ForEach-Object { Send-Raw (Connect) /who "Authorization: Negotiate $(New-Token)" }
            @(Receive-HttpServerLog | Where-Object Level -eq Warning).Count
'@ @{ KRB5_KTNAME = "$realm/none.keytab" } | Should -Be '401  challenge', '401  challenge', '1'
    }

    It 'refuses what a page of another origin has the browser send' {
        Invoke-Realm @'
            & $env:CURL -s --noproxy '*' --negotiate -u : -X POST -o /dev/null -w '%{http_code} ' "http://localhost:$($server.Port)/who"
            & $env:CURL -s --noproxy '*' --negotiate -u : -X POST -H 'Origin: https://evil.example' -o /dev/null -w '%{http_code}' "http://localhost:$($server.Port)/who"
'@ | Should -Be '200 403'
    }
}

Describe 'Register-HttpAuthentication -Negotiate, without Kerberos' {
    AfterEach { Clear-Session }

    It 'is registered and says what is wrong' {
        "$(Register-HttpAuthentication Corp -Negotiate -PassThru)" | Should -Be 'Corp (Negotiate)'
        { Register-HttpAuthentication Other -Negotiate -User { 'anna' } } | Should -Throw -ErrorId 'AuthenticationParameter,*'
        { Register-HttpAuthentication Other -Negotiate -Thumbprint abc } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}
