BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:module = Join-Path $TestDrive 'Counting.psm1'
    Set-Content $module '$script:Count = 0; function Add-Count { (++$script:Count) }'
}

Describe 'jobs and event subscribers' {
    BeforeAll {
        $script:server = Open-Server -ThrottleLimit 1 -HandlerTimeout 4 -InitializationScript {
            $null = Register-EngineEvent -SourceIdentifier Own.Event -Action { }
            $null = Start-ThreadJob -Name Own { Start-Sleep 1000 }
        }
        Register-HttpHandler GET /look { "$((Get-Job).Name | Sort-Object)|$((Get-EventSubscriber).SourceIdentifier)|$(@(Get-Event).Count)" }
        $script:before = (Invoke-Http "$($server.Uri)look").Text
    }

    AfterAll {
        Clear-Session
    }

    It 'of the initialization script stay' {
        $before | Should -Be 'Own Own.Event|Own.Event|0'
    }

    It 'of a request end with it: <Name>' -ForEach @(
        @{ Name = 'Start-ThreadJob'; Handler = { $null = Start-ThreadJob { [Threading.Thread]::Sleep(20000) } } }
        @{ Name = 'Start-ThreadJob, one that has ended'; Handler = { $null = Start-ThreadJob { 1 } | Wait-Job } }
        @{ Name = 'Start-Job'; Handler = { $null = Start-Job { Start-Sleep 1000 } } }
        @{ Name = 'an ampersand'; Handler = { $job = Start-Sleep 1000 & } }
        @{ Name = 'ForEach-Object -AsJob'; Handler = { $null = 1 | ForEach-Object -Parallel { Start-Sleep 1000 } -AsJob } }
        @{ Name = 'Register-ObjectEvent'; Handler = { $timer = [Timers.Timer]::new(1000000); $null = Register-ObjectEvent $timer Elapsed -SourceIdentifier Leaked -Action { } } }
        @{ Name = 'Register-ObjectEvent without an action'; Handler = { $null = Register-ObjectEvent ([Timers.Timer]::new()) Elapsed } }
        @{ Name = 'Register-EngineEvent'; Handler = { $null = Register-EngineEvent -SourceIdentifier Leaked -Action { } } }
        @{ Name = 'a watcher of files'; Handler = { $null = Register-ObjectEvent ([IO.FileSystemWatcher]::new($PWD)) Created -Action { } } }
        @{ Name = 'Unregister-Event'; Handler = { $null = Register-EngineEvent -SourceIdentifier Leaked -Action { }; Unregister-Event Leaked } }
        @{ Name = 'New-Event'; Handler = { $null = New-Event Leaked } }
    ) {
        foreach ($end in '"end"', 'throw "x"', 'Start-Sleep 1000') {
            Register-HttpHandler GET /leave -Force ([scriptblock]::Create("$Handler`n$end"))
            (Invoke-Http "$($server.Uri)leave").Status | Should -Be @{ '"end"' = 200; 'throw "x"' = 500; 'Start-Sleep 1000' = 504 }[$end]
            (Invoke-Http "$($server.Uri)look").Text | Should -BeExactly $before
        }
    }

    It 'of a request do not hold up the next one with actions that are due' {
        Register-HttpHandler GET /leave -Force {
            $null = Register-EngineEvent -SourceIdentifier Leaked -Action { Start-Sleep 1000 }
            foreach ($number in 1..10) { $null = New-Event Leaked }
        }
        (Invoke-Http "$($server.Uri)leave").Status | Should -Be 504
        (Invoke-Http "$($server.Uri)look").Text | Should -BeExactly $before
    }

    It 'of a request are ended, not only forgotten' {
        if (-not $IsLinux) { Set-ItResult -Skipped -Because 'the program of this test is of Linux' }
        Register-HttpHandler GET /job -Force { $job = Start-Job { $PID; Start-Sleep 1000 }; while (-not ($id = Receive-Job $job)) { Start-Sleep -Milliseconds 20 }; "$id" }
        $own = Open-Server -HandlerTimeout 0
        $id = (Invoke-Http "$($own.Uri)job").Text
        $null = Wait-Until { -not (Get-Process -Id $id -ErrorAction Ignore) } -Because 'the process of the job has ended'
    }
}

Describe 'modules' {
    AfterEach {
        Clear-Session
    }

    It 'keep their variables from request to request of a worker' {
        $server = Open-Server -ThrottleLimit 1 -Module $module
        Register-HttpHandler GET /count { "$(Add-Count)" }
        (1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)count").Text }) -join ' ' | Should -Be '1 2 3'
    }

    It 'are loaded anew for each request with -IsolateModules' {
        $server = Open-Server -ThrottleLimit 1 -Module $module -IsolateModules
        Register-HttpHandler GET /count { "$(Add-Count)" }
        (1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)count").Text }) -join ' ' | Should -Be '1 1 1'
    }
}

Describe 'programs that a handler has started' {
    AfterEach {
        Clear-Session
    }

    It 'end with the server: <Name>' -ForEach @(
        @{ Name = 'one that it waits for'; Handler = { /bin/sh -c 'echo $$ > "$1"; exec sleep 1000' sh $using:file } }
        @{ Name = 'one of Start-Process'; Handler = { Start-Process /bin/sh '-c', "`"echo `$`$ > $using:file; exec sleep 1000`""; 'started' } }
        @{ Name = 'one that it waits for in a call that cannot be stopped'; Handler = {
                [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', "echo `$`$ > $using:file; exec sleep 1000")).WaitForExit()
            }
        }
        @{ Name = 'one of .NET'; Handler = { $null = [Diagnostics.Process]::Start('/bin/sh', [string[]]('-c', "echo `$`$ > $using:file; exec sleep 1000")); 'started' } }
    ) {
        if (-not $IsLinux) { Set-ItResult -Skipped -Because 'only Linux tells which thread has started a program' }
        $file = Join-Path $TestDrive "pid$([guid]::NewGuid())"
        $server = Open-Server -HandlerTimeout 0
        Register-HttpHandler GET /start $Handler
        $answer = Send-Request "$($server.Uri)start"
        $id = Wait-Until { if (Test-Path $file) { (Get-Content $file) } }
        Get-Process -Id $id | Should -Not -BeNullOrEmpty
        Stop-HttpServer -Force
        $null = Wait-Until { -not (Get-Process -Id $id -ErrorAction Ignore) } -Because 'the program has ended'
        $null = $answer
    }
}

Describe 'uploaded files' {
    AfterEach {
        Clear-Session
    }

    It 'of a process that was killed are removed when another server starts, and those of one that lives stay' {
        $folder = (New-Item -ItemType Directory (Join-Path $TestDrive "temp$([guid]::NewGuid())")).FullName
        $place = @{ TMPDIR = $folder; TMP = $folder; TEMP = $folder }
        $serve = @'
Import-Module $Manifest, $Support
$server = Open-Server -NoFiles -HandlerTimeout 0
Register-HttpHandler POST /form { $null = $Request.Files; Start-Sleep 1000 }
"port $($server.Port)"
[Console]::In.ReadLine()
'@
        $body = "--b`r`nContent-Disposition: form-data; name=`"a`"; filename=`"a.txt`"`r`n`r`nfile`r`n--b--`r`n"
        function Get-Upload { Get-ChildItem $folder -Filter 'httpserver-*.upload' }
        $killed, $living = 1..2 | ForEach-Object { Open-PowerShell $serve -Environment $place }
        try {
            foreach ($process in $killed, $living) {
                $port = Wait-Until { if ($process.StandardOutput.ReadLine() -match '^port (\d+)') { $Matches[1] } }
                $before = @(Get-Upload).Count
                $null = Send-Request "http://127.0.0.1:$port/form" -Method POST -Body $body -ContentType 'multipart/form-data; boundary=b'
                $null = Wait-Until { @(Get-Upload).Count -gt $before }
                if ($process -eq $killed) { $ofKilled = (Get-Upload).Name }
            }

            $killed.Kill()
            $killed.WaitForExit()
            @(Get-Upload).Count | Should -Be 2
            $next = Open-PowerShell $serve -Environment $place
            try { $null = Wait-Until { @(Get-Upload).Count -eq 1 } } finally { $next.Kill(); $next.Dispose() }
            (Get-Upload).Name | Should -Not -Be $ofKilled
        }
        finally {
            $killed, $living | ForEach-Object { $_.Kill($true); $_.Dispose() }
        }
    }
}
