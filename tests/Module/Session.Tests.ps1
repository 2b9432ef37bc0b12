BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:manifest = (Resolve-Path (Join-Path $PSScriptRoot '../../HttpServer.psd1')).Path

    # A runspace of its own with the module in it.
    function Open-Runspace {
        $runspace = [runspacefactory]::CreateRunspace([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
        $runspace.Open()
        $null = Invoke-Runspace $runspace "Import-Module '$manifest'"
        $runspace
    }

    function Invoke-Runspace([runspace] $Runspace, [string] $Script) {
        $shell = [powershell]::Create($Runspace)
        try { $shell.AddScript($Script).Invoke() } finally { $shell.Dispose() }
    }
}

Describe 'The end of a session' {
    It 'frees the ports when the runspace is closed, with requests in flight' {
        $runspace = Open-Runspace
        $server = Invoke-Runspace $runspace "Register-HttpHandler GET /slow { `$Shared.begun = 1; Start-Sleep 1000 }; Start-HttpServer -Port 0 -Bind 127.0.0.1"
        $request = Send-Request "$($server.Uri)slow"
        $null = Wait-Until { $server.Shared.begun }
        $runspace.Close()

        Wait-Until { -not (Test-Port $server.Port) } | Should -BeTrue
        Wait-Until { $server.State -eq 'Stopped' -and $request.IsCompleted } | Should -BeTrue
        $runspace.Dispose()
    }

    It 'frees the ports when a process ends, however: <_>' -ForEach 'exit', 'throw "the end"', '[Environment]::Exit(3)' {
        $process = Open-PowerShell "Import-Module `$Manifest; `$server = Start-HttpServer -Port 0 -Bind 127.0.0.1; [Console]::WriteLine(`$server.Port); `$null = [Console]::ReadLine(); $_"
        $port = [int]$process.StandardOutput.ReadLine()
        Test-Port $port | Should -BeTrue
        $process.StandardInput.WriteLine('go')
        $null = $process | Wait-PowerShell

        Test-Port $port | Should -BeFalse
    }

    It 'lets a process end that has a handler running' {
        $process = Open-PowerShell @'
Import-Module $Manifest
Import-Module $Support
Register-HttpHandler GET /slow { $Shared.begun = 1; while ($true) { } }
$server = Open-Server
$null = Send-Request "$($server.Uri)slow"
$null = Wait-Until { $server.Shared.begun }
$server.Port
exit 5
'@
        $result = $process | Wait-PowerShell

        $result.ExitCode | Should -Be 5
        Test-Port ([int]$result.Output[0]) | Should -BeFalse
    }

    It 'frees the ports when the module is removed, and stops what runs' {
        $runspace = Open-Runspace
        $server = Invoke-Runspace $runspace "Register-HttpHandler GET /slow { `$Shared.begun = 1; try { Start-Sleep 1000 } finally { `$Shared.ended = 1 } }; Start-HttpServer -Port 0 -Bind 127.0.0.1"
        $request = Send-Request "$($server.Uri)slow"
        $null = Wait-Until { $server.Shared.begun }
        $null = Invoke-Runspace $runspace 'Remove-Module HttpServer'

        Test-Port $server.Port | Should -BeFalse
        $server.State | Should -Be 'Stopped'
        Wait-Until { $server.Shared.ended -and $request.IsCompleted } | Should -BeTrue
        $runspace.Dispose()
    }

    It 'leaves the servers of other sessions of the process alone' {
        $own = Open-Server
        $one, $two = (Open-Runspace), (Open-Runspace)
        $first = Invoke-Runspace $one 'Start-HttpServer -Port 0 -Bind 127.0.0.1'
        $second = Invoke-Runspace $two 'Start-HttpServer -Port 0 -Bind 127.0.0.1'
        $null = Invoke-Runspace $one 'Remove-Module HttpServer'

        $first.State, $second.State, $own.State | Should -Be 'Stopped', 'Running', 'Running'
        $one.Dispose()
        $two.Dispose()
        Wait-Until { $second.State -eq 'Stopped' } | Should -BeTrue
        (Invoke-Http $own.Uri).Status | Should -Be 200
        Clear-Session
    }

    It 'is no end for the module: it can be imported and used again' {
        $runspace = Open-Runspace
        $first = Invoke-Runspace $runspace "Register-HttpHandler GET /it { 'first' }; Start-HttpServer -Port 0 -Bind 127.0.0.1"
        (Invoke-Http "$($first.Uri)it").Text | Should -Be 'first'
        $null = Invoke-Runspace $runspace "Remove-Module HttpServer; Import-Module '$manifest'"
        $again = Invoke-Runspace $runspace "Register-HttpHandler GET /again { 'again' }; Start-HttpServer -Port $($first.Port) -Bind 127.0.0.1"

        (Invoke-Http "$($again.Uri)again").Text | Should -Be 'again'
        # What was registered went with the module.
        (Invoke-Http "$($again.Uri)it").Status | Should -Be 404
        (Invoke-Runspace $runspace '@(Get-HttpHandler).Count') | Should -Be 1
        $runspace.Dispose()
    }
}

Describe 'A session' {
    AfterEach {
        Clear-Session
    }

    It 'may have several servers, each with its directory and settings' {
        $servers = foreach ($name in 'one', 'two', 'three') {
            $folder = (New-Item -ItemType Directory (Join-Path $TestDrive $name)).FullName
            Set-Content (Join-Path $folder 'name.txt') $name -NoNewline
            Open-Server -Directory $folder -Name $name -Header @{ 'X-Name' = $name } -Variable @{ Mine = $name }
        }
        Register-HttpHandler GET /mine { "mine is $Mine" }

        foreach ($server in $servers) {
            $answer = Invoke-Http "$($server.Uri)name.txt"
            $answer.Text | Should -Be $server.Name
            $answer.Headers['X-Name'] | Should -Be $server.Name
            (Invoke-Http "$($server.Uri)mine").Text | Should -Be "mine is $($server.Name)"
        }
        @($servers.Port | Select-Object -Unique).Count | Should -Be 3
    }

    It 'runs handlers while its prompt waits for input' {
        # Nothing runs in the other process while it reads its standard input.
        $process = Open-PowerShell "Import-Module `$Manifest; Register-HttpHandler GET /idle { 'answered ' + `$PID }; `$server = Start-HttpServer -Port 0 -Bind 127.0.0.1; [Console]::WriteLine(`$server.Uri); `$null = [Console]::ReadLine()"
        $uri = $process.StandardOutput.ReadLine()

        (Invoke-Http "${uri}idle").Text | Should -Be "answered $($process.Id)"
        $null = $process | Wait-PowerShell
    }

    It 'may run a script to its end, and serve on' {
        $file = Join-Path $TestDrive 'setup.ps1'
        Set-Content $file @'
$word = 'of the script'
function Add-Page { Register-HttpHandler GET /page { "page $using:word" } }
Add-Page
Start-HttpServer -Port 0 -Bind 127.0.0.1
'@
        $server = & $file

        (Invoke-Http "$($server.Uri)page").Text | Should -Be 'page of the script'
    }

    It 'may start servers from a function of another module, and from a job of threads' {
        $module = Join-Path $TestDrive 'Site.psm1'
        Set-Content $module @'
$script:title = 'of the module'
function Open-Site {
    $title = $script:title
    Register-HttpHandler GET /title { "title $using:title" }
    Start-HttpServer -Port 0 -Bind 127.0.0.1
}
'@
        Import-Module $module
        try {
            $server = Open-Site
            (Invoke-Http "$($server.Uri)title").Text | Should -Be 'title of the module'
        }
        finally {
            Remove-Module Site
        }

        # A thread job has a session of its own, which ends with it.
        $port = Start-ThreadJob { Import-Module $using:manifest; (Start-HttpServer -Port 0 -Bind 127.0.0.1).Port } | Receive-Job -Wait -AutoRemoveJob
        Wait-Until { -not (Test-Port $port) } | Should -BeTrue
        $server.State | Should -Be 'Running'
    }

    It 'serves while a job of the session asks it' {
        $server = Open-Server
        Register-HttpHandler GET /it { 'it' }

        Start-Job { Invoke-RestMethod "$($using:server.Uri)it" } | Receive-Job -Wait -AutoRemoveJob | Should -Be 'it'
    }

    It 'answers the clients that people have: <client>' -ForEach @(
        @{ client = 'Invoke-WebRequest'; ask = { param($uri) (Invoke-WebRequest "${uri}it" -SkipHttpErrorCheck).Content } }
        @{ client = 'Invoke-RestMethod'; ask = { param($uri) Invoke-RestMethod "${uri}it" } }
        @{ client = 'HttpClient'; ask = { param($uri) [Net.Http.HttpClient]::new().GetStringAsync("${uri}it").GetAwaiter().GetResult() } }
        @{ client = 'WebClient'; ask = { param($uri) (New-Object Net.WebClient).DownloadString("${uri}it") } }
        @{ client = 'curl'; ask = { param($uri) curl --silent "${uri}it" } }
        @{ client = 'curl with HTTP/1.0'; ask = { param($uri) curl --silent --http1.0 "${uri}it" } }
    ) {
        if ($client -like 'curl*' -and -not (Find-Tool curl)) { Set-ItResult -Skipped -Because 'curl is not installed' }
        $server = Open-Server
        Register-HttpHandler GET /it { "it's ü" }

        & $ask $server.Uri | Should -Be "it's ü"
    }
}

Describe 'The examples that people begin with' {
    It 'work as they are written' {
        $share = (New-Item -ItemType Directory (Join-Path $TestDrive 'share')).FullName
        Set-Content (Join-Path $share 'a.txt') 'shared' -NoNewline
        $result = Invoke-PowerShell @"
Import-Module `$Manifest
`$server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory '$share'
Register-HttpHandler -Method POST { `$this.SendResponse(200); `$this.EndHeaders(); `$this.Rfile.CopyTo(`$this.Wfile) }
Register-HttpHandler -Method GET -Path /processes { Get-Process | Select-Object -First 5 Name, Id }   # objects become JSON
Register-HttpHandler GET '/items/{id}' { "item `$(`$Request.RouteValues.id)" }
Invoke-RestMethod "`$(`$server.Uri)a.txt"
Invoke-RestMethod "`$(`$server.Uri)any" -Method Post -Body 'echo'
(Invoke-WebRequest "`$(`$server.Uri)processes").Headers['Content-Type']
@(Invoke-RestMethod "`$(`$server.Uri)processes").ForEach({ `$_ }).Count
Invoke-RestMethod "`$(`$server.Uri)items/42"
(Get-HttpServer).Name; @(Get-HttpHandler).Count; Stop-HttpServer
@(Get-HttpServer).Count
"@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output | Should -Be 'shared', 'echo', 'application/json; charset=utf-8', '5', 'item 42', 'HttpServer1', '3', '0'
    }
}
