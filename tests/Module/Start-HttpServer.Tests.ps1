BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site')).FullName
    Set-Content (Join-Path $site 'a.txt') 'a file' -NoNewline
}

Describe 'Start-HttpServer' {
    AfterEach {
        Clear-Session
    }

    Context 'the server object' {
        It 'is returned at once and says what is served where' {
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Name Mine

            $server | Should -BeOfType 'Http.Server.PowerShell.HttpServerInstance'
            $server.Name | Should -BeExactly 'Mine'
            $server.Id | Should -BeGreaterThan 0
            $server.Port | Should -BeGreaterThan 0
            $server.Uri | Should -Be "http://127.0.0.1:$($server.Port)/"
            "$($server.EndPoints)" | Should -Be "127.0.0.1:$($server.Port)"
            $server.Directory | Should -Be $site
            $server.State | Should -Be 'Running'
            $server.StartTime | Should -BeOfType 'datetime'
            ([datetime]::Now - $server.StartTime).TotalMinutes | Should -BeLessThan 1
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -BeExactly 'a file'
        }

        It 'has figures that are always current' {
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /wait { while (-not $Shared.go) { Start-Sleep -Milliseconds 5 } }
            Register-HttpHandler GET /fail { throw 'wrong' }
            $server.RequestCount, $server.ActiveRequests, $server.ErrorCount, $server.ConnectionCount | Should -Be 0, 0, 0, 0

            $null = Invoke-Http "$($server.Uri)a.txt"
            Wait-Until { $server.RequestCount -eq 1 -and $server.ActiveRequests -eq 0 } | Should -BeTrue
            $server.ConnectionCount | Should -Be 1
            $null = Invoke-Http "$($server.Uri)fail"
            Wait-Until { $server.ErrorCount -eq 1 } | Should -BeTrue
            $waiting = Send-Request "$($server.Uri)wait"
            Wait-Until { $server.ActiveRequests -eq 1 } | Should -BeTrue
            $server.Shared.go = $true
            ($waiting | Receive-Answer).Status | Should -Be 204
            Wait-Until { $server.RequestCount -eq 3 -and $server.ActiveRequests -eq 0 } | Should -BeTrue

            $server | Stop-HttpServer
            $server.State | Should -Be 'Stopped'
        }

        It 'has a name of its own if it is not given one' {
            $first, $second = (Open-Server), (Open-Server)

            $first.Name | Should -Not -Be $second.Name
            $first.Id | Should -Not -Be $second.Id
        }

        It 'can be disposed of, which stops the server' {
            $server = Open-Server
            $server.Dispose()

            $server.State | Should -Be 'Stopped'
            Test-Port $server.Port | Should -BeFalse
            Get-HttpServer | Should -BeNullOrEmpty
        }
    }

    Context 'addresses' {
        It 'takes port 8000 and the current directory if it is told nothing' {
            $result = Invoke-PowerShell "Set-Location '$site'; Import-Module `$Manifest; Start-HttpServer -WhatIf; @(Get-HttpServer).Count"

            $result.ErrorText | Should -BeNullOrEmpty
            $result.Output[0] | Should -BeLike "*$site at port 8000*"
            $result.Output[1] | Should -Be 0
        }

        It 'takes port and directory by position' {
            $server = Start-HttpServer 0 $site -Bind 127.0.0.1

            (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 200
        }

        It 'listens on all interfaces without -Bind' {
            $server = Start-HttpServer 0 $site

            # Where other machines reach it, if they can.
            $reachable = @($server.Addresses | Where-Object IsLoopback -EQ $false)
            $server.Uri | Should -Be ($reachable ? $reachable[0] : "http://localhost:$($server.Port)/")
            (Invoke-Http "http://127.0.0.1:$($server.Port)/a.txt").Status | Should -Be 200
            "$($server.EndPoints)" | Should -Be "[::]:$($server.Port)"
        }

        It 'means both loopbacks by localhost' {
            $server = Start-HttpServer 0 $site -Bind localhost

            $server.EndPoints | ForEach-Object { [ipaddress]::IsLoopback($_.Address) | Should -BeTrue }
            $server.EndPoints.Count | Should -Be ((Test-IPv6) ? 2 : 1)
            $server.EndPoints | ForEach-Object { (Invoke-Http "http://$_/a.txt").Status | Should -Be 200 }
        }

        It 'listens at each of several addresses' {
            if (-not $IsLinux) { Set-ItResult -Skipped -Because 'this system has no second IPv4 loopback address without setting one up' }
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1, 127.0.0.2 -Directory $site

            $server.EndPoints.Count | Should -Be 2
            $server.EndPoints | ForEach-Object { (Invoke-Http "http://$_/a.txt").Status | Should -Be 200 }
        }

        It 'listens at a Unix domain socket' {
            if (-not (Find-Tool curl)) { Set-ItResult -Skipped -Because 'curl is not installed' }
            # The path of such a socket is limited to about 100 bytes, which the test drive's may exceed.
            $path = Join-Path ([IO.Path]::GetTempPath()) "hs-$PID.sock"
            try {
                $server = Start-HttpServer -Bind "unix:$path" -Directory $site

                $server.Port | Should -Be 0
                $server.Uri | Should -BeNullOrEmpty
                curl --silent --unix-socket $path http://site/a.txt | Should -Be 'a file'
            }
            finally {
                Clear-Session
            }

            Test-Path $path | Should -BeFalse
        }

        It 'names the port that is in use, and what to do' {
            $server = Open-Server
            $failure = Get-Failure { Start-HttpServer -Port $server.Port -Bind 127.0.0.1 }

            $failure.Id | Should -Be 'CannotListen'
            $failure.Category | Should -Be 'ResourceUnavailable'
            $failure.IsTerminating | Should -BeTrue
            $failure.Message | Should -BeLike "*127.0.0.1:$($server.Port)*in use*another port*"
            $failure.Record.TargetObject | Should -Be $server.Port
            @(Get-HttpServer).Count | Should -Be 1
        }

        It 'names an address that this machine does not have' {
            $failure = Get-Failure { Start-HttpServer -Port 0 -Bind 203.0.113.7 }

            $failure.Id | Should -Be 'CannotListen'
            $failure.Message | Should -BeLike '*203.0.113.7*Choose*'
        }

        It 'names what is no address' {
            $failure = Get-Failure { Start-HttpServer -Port 0 -Bind 'no.such.host.invalid' }

            $failure.Id | Should -Be 'CannotListen'
            $failure.Message | Should -BeLike "*'no.such.host.invalid'*Give*"
        }

        It 'refuses the port <_>' -ForEach -1, 65536 {
            { Start-HttpServer -Port $_ -Bind 127.0.0.1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        }
    }

    Context 'directories' {
        BeforeEach {
            $script:before = Get-Location
        }

        AfterEach {
            Set-Location -LiteralPath $before
        }

        It 'takes a path relative to the location' {
            Set-Location $TestDrive
            $server = Open-Server -Directory site

            $server.Directory | Should -Be $site
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'takes the location, not the directory of the process' {
            Set-Location $site
            [Environment]::CurrentDirectory | Should -Not -Be $site
            $server = Open-Server

            $server.Directory | Should -Be $site
        }

        It 'takes a drive of PowerShell' {
            $null = New-PSDrive -Name Web -PSProvider FileSystem -Root $TestDrive
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory Web:/site

            $server.Directory | Should -Be $site
            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
        }

        It 'starts where the location is on a drive of PowerShell, with handlers too' {
            $null = New-PSDrive -Name Pages -PSProvider FileSystem -Root $TestDrive
            Set-Location Pages:/site
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1
            Register-HttpHandler GET /read { Get-Content a.txt }

            $server.Directory | Should -Be $site
            (Invoke-Http "$($server.Uri)read").Text | Should -Be 'a file'
        }

        It 'takes a tilde for the home directory' {
            (Open-Server -Directory '~').Directory | Should -Be ((Get-Item '~').FullName)
        }

        It 'takes a name with brackets as it is' {
            $odd = (New-Item -ItemType Directory (Join-Path $TestDrive 'a [b] ü')).FullName

            (Open-Server -Directory $odd).Directory | Should -Be $odd
        }

        It 'starts where the location has brackets in its name, with handlers too' {
            Set-Location -LiteralPath (New-Item -ItemType Directory (Join-Path $TestDrive 'list [1]')).FullName
            $server = Open-Server -ThrottleLimit 1
            Register-HttpHandler GET /where { (Get-Location).Path }
            Register-HttpHandler GET /leave { Set-Location / }

            $here = (Get-Location).ProviderPath
            $server.Directory | Should -Be $here
            (Invoke-Http "$($server.Uri)where").Text | Should -Be $here
            (Invoke-Http "$($server.Uri)leave").Status | Should -Be 204
            (Invoke-Http "$($server.Uri)where").Text | Should -Be $here
        }

        It 'starts from a location that is not in the file system, if it is given a directory' {
            Set-Location Env:
            $server = Open-Server -Directory $site
            Register-HttpHandler GET /script { 'works' }

            (Invoke-Http "$($server.Uri)script").Text | Should -Be 'works'
        }

        It 'says that there is no such directory' {
            Set-Location $TestDrive
            $failure = Get-Failure { Open-Server -Directory nowhere }

            $failure.Id | Should -Be 'DirectoryNotFound'
            $failure.Category | Should -Be 'ObjectNotFound'
            $failure.Message | Should -BeLike "*$(Join-Path $TestDrive nowhere)*-Directory*"
            $failure.IsTerminating | Should -BeTrue
        }

        It 'says that a file is no directory' {
            $failure = Get-Failure { Open-Server -Directory (Join-Path $site a.txt) }

            $failure.Id | Should -Be 'DirectoryIsFile'
            $failure.Message | Should -BeLike '*a.txt is a file*-Directory*'
        }

        It 'says that <_> is not in the file system' -ForEach 'Env:', 'Variable:/PSHOME', 'Function:' {
            $failure = Get-Failure { Open-Server -Directory $_ }

            $failure.Id | Should -Be 'NotFileSystem'
            $failure.Category | Should -Be 'InvalidArgument'
            $failure.Message | Should -BeLike "*'$_'*not of the file system*"
        }

        It 'refuses a registry path with a clear error' {
            $failure = Get-Failure { Open-Server -Directory HKCU:\Software }

            $failure.Id | Should -Be ($IsWindows ? 'NotFileSystem' : 'PathInvalid')
            $failure.Message | Should -BeLike '*-Directory*HKCU:\Software*'
        }

        It 'says that the location is not in the file system' {
            Set-Location Env:
            $failure = Get-Failure { Open-Server }

            $failure.Id | Should -Be 'NotFileSystem'
            $failure.Message | Should -BeLike '*-Directory*'
        }

        It 'says that a directory cannot be read' {
            if ($IsWindows -or [Environment]::UserName -eq 'root') { Set-ItResult -Skipped -Because 'this user can read every directory; run it as another' }
            $closed = (New-Item -ItemType Directory (Join-Path $TestDrive 'closed')).FullName
            [IO.File]::SetUnixFileMode($closed, 'None')
            try {
                (Get-Failure { Open-Server -Directory $closed }).Id | Should -Be 'DirectoryNotReadable'
            }
            finally {
                [IO.File]::SetUnixFileMode($closed, 'UserRead, UserWrite, UserExecute')
            }
        }
    }

    Context 'what is served' {
        It 'speaks HTTP/1.0 if it is told so' {
            $server = Open-Server -Directory $site -Protocol HTTP/1.0
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n"
            $answer = Read-Connection $connection
            $connection.Dispose()

            $answer | Should -BeLike 'HTTP/1.0 200 OK*a file'
            { Open-Server -Protocol HTTP/2 } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        }

        It 'sends -Header with files, errors and scripts' {
            $server = Open-Server -Directory $site -Header @{ 'X-One' = 1; 'Cache-Control' = 'max-age=60'; 'X-Many' = 'a', 'b' }
            Register-HttpHandler GET /script { 'text' }

            foreach ($path in 'a.txt', 'script', 'nothing') {
                $answer = Invoke-Http "$($server.Uri)$path"
                $answer.Headers['X-One'] | Should -Be '1'
                $answer.Headers['X-Many'] | Should -Be 'a, b'
                $answer.Headers['Cache-Control'] | Should -Be 'max-age=60'
            }
        }

        It 'refuses the header <name>: <value>' -ForEach @(
            @{ name = 'a b'; value = '1' }
            @{ name = 'a'; value = "1`r`nb: 2" }
            @{ name = 'Content-Length'; value = '1' }
        ) {
            $failure = Get-Failure { Open-Server -Header @{ $name = $value } }

            $failure.Id | Should -Be 'HeaderInvalid'
            $failure.Message | Should -BeLike "-Header*$name*"
        }

        It 'goes by -ContentType, with or without the dot' {
            Set-Content (Join-Path $site 'x.odd') '1'
            Set-Content (Join-Path $site 'x.even') '1'
            $server = Open-Server -Directory $site -ContentType @{ '.odd' = 'text/x-odd'; even = 'image/png' }

            (Invoke-Http "$($server.Uri)x.odd").Type | Should -BeLike 'text/x-odd*'
            (Invoke-Http "$($server.Uri)x.even").Type | Should -Be 'image/png'
            $failure = Get-Failure { Open-Server -ContentType @{ '.x' = 'no type' } }
            $failure.Id | Should -Be 'ContentTypeInvalid'
            $failure.Message | Should -BeLike "*'no type'*'.x'*text/html*"
        }

        It 'serves -IndexPage for a directory' {
            $home2 = (New-Item -ItemType Directory (Join-Path $site 'home')).FullName
            Set-Content (Join-Path $home2 'start.txt') 'welcome' -NoNewline
            $server = Open-Server -Directory $site -IndexPage start.txt

            (Invoke-Http "$($server.Uri)home/").Text | Should -Be 'welcome'
        }

        It 'hides names that begin with a dot with -HideDotfiles' {
            Set-Content (Join-Path $site '.secret') '1'

            (Invoke-Http "$((Open-Server -Directory $site).Uri).secret").Status | Should -Be 200
            (Invoke-Http "$((Open-Server -Directory $site -HideDotfiles).Uri).secret").Status | Should -Be 404
        }

        It 'takes files in with -Upload and replaces them with -Overwrite' {
            $file = Join-Path $site 'uploaded.txt'
            $servers = (Open-Server -Directory $site), (Open-Server -Directory $site -Upload), (Open-Server -Directory $site -Upload),
                (Open-Server -Directory $site -Upload -Overwrite)
            $statuses = foreach ($at in 0..3) {
                (Invoke-Http "$($servers[$at].Uri)uploaded.txt" -Method PUT -Body "content $at").Status
            }

            $statuses | Should -Be 501, 201, 409, 204
            Get-Content $file -Raw | Should -Be 'content 3'
            $server = Open-Server -Directory $site -Upload -MaxRequestBodySize 10
            (Invoke-Http "$($server.Uri)large.txt" -Method PUT -Body ('x' * 11)).Status | Should -Be 413
        }

        It 'removes what a killed server has left of uploads, with -Upload' {
            $left = Join-Path $site ".httpserver-upload-$([guid]::NewGuid().ToString('N')).tmp"
            $own = Join-Path $site '.httpserver-upload-own.tmp'
            Set-Content -LiteralPath $left, $own -Value 'half'
            $null = Open-Server -Directory $site -Upload
            [Threading.SpinWait]::SpinUntil({ -not (Test-Path -LiteralPath $left) }, 30000) | Should -BeTrue
            Test-Path -LiteralPath $own | Should -BeTrue
            Remove-Item -LiteralPath $own -Force
        }

        It 'has handlers go before -Upload' {
            $server = Open-Server -Directory $site -Upload
            $server | Register-HttpHandler PUT /script { 'script' }

            (Invoke-Http "$($server.Uri)script" -Method PUT -Body 'x').Text | Should -Be 'script'
            (Invoke-Http "$($server.Uri)stored" -Method PUT -Body 'x').Status | Should -Be 201
        }

        It 'refuses -Overwrite without -Upload' {
            $failure = Get-Failure { Open-Server -Directory $site -Overwrite }
            $failure.Id | Should -Be 'UploadMissing'
            $failure.Message | Should -BeLike '*-Upload*'
        }

        It 'sends files compressed as -Compression says' {
            $text = 'line' * 1000
            Set-Content -Path (Join-Path $site 'long.txt') -Value $text -NoNewline
            Set-Content -Path (Join-Path $site 'pre.js') -Value 'plain' -NoNewline
            Set-Content -Path (Join-Path $site 'pre.js.gz') -Value 'gzip of pre' -NoNewline
            $codings = foreach ($policy in @{}, @{ Compression = 'On' }, @{ Compression = 'Precompressed' }, @{ Compression = 'Off' }) {
                $server = Open-Server -Directory $site @policy
                (Invoke-Http "$($server.Uri)long.txt").Text | Should -Be $text
                foreach ($name in 'long.txt', 'pre.js') {
                    "$((Invoke-Http "$($server.Uri)$name" -Header @{ 'Accept-Encoding' = 'gzip' }).Headers['Content-Encoding'])"
                }
            }

            $codings | Should -Be 'gzip', 'gzip', 'gzip', 'gzip', '', 'gzip', '', ''
        }

        It 'gives directories as archives with -Archive' {
            (Invoke-Http "$((Open-Server -Directory $site -Archive).Uri)?archive=zip").Type | Should -Be 'application/zip'
            (Invoke-Http "$((Open-Server -Directory $site).Uri)?archive=zip").Type | Should -BeLike 'text/html*'
        }

        It 'lists directories as objects for those who ask for JSON' {
            $server = Open-Server -Directory $site

            (Invoke-RestMethod "$($server.Uri)?format=json").name | Should -Contain 'a.txt'
        }

        It 'treats symbolic links as -Symlinks says' {
            if ($IsWindows) { Set-ItResult -Skipped -Because 'links need rights that a user of Windows does not have' }
            $outside = New-Item -ItemType File (Join-Path $TestDrive 'outside.txt')
            $null = New-Item -ItemType SymbolicLink (Join-Path $site 'out.txt') -Target $outside.FullName
            $null = New-Item -ItemType SymbolicLink (Join-Path $site 'in.txt') -Target (Join-Path $site 'a.txt')
            $statuses = foreach ($policy in 'Inside', 'Follow', 'Refuse') {
                $server = Open-Server -Directory $site -Symlinks $policy
                (Invoke-Http "$($server.Uri)in.txt").Status
                (Invoke-Http "$($server.Uri)out.txt").Status
            }

            $statuses | Should -Be 200, 404, 200, 200, 404, 404
        }
    }

    Context 'CGI' {
        BeforeAll {
            $script:shell = -not $IsWindows
            $script:programs = (New-Item -ItemType Directory (Join-Path $TestDrive 'programs')).FullName
            foreach ($folder in 'cgi-bin', 'htbin', 'run') {
                $file = Join-Path (New-Item -ItemType Directory (Join-Path $programs $folder)).FullName 'show'
                Set-Content $file "#!/bin/sh`nprintf 'Content-Type: text/plain\n\n'`nprintf '%s %s %s' `"`$REQUEST_METHOD`" `"`$COLOR`" `"`$(id -un)`"`ncat"
                $slow = Join-Path $programs "$folder/slow"
                Set-Content $slow "#!/bin/sh`nsleep 1000"
                if ($shell) { $file, $slow | ForEach-Object { [IO.File]::SetUnixFileMode($_, 'UserRead, UserWrite, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute') } }
            }
        }

        BeforeEach {
            if (-not $shell) { Set-ItResult -Skipped -Because 'the programs of these tests are shell scripts' }
            Skip-WithoutCgi
        }

        It 'runs no programs unless it is told so' {
            $server = Open-Server -Directory $programs

            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -BeLike '#!/bin/sh*'
        }

        It 'runs the programs in /cgi-bin and /htbin with -Cgi' {
            $server = Open-Server -Directory $programs -Cgi -CgiEnvironment 'COLOR=red'

            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -BeLike 'GET red *'
            (Invoke-Http "$($server.Uri)htbin/show" -Method POST -Body 'sent').Text | Should -BeLike 'POST red *sent'
            (Invoke-Http "$($server.Uri)run/show").Text | Should -BeLike '#!/bin/sh*'
        }

        It 'runs the programs in -CgiDirectory' {
            $server = Open-Server -Directory $programs -CgiDirectory /run

            (Invoke-Http "$($server.Uri)run/show").Text | Should -BeLike 'GET*'
            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -BeLike '#!/bin/sh*'
        }

        It 'ends a program that is silent for longer than -CgiTimeout' {
            $server = Open-Server -Directory $programs -Cgi -CgiTimeout 1

            (Invoke-Http "$($server.Uri)cgi-bin/slow").Status | Should -Be 504
        }

        It 'runs programs as -CgiUser' {
            if ([Environment]::UserName -ne 'root') { Set-ItResult -Skipped -Because 'only root can run programs as another user' }
            # The directory of the tests must be open to that user.
            $server = Open-Server -Directory $programs -Cgi -CgiUser daemon

            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -BeLike '* daemon'
        }

        It 'refuses the variable <_>' -ForEach '=x' {
            (Get-Failure { Open-Server -Cgi -CgiEnvironment $_ }).Id | Should -Be 'EnvironmentInvalid'
        }

        It 'goes on running programs beside scripts, also under a handler for every path' {
            $server = Open-Server -Directory $programs -Cgi
            Register-HttpHandler GET { 'script' }

            (Invoke-Http "$($server.Uri)cgi-bin/show").Text | Should -BeLike 'GET*'
            (Invoke-Http "$($server.Uri)elsewhere").Text | Should -Be 'script'
        }
    }

    Context 'limits' {
        BeforeAll {
            function Get-Status([object] $Server, [string] $Text) {
                $connection = Connect-Port $Server.Port
                try {
                    Write-Connection $connection $Text
                    if ((Read-Connection $connection '\r\n\r\n') -match '^HTTP/1.1 (\d+)') { [int]$Matches[1] } else { 'closed' }
                }
                finally {
                    $connection.Dispose()
                }
            }
        }

        It 'answers 414 to a request line longer than -MaxRequestLineLength' {
            $server = Open-Server -Directory $site -MaxRequestLineLength 100

            Get-Status $server "GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n" | Should -Be 200
            Get-Status $server "GET /a.txt?$('x' * 100) HTTP/1.1`r`nHost: x`r`n`r`n" | Should -Be 414
        }

        It 'answers 431 to more than -MaxHeaderBytes or -MaxHeaderCount' {
            $server = Open-Server -Directory $site -MaxHeaderBytes 100
            Get-Status $server "GET /a.txt HTTP/1.1`r`nHost: x`r`nA: $('x' * 100)`r`n`r`n" | Should -Be 431
            $server = Open-Server -Directory $site -MaxHeaderCount 2
            Get-Status $server "GET /a.txt HTTP/1.1`r`nHost: x`r`nA: 1`r`n`r`n" | Should -Be 200
            Get-Status $server "GET /a.txt HTTP/1.1`r`nHost: x`r`nA: 1`r`nB: 1`r`n`r`n" | Should -Be 431
        }

        It 'answers 413 to a body larger than -MaxRequestBodySize, declared or in chunks' {
            $server = Open-Server -Directory $site -MaxRequestBodySize 10
            Register-HttpHandler POST { $Request.Body.Length }

            (Invoke-Http $server.Uri -Method POST -Body ('x' * 10)).Text | Should -Be '10'
            (Invoke-Http $server.Uri -Method POST -Body ('x' * 11)).Status | Should -Be 413
            (Invoke-Http $server.Uri -Method POST -Body ('x' * 11) -Header @{ 'Transfer-Encoding' = 'chunked' }).Status | Should -Be 413
        }

        It 'answers 408 to a head that takes longer than -HeaderTimeout' {
            $server = Open-Server -Directory $site -HeaderTimeout 0.2

            Get-Status $server "GET /a.txt HTTP/1.1`r`nHos" | Should -Be 408
        }

        It 'closes a connection that is idle for longer than -KeepAliveTimeout' {
            $server = Open-Server -Directory $site -KeepAliveTimeout 0.2
            $connection = Connect-Port $server.Port
            Write-Connection $connection "GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n"

            Read-Connection $connection | Should -BeLike 'HTTP/1.1 200*a file'
            $connection.Dispose()
        }

        It 'ends a connection after -MaxRequestsPerConnection' {
            $server = Open-Server -Directory $site -MaxRequestsPerConnection 2
            $connection = Connect-Port $server.Port
            Write-Connection $connection ("GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n" * 3)
            $answers = Read-Connection $connection
            $connection.Dispose()

            [regex]::Matches($answers, 'HTTP/1.1 200').Count | Should -Be 2
        }

        It 'lets no more than -MaxConnections in at once' {
            $server = Open-Server -Directory $site -MaxConnections 1
            $first = Connect-Port $server.Port
            Write-Connection $first "GET /a.txt HTTP/1.1`r`nHost: x`r`n`r`n"
            $null = Read-Connection $first 'a file'
            $second = Send-Request "$($server.Uri)a.txt"
            Wait-Until { $server.ConnectionCount -ge 1 } | Should -BeTrue
            $server.RequestCount | Should -Be 1
            $second.IsCompleted | Should -BeFalse
            $first.Dispose()

            ($second | Receive-Answer).Status | Should -Be 200
        }

        It 'takes -MinRequestBodyRate, -MinResponseRate and -ListenBacklog' {
            $server = Open-Server -Directory $site -MinRequestBodyRate 0 -MinResponseRate 0 -ListenBacklog 7

            (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 200
        }

        It 'refuses -<name> <value>' -ForEach @(
            @{ name = 'MaxRequestLineLength'; value = 1 }
            @{ name = 'MaxHeaderBytes'; value = 1 }
            @{ name = 'MaxHeaderCount'; value = 0 }
            @{ name = 'MaxRequestBodySize'; value = -1 }
            @{ name = 'MaxFormFields'; value = 0 }
            @{ name = 'MaxFormSize'; value = -1 }
            @{ name = 'MaxJsonBodySize'; value = -1 }
            @{ name = 'MaxJsonDepth'; value = 0 }
            @{ name = 'HeaderTimeout'; value = 0 }
            @{ name = 'KeepAliveTimeout'; value = 0 }
            @{ name = 'MaxConnections'; value = 0 }
            @{ name = 'ListenBacklog'; value = 0 }
            @{ name = 'ThrottleLimit'; value = 0 }
            @{ name = 'QueueLimit'; value = -1 }
            @{ name = 'HandlerTimeout'; value = -1 }
        ) {
            $arguments = @{ $name = $value }

            { Open-Server @arguments } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        }
    }

    Context 'the log' {
        It 'is written to -LogPath in the form of -LogFormat <format>' -ForEach @(
            @{ format = 'Python'; line = '^127\.0\.0\.1 - - \[[^\]]+\] "GET /a\.txt HTTP/1\.1" 200 -$' }
            @{ format = 'Common'; line = '^127\.0\.0\.1 - - \[[^\]]+\] "GET /a\.txt HTTP/1\.1" 200 6$' }
            @{ format = 'Combined'; line = '^127\.0\.0\.1 - - \[[^\]]+\] "GET /a\.txt HTTP/1\.1" 200 6 "-" "test"$' }
            @{ format = 'Json'; line = '^\{.*\}$' }
        ) {
            $file = Join-Path $TestDrive "$format.log"
            $server = Open-Server -Directory $site -LogPath $file -LogFormat $format
            $null = Invoke-Http "$($server.Uri)a.txt" -Header @{ 'User-Agent' = 'test' }
            Wait-Until { (Test-Path $file) -and (Get-Item $file).Length -gt 0 } | Should -BeTrue
            Stop-HttpServer

            $lines = @(Get-Content $file)
            $lines[0] | Should -Match $line
            if ($format -eq 'Json') { ($lines[0] | ConvertFrom-Json).status | Should -Be 200 }
        }

        It 'takes a path relative to the location, appends, and can be read while the server runs' {
            Set-Content (Join-Path $TestDrive 'relative.log') 'before'
            Push-Location $TestDrive
            try {
                $server = Open-Server -Directory $site -LogPath relative.log
            }
            finally {
                Pop-Location
            }

            $null = Invoke-Http "$($server.Uri)a.txt"
            $file = Join-Path $TestDrive 'relative.log'
            Wait-Until { @(Get-Content $file).Count -eq 2 } | Should -BeTrue
            @(Get-Content $file)[0] | Should -Be 'before'
        }

        It 'has no requests with -Quiet, but what handlers say' {
            $server = Open-Server -Directory $site -Quiet
            Register-HttpHandler GET /warn { Write-Warning 'careful' }
            $null = Invoke-Http "$($server.Uri)a.txt"
            $null = Invoke-Http "$($server.Uri)warn"
            Wait-Until { $server.ActiveRequests -eq 0 } | Should -BeTrue

            $entries = @($server | Receive-HttpServerLog)
            $entries.Message | Should -Be 'careful'
            $entries.IsRequest | Should -Not -Contain $true
        }

        It 'says that it cannot be written, before anything listens' {
            $failure = Get-Failure { Open-Server -LogPath (Join-Path $TestDrive 'no/such/folder.log') }

            $failure.Id | Should -Be 'LogNotWritable'
            $failure.Message | Should -BeLike '*folder.log*-LogPath*'
            Get-HttpServer | Should -BeNullOrEmpty
        }
    }

    Context 'what can go wrong' {
        It 'refuses a name that a running server has' {
            $null = Open-Server -Name Twice
            $failure = Get-Failure { Open-Server -Name twice }

            $failure.Id | Should -Be 'ServerExists'
            $failure.Category | Should -Be 'ResourceExists'
            $failure.Message | Should -BeLike "*'twice'*-Name*"
        }

        It 'names a module that cannot be loaded, and starts without it only with -Force' {
            $failure = Get-Failure { Open-Server -Module NoSuchModuleAtAll }

            $failure.Id | Should -Be 'ModuleNotLoaded'
            $failure.IsTerminating | Should -BeTrue
            $failure.Message | Should -BeLike "*'NoSuchModuleAtAll'*-Force*"
            Get-HttpServer | Should -BeNullOrEmpty

            $server = Open-Server -Directory $site -Module NoSuchModuleAtAll -Force
            Register-HttpHandler GET /script { 'works' }
            (Invoke-Http "$($server.Uri)script").Text | Should -Be 'works'
            (Wait-Log $server { $_.Message -like '*NoSuchModuleAtAll*' })[0].Level | Should -Be 'Warning'
        }

        It 'names a module that fails while it is loaded' {
            $module = Join-Path $TestDrive 'Broken.psm1'
            Set-Content $module 'throw "out of order"'
            $failure = Get-Failure { Open-Server -Module $module }

            $failure.Id | Should -Be 'ModuleNotLoaded'
            $failure.Message | Should -BeLike '*Broken.psm1*out of order*'
        }

        It 'names a module that does not parse' {
            $module = Join-Path $TestDrive 'Unclosed.psm1'
            Set-Content $module 'function Get-It {'
            $failure = Get-Failure { Open-Server -Module $module }

            $failure.Id | Should -Be 'ModuleNotLoaded'
            $failure.Message | Should -BeLike '*Unclosed.psm1*-Module*'
        }

        It 'fails if the initialization script has an error that ends a statement: <_>' -ForEach '1 / 0', 'No-SuchCommand', "[int]::Parse('x')", 'throw 1' {
            (Get-Failure { Open-Server -InitializationScript ([scriptblock]::Create($_)) }).Id | Should -Be 'InitializationScriptFailed'
        }

        It 'tells of errors that do not end the initialization script, and starts: <_>' -ForEach @(
            'Get-Item /no/such/item', 'Import-Module NoSuchModule', "Write-Error 'no such luck'", "Invoke-Command { Get-Process -Name 'no such process' }"
        ) {
            $script = [scriptblock]::Create("`$global:Begun = 1; $_; `$global:Ended = 2")
            $own = Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -InitializationScript $script -ErrorAction SilentlyContinue -ErrorVariable told
            $told.Count | Should -Be 1
            "$told" | Should -BeLike '*no*such*'
            Register-HttpHandler GET /sum { $global:Begun + $global:Ended } -Server $own
            (Invoke-Http "$($own.Uri)sum").Text | Should -Be '3'
            Restart-HttpServer -Name $own.Name -ErrorAction SilentlyContinue -ErrorVariable again
            $again.Count | Should -Be 1
        }

        It 'with -ErrorAction Stop leaves no server where the initialization script has an error' {
            { Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -InitializationScript { Write-Error 'not well' } -ErrorAction Stop } |
                Should -Throw 'not well'
            Get-HttpServer | Should -BeNullOrEmpty
        }

        It 'takes times as seconds, as TimeSpan and as text of one: <_>' -ForEach 'HeaderTimeout', 'KeepAliveTimeout', 'HandlerTimeout', 'CgiTimeout' {
            foreach ($time in 90, 90.0, '90', [timespan]::FromSeconds(90), '00:01:30', (New-TimeSpan -Seconds 90)) {
                $options = @{ $_ = $time }
                $own = Open-Server @options
                $own.State | Should -Be 'Running' -Because "$time"
                Stop-HttpServer -Name $own.Name -Timeout ([timespan]::FromSeconds(2))
            }

            foreach ($wrong in [timespan]::FromDays(2), '2.00:00:00', '1:2:3:4:5', 'soon') {
                $options = @{ $_ = $wrong }
                (Get-Failure { Open-Server @options }).Message | Should -BeLike "*'$_'*" -Because "$wrong"
                if ($wrong -eq 'soon') { (Get-Failure { Open-Server @options }).Message | Should -BeLike "*Give seconds*00:01:30*'soon' is neither." }
            }
        }

        It 'says in words what -HealthPath takes: <_>' -ForEach 'x', '', '/a b', '/a?b', '/a#b', '/ü' {
            $failure = Get-Failure { Open-Server -HealthPath $_ }
            $failure.Message | Should -BeLike '*A path *as in /health*'
            $failure.Message | Should -Not -Match '[\^\$]'
        }

        It 'says where the initialization script fails' {
            $failure = Get-Failure { Open-Server -InitializationScript { throw 'not today' } }

            $failure.Id | Should -Be 'InitializationScriptFailed'
            $failure.Message | Should -BeLike '*not today*Start-HttpServer.Tests.ps1:*'
            Get-HttpServer | Should -BeNullOrEmpty
        }

        It 'names a function that there is not' {
            $failure = Get-Failure { Open-Server -Function Get-NoSuchThing }

            $failure.Id | Should -Be 'FunctionNotFound'
            $failure.Message | Should -BeLike "*'Get-NoSuchThing'*"
        }

        It 'refuses the handler type <_>' -ForEach ([string], [Collections.ArrayList]) {
            $failure = Get-Failure { Open-Server -HandlerType $_ }

            $failure.Id | Should -Be 'HandlerTypeInvalid'
            $failure.Message | Should -BeLike "*$($_.Name)*Http.Server.SimpleHttpRequestHandler*"
        }

        It 'starts nothing with -WhatIf' {
            Open-Server -WhatIf | Should -BeNullOrEmpty
            Get-HttpServer | Should -BeNullOrEmpty
        }

        It 'leaves nothing behind when it fails' {
            $before = @(Get-Runspace).Count
            1..3 | ForEach-Object { $null = Get-Failure { Open-Server -InitializationScript { throw 'no' } } }

            Wait-Until { @(Get-Runspace).Count -eq $before } | Should -BeTrue
        }

        It 'asks for no password in plain text' {
            $secrets = (Get-Command -Module HttpServer).Parameters.Values |
                Where-Object Name -Match '(password|passphrase|secret|credential|certificate|token)$'

            $secrets | Where-Object ParameterType -In ([string], [string[]], [hashtable], [object]) | Should -BeNullOrEmpty
        }
    }
}
