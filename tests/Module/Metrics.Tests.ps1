BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'Start-HttpServer with -MetricsPath' {
    AfterEach { Clear-Session }

    It 'measures requests of handlers by their routes, and shows the workers' {
        Register-HttpHandler GET '/things/{id}' { param($id) "thing $id" }
        $server = Open-Server -NoFiles -MetricsPath /metrics
        Invoke-RestMethod "$($server.Uri)things/1" -NoProxy | Should -BeLike 'thing 1*'

        $count = 'http_server_request_duration_seconds_count{http_request_method="GET",url_scheme="http",http_response_status_code="200",http_route="/things/{id}"} 1'
        # An answer comes a moment before its request has ended.
        Wait-Until -Because 'the request is counted' { $count -in ((Invoke-RestMethod "$($server.Uri)metrics" -NoProxy) -split "`n") }
        $lines = (Invoke-RestMethod "$($server.Uri)metrics" -NoProxy) -split "`n"
        $lines -match '^http_server_workers\{http_server_worker_type="handler"' | Should -HaveCount 2
        $lines | Should -Contain 'http_server_queue_length{http_server_worker_type="handler"} 0'
    }

    It 'answers before a handler of the path' {
        Register-HttpHandler GET { 'handler' }
        $server = Open-Server -NoFiles -MetricsPath /metrics
        Invoke-RestMethod "$($server.Uri)metrics" -NoProxy | Should -BeLike '# HELP*'
        Invoke-RestMethod "$($server.Uri)other" -NoProxy | Should -BeLike 'handler*'
    }

    It 'asks for the user of the server' {
        $password = ConvertTo-SecureString secret -AsPlainText -Force
        $server = Open-Server -NoFiles -MetricsPath /metrics -Credential ([pscredential]::new('anna', $password))
        (Invoke-WebRequest "$($server.Uri)metrics" -NoProxy -SkipHttpErrorCheck).StatusCode | Should -Be 401
    }

    It 'serves them at an address of their own with -MetricsBind' {
        $server = Open-Server -NoFiles -MetricsPath /metrics -MetricsBind 127.0.0.1:0
        (Invoke-WebRequest "$($server.Uri)metrics" -NoProxy -SkipHttpErrorCheck).StatusCode | Should -Be 404
        $server.MetricsUri.AbsolutePath | Should -Be '/metrics'
        Invoke-RestMethod $server.MetricsUri -NoProxy | Should -BeLike '# HELP*'
    }

    It 'has no address of metrics without them' {
        (Open-Server -NoFiles).MetricsUri | Should -BeNullOrEmpty
    }

    It 'tells what is wrong with <Parameters.Keys>' -ForEach @(
        @{ Parameters = @{ MetricsBind = ':9100' }; ErrorId = 'MetricsPathMissing,*' }
        @{ Parameters = @{ MetricsPath = '/metrics'; MetricsBind = '9100' }; ErrorId = 'MetricsBindInvalid,*' }
        @{ Parameters = @{ MetricsPath = 'metrics' }; ErrorId = 'ParameterArgumentValidationError,*' }
        @{ Parameters = @{ LogMaxSize = 1MB }; ErrorId = 'LogPathMissing,*' }
    ) {
        { Open-Server -NoFiles @Parameters } | Should -Throw -ErrorId $ErrorId
    }
}

Describe 'Start-HttpServer with -LogMaxSize' {
    AfterEach { Clear-Session }

    It 'begins a new file, and keeps -LogKeep old ones' {
        $log = Join-Path $TestDrive 'access.log'
        $server = Open-Server -Directory $TestDrive -LogPath $log -LogMaxSize 1 -LogKeep 2
        1..4 | ForEach-Object { $null = Invoke-WebRequest "$($server.Uri)$_" -NoProxy -SkipHttpErrorCheck }
        Stop-HttpServer
        Get-ChildItem $TestDrive -Filter 'access.log*' | Sort-Object Name | ForEach-Object Name | Should -Be 'access.log', 'access.log.1', 'access.log.2'
        Get-Content $log | Should -Match 'GET /[1-4] '
    }
}
