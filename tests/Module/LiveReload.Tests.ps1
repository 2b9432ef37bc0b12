BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:target = '/.well-known/httpserver/live-reload'
    function Connect-Event($Server) {
        $connection = Connect-Port $Server.Port
        Write-Connection $connection "GET $target HTTP/1.1`r`nHost: test`r`n`r`n"
        Read-Connection $connection 'event: version' | Should -Match 'text/event-stream'
        $connection
    }
}

Describe 'Start-HttpServer -LiveReload' {
    AfterEach {
        if ($connection) { $connection.Dispose() }
        Clear-Session
    }

    It 'adds its script to pages, not to what scriptblocks answer' {
        Set-Content (Join-Path $TestDrive 'a.html') '<p>a</body>'
        $server = Open-Server -Directory $TestDrive -LiveReload
        Register-HttpHandler GET /script { $Response.ContentType = 'text/html'; '<p>b</body>' }
        (Invoke-Http "$($server.Uri)a.html").Text | Should -Match '<p>a<script src="/.well-known/httpserver/live-reload.js"'
        (Invoke-Http "$($server.Uri)script").Text | Should -Be '<p>b</body>'
        (Invoke-Http "$($server.Uri)missing").Text | Should -Match 'live-reload.js'
    }

    It 'tells of changes, whatever handlers answer' {
        $server = Open-Server -Directory $TestDrive -LiveReload
        Register-HttpHandler -Method GET { 'every path' }
        (Invoke-Http "$($server.Uri)x").Text | Should -Be 'every path'
        $connection = Connect-Event $server
        Set-Content (Join-Path $TestDrive 'b.html') 'b'
        Read-Connection $connection 'event: reload' | Should -Match 'event: reload'
    }

    It 'keeps no worker of a class' {
        . ([scriptblock]::Create('class LiveHandler : Http.Server.SimpleHttpRequestHandler { [void] DoGet() { $this.SendText("own") } }
            $script:type = [LiveHandler]'))
        $server = Open-Server -Directory $TestDrive -LiveReload -HandlerType $type -ThrottleLimit 1
        $connection = Connect-Event $server
        (Invoke-Http $server.Uri).Text | Should -Be 'own'
        Set-Content (Join-Path $TestDrive 'c.html') 'c'
        Read-Connection $connection 'event: reload' | Should -Match 'event: reload'
    }

    It 'ends when the server is stopped' {
        $server = Open-Server -Directory $TestDrive -LiveReload
        $connection = Connect-Event $server
        $server | Stop-HttpServer
        Read-Connection $connection | Should -Match "0`r`n`r`n$"
    }
}
