BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:told = @{ 'X-Forwarded-For' = '192.0.2.1:4711'; 'X-Forwarded-Proto' = 'https'; 'X-Forwarded-Host' = 'example.com' }
    function Get-Seen($Server) { Invoke-RestMethod "$($Server.Uri)seen" -Headers $told -NoProxy }
}

Describe 'Start-HttpServer behind a proxy' {
    BeforeEach {
        Register-HttpHandler GET /seen { "$($Request.RemoteEndPoint) $($Request.IsSecure) $($Request.Host) $($Request.Url)" }
    }
    AfterEach { Clear-Session }

    It 'believes a trusted one' {
        $server = Open-Server -Directory $TestDrive -TrustedProxy 10.0.0.0/8, 127.0.0.1
        Get-Seen $server | Should -Be '192.0.2.1:4711 True example.com https://example.com/seen'
        (Wait-Log $server { $_.Path -eq '/seen' }).Client | Should -Be '192.0.2.1'
    }

    It 'believes nobody else' {
        foreach ($parameters in @{}, @{ TrustedProxy = '192.0.2.7', 'unix' }) {
            $server = Open-Server -Directory $TestDrive @parameters
            Get-Seen $server | Should -Match "^127\.0\.0\.1:[1-9]\d* False 127\.0\.0\.1:$($server.Port) http://127\.0\.0\.1:$($server.Port)/seen$"
        }
    }

    It 'takes the client from the PROXY protocol' {
        $server = Open-Server -Directory $TestDrive -TrustedProxy 127.0.0.1 -ProxyProtocol
        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $server.Port)
        try {
            $stream = $client.GetStream()
            $stream.Write([Text.Encoding]::ASCII.GetBytes("PROXY TCP4 192.0.2.1 192.0.2.2 4711 80`r`nGET /seen HTTP/1.1`r`nHost: test`r`nConnection: close`r`n`r`n"))
            [System.IO.StreamReader]::new($stream).ReadToEnd() | Should -BeLike '*192.0.2.1:4711 False test http://test/seen'
        } finally {
            $client.Dispose()
        }
    }

    It 'tells what is wrong with <Name>' -ForEach @(
        @{ Name = 'a name'; Parameter = @{ TrustedProxy = 'proxy.example' }; Id = 'TrustedProxyInvalid' }
        @{ Name = 'an address in a network'; Parameter = @{ TrustedProxy = '127.0.0.1', '10.0.0.1/8' }; Id = 'TrustedProxyInvalid' }
        @{ Name = 'the PROXY protocol alone'; Parameter = @{ ProxyProtocol = $true }; Id = 'TrustedProxyMissing' }
    ) {
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive @Parameter } | Should -Throw -ErrorId "$Id,*"
        Get-HttpServer | Should -BeNullOrEmpty
    }
}

Describe 'Start-HttpServer with -HealthPath and -DrainTime' {
    AfterEach { Clear-Session }

    It 'answers health checks before all handlers, until the end of the drain' {
        $server = Open-Server -Directory $TestDrive -HealthPath /healthz -LivenessPath /livez -DrainTime 600
        Register-HttpHandler -Method GET { throw 'no' }
        (Invoke-RestMethod "$($server.Uri)healthz" -NoProxy).status | Should -Be 'ok'
        $stop = Start-ThreadJob { param($server, $module) Import-Module $module; $server | Stop-HttpServer } -ArgumentList $server, (Join-Path $PSScriptRoot '../../HttpServer.psd1')
        Wait-Until -Because 'the server drains' { (Invoke-WebRequest "$($server.Uri)healthz" -NoProxy -SkipHttpErrorCheck).StatusCode -eq 503 }
        (Invoke-RestMethod "$($server.Uri)livez" -NoProxy).status | Should -Be 'ok'
        $server | Stop-HttpServer -Force
        $stop | Wait-Job | Remove-Job
        $server.State | Should -Be 'Stopped'
    }

    It 'refuses what is no path' {
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive -HealthPath healthz } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive -HealthPath '/a?b' } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive -LivenessPath livez } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'refuses one path for both' {
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive -HealthPath /a -LivenessPath /a } | Should -Throw -ErrorId 'LivenessPathIsHealthPath,*'
    }
}
