BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # What is asked for is a second; on a machine that is busy with other tests the same work takes a while longer. A server that waited for
    # its requests, or for the five seconds of Stop-HttpServer, takes longer than this.
    $script:aboutOneSecond = 4

    # A pipeline in a runspace of its own, as an editor or another host would run it.
    function Open-Pipeline([string] $Script) {
        $shell = [powershell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $manifest = Join-Path $PSScriptRoot '../../HttpServer.psd1'
        [void]$shell.AddScript("Import-Module '$manifest'; Set-Location '$TestDrive'; $Script")
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $output.EnumeratorNeverBlocks = $true
        $handle = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]$null, $output)
        [pscustomobject]@{ Shell = $shell; Handle = $handle; Output = $output }
    }

    function Wait-Announcement([object] $Pipeline) {
        $text = Wait-Until { "$($Pipeline.Shell.Streams.Information)" -match 'http://\S+' ? $Matches[0] : $null }
        [uri]$text
    }
}

Describe 'Start-HttpServer -Wait' {
    BeforeAll {
        Set-Content (Join-Path $TestDrive 'a.txt') 'a file' -NoNewline
    }

    Context 'in a pipeline' {
        AfterEach {
            $pipeline.Shell.Runspace.Dispose()
            $pipeline.Shell.Dispose()
        }

        It 'serves in the foreground and shows the access log' {
            $pipeline = Open-Pipeline 'Start-HttpServer 0 -Bind 127.0.0.1 -Wait'
            $uri = Wait-Announcement $pipeline
            (Invoke-Http "${uri}a.txt").Text | Should -Be 'a file'

            $null = Wait-Until { "$($pipeline.Shell.Streams.Information)" -match '"GET /a\.txt.*" 200' }
            $pipeline.Handle.IsCompleted | Should -BeFalse
            $pipeline.Output | Should -BeNullOrEmpty
        }

        It 'shows what handlers say as well' {
            $pipeline = Open-Pipeline 'Register-HttpHandler GET /warn { Write-Warning careful }; Start-HttpServer 0 -Bind 127.0.0.1 -Wait'
            $uri = Wait-Announcement $pipeline
            $null = Invoke-Http "${uri}warn"

            $null = Wait-Until { "$($pipeline.Shell.Streams.Information)" -match 'careful' }
        }

        It 'ends when the pipeline is stopped, within a second and with a request in flight, and frees the port' {
            $pipeline = Open-Pipeline 'Register-HttpHandler GET /slow { Write-Host begun; Start-Sleep 1000 }; Start-HttpServer 0 -Bind 127.0.0.1 -Wait'
            $uri = Wait-Announcement $pipeline
            $slow = Send-Request "${uri}slow"
            $null = Wait-Until { "$($pipeline.Shell.Streams.Information)" -match 'begun' }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $pipeline.Shell.Stop()

            $clock.Elapsed.TotalSeconds | Should -BeLessThan $aboutOneSecond
            $pipeline.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
            Test-Port $uri.Port | Should -BeFalse
            Wait-Until { $slow.IsCompleted } | Should -BeTrue
        }

        It 'ends when a handler stops the server, and the script goes on' {
            $pipeline = Open-Pipeline "Register-HttpHandler GET /end { Stop-HttpServer -Force }
                Start-HttpServer 0 -Bind 127.0.0.1 -Wait -Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'; 'went on'"
            $uri = Wait-Announcement $pipeline
            $null = Send-Request "${uri}end"

            Wait-Until { $pipeline.Handle.IsCompleted } | Should -BeTrue
            $pipeline.Output | Should -Be 'went on'
        }

        It 'says in an error that it cannot listen' {
            $server = Open-Server
            $pipeline = Open-Pipeline "Start-HttpServer $($server.Port) -Bind 127.0.0.1 -Wait; 'went on'"
            Wait-Until { $pipeline.Handle.IsCompleted } | Should -BeTrue
            Clear-Session

            "$($pipeline.Shell.Streams.Error)" | Should -BeLike "*port $($server.Port) is in use*"
        }
    }

    Context 'in a process that a service manager ends' {
        BeforeEach {
            if ($IsWindows) { Set-ItResult -Skipped -Because 'Windows has no SIGTERM that a process could send' }
        }

        It 'drains on SIGTERM, lets a running request end, runs finally and exits with 0 (<Waiting>)' -ForEach @(
            @{ Waiting = 'Start-HttpServer -Port 0 -Bind 127.0.0.1 -Wait' }
            @{ Waiting = 'Start-HttpServer -Port 0 -Bind 127.0.0.1 -Wait -DrainTime 1' }
            @{ Waiting = '$server = Start-HttpServer -Port 0 -Bind 127.0.0.1; "$($server.Uri)"; Receive-HttpServerLog -Wait' }
        ) {
            $gate = Join-Path $TestDrive ([guid]::NewGuid())
            $process = Open-PowerShell @"
                Import-Module `$Manifest
                Register-HttpHandler GET /held { 'be' + 'gun' | Write-Host; while (-not (Test-Path '$gate')) { Start-Sleep -Milliseconds 20 }; 'whole' }
                "id `$PID"
                try { $Waiting; 'not reached' } catch { 'not caught' } finally { 'finally' + ' ran' }
                'not reached either'
"@
            $lines = [Text.StringBuilder]::new()
            $read = { param($Pattern) while ("$lines" -notmatch $Pattern) { $line = $process.StandardOutput.ReadLine(); if ($null -eq $line) { throw "It ended: $lines" }; [void]$lines.AppendLine($line) }; [void]("$lines" -match $Pattern); $Matches[0] }
            $id = (& $read 'id \d+').Substring(3)
            $uri = & $read 'http://127\.0\.0\.1:\d+/'
            $held = Send-Request "${uri}held"
            $null = & $read 'begun'
            # That of the shell: not every machine has a program of this name.
            /bin/sh -c "kill -TERM $id"
            if ($Waiting -notmatch 'Drain') { $null = Wait-Until { -not (Test-Port ([uri]$uri).Port) } }
            Set-Content $gate ''
            $ended = Wait-PowerShell $process

            (Receive-Answer $held).Text | Should -Be 'whole'
            $ended.ExitCode | Should -Be 0
            "$lines$($ended.Output)" | Should -Match 'finally ran'
            "$lines$($ended.Output)" | Should -Not -Match 'not reached|not caught'
        }
    }

    Context 'at a terminal' {
        BeforeAll {
            # Types at a real terminal, which util-linux's script plays, and reads what it shows.
            function Open-Terminal {
                $start = [Diagnostics.ProcessStartInfo]@{
                    FileName = 'script'; RedirectStandardInput = $true; RedirectStandardOutput = $true; UseShellExecute = $false; WorkingDirectory = $TestDrive
                }
                $start.Environment['TERM'] = 'xterm'
                $start.Environment['POWERSHELL_UPDATECHECK'] = 'Off'
                '-qefc', "stty cols 200 rows 50; exec '$(Join-Path $PSHOME pwsh)' -NoLogo -NoProfile", '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
                [pscustomobject]@{ Process = [Diagnostics.Process]::Start($start); Text = ''; Task = $null; Buffer = [byte[]]::new(16384); Mark = 0 }
            }

            function Read-Terminal([object] $Terminal, [string] $Pattern) {
                Wait-Until -Because "the terminal shows $Pattern, it shows $($Terminal.Text)" {
                    if (-not $Terminal.Task) {
                        $Terminal.Task = $Terminal.Process.StandardOutput.BaseStream.ReadAsync($Terminal.Buffer, 0, $Terminal.Buffer.Length)
                    }
                    if ($Terminal.Task.IsCompleted) {
                        $new = [Text.Encoding]::UTF8.GetString($Terminal.Buffer, 0, $Terminal.Task.Result)
                        $Terminal.Task = $null
                        $Terminal.Text += $new
                        # A terminal tells where its cursor is when it is asked.
                        if ($new.Contains("`e[6n")) { Write-Terminal $Terminal "`e[1;1R" }
                    }
                    if ($Terminal.Text.Substring($Terminal.Mark) -match $Pattern) {
                        $found = $Matches[0]
                        $Terminal.Mark = $Terminal.Text.Length
                        $found
                    }
                }
            }

            function Write-Terminal([object] $Terminal, [string] $Text) {
                $Terminal.Process.StandardInput.Write($Text)
                $Terminal.Process.StandardInput.Flush()
            }
        }

        BeforeEach {
            if (-not $IsLinux) { Set-ItResult -Skipped -Because 'the script of other systems takes other options' }
            if (-not (Find-Tool script)) { Set-ItResult -Skipped -Because 'script is not installed: apt-get install util-linux, or bsdutils' }
            $terminal = Open-Terminal
            $null = Read-Terminal $terminal 'PS [^\r\n]*>'
        }

        AfterEach {
            if ($terminal) {
                $terminal.Process.Kill($true)
                $terminal.Process.Dispose()
            }
        }

        It 'ends on Ctrl+C within a second, with a request in flight, and leaves the prompt as it was' {
            $manifest = Join-Path $PSScriptRoot '../../HttpServer.psd1'
            Write-Terminal $terminal "Import-Module '$manifest'; Register-HttpHandler GET /slow { 'be' + 'gun' | Write-Host; Start-Sleep 1000 }`r"
            $null = Read-Terminal $terminal 'PS [^\r\n]*> (?!.*Import)'
            Write-Terminal $terminal "Start-HttpServer 0 -Bind 127.0.0.1 -Wait`r"
            $uri = [uri](Read-Terminal $terminal 'http://127\.0\.0\.1:\d+/')
            $slow = Send-Request "${uri}slow"
            $null = Read-Terminal $terminal 'begun'
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Write-Terminal $terminal "`u{3}"
            $null = Read-Terminal $terminal 'PS [^\r\n]*>'

            $clock.Elapsed.TotalSeconds | Should -BeLessThan $aboutOneSecond
            Test-Port $uri.Port | Should -BeFalse
            Wait-Until { $slow.IsCompleted } | Should -BeTrue
            Write-Terminal $terminal "'still ' + 'alive'; @(Get-HttpServer).Count`r"
            Read-Terminal $terminal '(?s)still alive\s+0.*PS [^\r\n]*>' | Should -Not -BeNullOrEmpty
            Write-Terminal $terminal "exit 7`r"
            $terminal.Process.WaitForExit(20000) | Should -BeTrue
            $terminal.Process.ExitCode | Should -Be 7
        }

        It 'leaves the prompt free without -Wait, where handlers answer while it is idle' {
            $manifest = Join-Path $PSScriptRoot '../../HttpServer.psd1'
            Write-Terminal $terminal "Import-Module '$manifest'; Register-HttpHandler GET /idle { 'answered' }; (Start-HttpServer 0 -Bind 127.0.0.1).Uri.AbsoluteUri`r"
            $uri = Read-Terminal $terminal 'http://127\.0\.0\.1:\d+/'
            $null = Read-Terminal $terminal 'PS [^\r\n]*>'

            (Invoke-Http "${uri}idle").Text | Should -Be 'answered'
            Write-Terminal $terminal "'prompt ' + 'is free'`r"
            Read-Terminal $terminal 'prompt is free' | Should -Not -BeNullOrEmpty
        }
    }
}
