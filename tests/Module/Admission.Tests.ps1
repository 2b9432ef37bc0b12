BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'whose requests a server looks at' {
    AfterEach { Clear-Session }

    It 'answers <Status> for the host <HostName> with <Parameter>' -ForEach @(
        @{ HostName = 'evil.example'; Parameter = @{}; Status = 421 }
        @{ HostName = 'app.localhost'; Parameter = @{}; Status = 200 }
        @{ HostName = 'www.example.com'; Parameter = @{ AllowedHost = 'example.com', '*.example.com' }; Status = 200 }
        @{ HostName = 'evil.example'; Parameter = @{ TrustedProxy = '127.0.0.1' }; Status = 200 }
        @{ HostName = 'localhost'; Parameter = @{ AllowAddress = '10.0.0.0/8' }; Status = 403 }
        @{ HostName = 'localhost'; Parameter = @{ AllowAddress = '10.0.0.0/8', '127.0.0.1' }; Status = 200 }
        @{ HostName = 'localhost'; Parameter = @{ DenyAddress = '127.0.0.1' }; Status = 403 }
    ) {
        $server = Open-Server -NoFiles @Parameter
        Register-HttpHandler GET /here { 'here' }
        (Invoke-Http "$($server.Uri)here" -Header @{ Host = $HostName }).Status | Should -Be $Status
    }

    It 'holds clients to the limit of a server, and calls no handler beyond it' {
        $server = Open-Server -NoFiles -RateLimit 2/h
        $handler = Register-HttpHandler GET /here { 'here' } -PassThru
        1..4 | ForEach-Object { (Invoke-Http "$($server.Uri)here").Status } | Should -Be 200, 200, 429, 429
        $handler.Calls | Should -Be 2
        $answer = Invoke-WebRequest "$($server.Uri)here" -NoProxy -SkipHttpErrorCheck
        [int] $answer.Headers['Retry-After'][0] | Should -BeGreaterThan 1700
    }

    It 'holds clients to the limit of a handler' {
        $server = Open-Server -NoFiles
        $handler = Register-HttpHandler POST /limited { "$($Request.Body)" } -RateLimit 1/h -RateKey Header:X-Api-Key -PassThru
        Register-HttpHandler GET /free { 'free' }
        "$($handler.RateLimit) $($handler.RateLimit.Key)" | Should -Be '1/h Header:X-Api-Key'
        $codes = foreach ($key in 'a', 'a', 'b', 'a') {
            (Invoke-Http "$($server.Uri)limited" -Method POST -Body 'text' -Header @{ 'X-Api-Key' = $key }).Status
        }
        $codes | Should -Be 200, 429, 200, 429
        $handler.Calls | Should -Be 2
        (Invoke-Http "$($server.Uri)free").Text | Should -Be 'free'
    }

    It 'counts a handler of a table' {
        $server = Open-Server -NoFiles
        @{ Method = 'GET'; Path = '/one'; ScriptBlock = { 1 }; RateLimit = '1/h'; RateKey = 'Address' } | Register-HttpHandler
        Register-HttpHandler -Route @{ 'GET /two' = { 2 } } -RateLimit 1/h
        foreach ($path in 'one', 'two') {
            (Invoke-Http "$($server.Uri)$path").Status | Should -Be 200
            (Invoke-Http "$($server.Uri)$path").Status | Should -Be 429
        }
    }

    It 'takes all of it from a file too' {
        $path = Join-Path $TestDrive 'server.json'
        '{ "rate-limit": "3/h", "rate-key": "header:X-Api-Key", "allow": ["127.0.0.1"], "deny": ["192.0.2.1"], "allowed-host": ["a.example"], "max-request-line": "1K" }' | Set-Content $path
        $server = Open-Server -NoFiles -ConfigPath $path
        Register-HttpHandler GET '/{*rest}' { 'here' }
        foreach ($target in @{ Host = 'a.example'; Path = ''; Status = 200 }, @{ Host = 'b.example'; Path = ''; Status = 421 }, @{ Host = 'a'; Path = 'a' * 1100; Status = 414 }) {
            (Invoke-Http "$($server.Uri)$($target.Path)" -Header @{ Host = $target.Host }).Status | Should -Be $target.Status
        }
        1..4 | ForEach-Object { (Invoke-Http "$($server.Uri)x" -Header @{ 'X-Api-Key' = 'a' }).Status } | Should -Be 200, 200, 200, 429
    }

    It 'tells what is wrong with <Parameter>' -ForEach @(
        @{ Parameter = @{ AllowedHost = 'http://a' }; Id = 'AllowedHostInvalid' }
        @{ Parameter = @{ AllowedHost = 'a.example:80' }; Id = 'AllowedHostInvalid' }
        @{ Parameter = @{ AllowAddress = 'localhost' }; Id = 'AddressInvalid' }
        @{ Parameter = @{ DenyAddress = '10.0.0.1/8' }; Id = 'AddressInvalid' }
        @{ Parameter = @{ DenyAddress = 'unix' }; Id = 'AddressInvalid' }
        @{ Parameter = @{ RateLimit = '100' }; Id = 'RateLimitInvalid' }
        @{ Parameter = @{ RateLimit = '1/s'; RateKey = 'Cookie' }; Id = 'RateKeyInvalid' }
        @{ Parameter = @{ RateKey = 'User' }; Id = 'RateLimitMissing' }
    ) {
        { Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $TestDrive @Parameter } | Should -Throw -ErrorId "$Id,*"
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'tells what is wrong with the limit of a handler' {
        { Register-HttpHandler GET /x { 1 } -RateLimit 1/x } | Should -Throw -ErrorId 'RateLimitInvalid,*'
        { Register-HttpHandler GET /x { 1 } -RateLimit 1/s -RateKey Cookie } | Should -Throw -ErrorId 'RateKeyInvalid,*'
        { Register-HttpHandler GET /x { 1 } -RateKey User } | Should -Throw -ErrorId 'RateLimitMissing,*'
        Get-HttpHandler | Should -BeNullOrEmpty
    }
}
