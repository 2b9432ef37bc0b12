BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # Asks a handler for a task, and gives the address of the task.
    function Start-Remote([uri] $Uri, [Collections.IDictionary] $Header = @{}) {
        $answer = Invoke-Http $Uri -Method POST -Header $Header
        $answer.Status | Should -Be 202
        [uri]::new($Uri, $answer.Headers.Location)
    }

    function Get-State([uri] $Uri, [Collections.IDictionary] $Header = @{}) {
        $answer = Invoke-Http $Uri -Header $Header
        $answer.Status | Should -Be 200
        $answer.Type | Should -BeLike 'application/json*'
        $answer.Text | ConvertFrom-Json
    }

    function Wait-State([uri] $Uri, [string] $Status, [Collections.IDictionary] $Header = @{}) {
        Wait-Until { ($state = Get-State $Uri $Header).status -eq $Status ? $state : $null } -Because "the task is $Status"
    }

    # Follows a task, and gives a reader of lines.
    function Open-Stream([uri] $Uri) {
        $client = [Net.Http.HttpClient]::new()
        $client.DefaultRequestHeaders.Add('Accept', 'text/event-stream')
        $script:clients += $client
        $answer = $client.GetAsync($Uri, 'ResponseHeadersRead').GetAwaiter().GetResult()
        [int]$answer.StatusCode | Should -Be 200
        $answer.Content.Headers.ContentType.MediaType | Should -Be 'text/event-stream'
        [IO.StreamReader]::new($answer.Content.ReadAsStream())
    }

    # The next event: its id and its state.
    function Read-State([IO.StreamReader] $Reader) {
        $lines = while ($line = $Reader.ReadLine()) { $line }
        $lines[0] | Should -BeLike 'id: *'
        [pscustomobject]@{ Id = $lines[0].Substring(4); State = $lines[1].Substring(6) | ConvertFrom-Json }
    }

    $script:clients = @()
}

AfterAll {
    $clients.ForEach('Dispose')
    Clear-Session
}

Describe 'Start-HttpTask in a handler' {
    BeforeAll {
        $script:gate = [Threading.ManualResetEventSlim]::new()
        $script:server = Open-Server -Variable @{ Gate = $gate } -TaskLimit 1 -TaskQueueLimit 1
        $script:base = "$($server.Uri)"
    }

    AfterAll {
        $gate.Set()
        Clear-Session
    }

    BeforeEach {
        $gate.Reset()
    }

    AfterEach {
        $gate.Set()
        Get-HttpHandler | Unregister-HttpHandler
        $null = Wait-Until { -not (Get-HttpTask | Where-Object Status -In Queued, Running) } -Because 'all tasks have ended'
    }

    It 'answers 202 with the place and the state of the task, and the script goes on' {
        Register-HttpHandler POST /start { Start-HttpTask -Name Import { $Gate.Wait(); [pscustomobject]@{ rows = 3 } } }
        $answer = Invoke-Http "${base}start" -Method POST
        $answer.Status | Should -Be 202
        $answer.Type | Should -BeLike 'application/json*'
        $answer.Headers['Retry-After'] | Should -Be '1'
        $answer.Headers['Cache-Control'] | Should -Be 'no-store'
        $state = $answer.Text | ConvertFrom-Json
        $answer.Headers.Location | Should -Be "/tasks/$($state.id)"
        $state.id | Should -Match '^[0-9a-f]{32}$'
        $state.name | Should -Be 'Import'
        $task = "$base".TrimEnd('/') + $answer.Headers.Location
        (Wait-State $task running).percentComplete | Should -BeNullOrEmpty
        $head = Invoke-Http $task -Method HEAD
        $head.Status | Should -Be 200
        $head.Bytes.Count | Should -Be 0
        $early = Invoke-Http "$task/result"
        $early.Status | Should -Be 202
        $gate.Set()
        $state = Wait-State $task completed
        $state.result.rows | Should -Be 3
        $state.percentComplete | Should -Be 100
        $state.ended | Should -Not -BeNullOrEmpty
        (Invoke-Http $task).Headers['Retry-After'] | Should -BeNullOrEmpty
        $result = Invoke-Http "$task/result"
        $result.Status | Should -Be 200
        $result.Text | Should -Be '{"rows":3}'
    }

    It 'takes values of the handler by $using: and by -ArgumentList, and has $Shared' {
        $session = 'of the session'
        Register-HttpHandler POST /start {
            $own = $Request.Query.own
            Start-HttpTask { param($A, [int] $B) "$A $($B + 1) $using:own $($Shared.word) $($null -eq $Request)" } -ArgumentList $using:session, '41'
        }
        $server.Shared.word = 'shared'
        (Wait-State (Start-Remote "${base}start?own=mine") completed).result | Should -Be 'of the session 42 mine shared True'
    }

    It 'lets the handler answer by itself when the task is assigned' {
        Register-HttpHandler POST /start { $task = Start-HttpTask { 'x' }; "follow $($task.Path)" }
        $answer = Invoke-Http "${base}start" -Method POST
        $answer.Status | Should -Be 200
        $answer.Text | Should -Match '^follow /tasks/[0-9a-f]{32}$'
        $null = Wait-State ("$base".TrimEnd('/') + $answer.Text.Substring(7)) completed
    }

    It 'lets the handler say another status, and headers' {
        Register-HttpHandler POST /start { $Response.StatusCode = 201; $Response.Headers['X-Own'] = '1'; Start-HttpTask { } }
        $answer = Invoke-Http "${base}start" -Method POST
        $answer.Status | Should -Be 201
        $answer.Headers['X-Own'] | Should -Be '1'
        $answer.Headers.Location | Should -BeLike '/tasks/*'
    }

    It 'tells the progress' {
        Register-HttpHandler POST /start { Start-HttpTask { Write-Progress Reading 'file 1 of 4' -PercentComplete 25; $Gate.Wait() } }
        $task = Start-Remote "${base}start"
        $state = Wait-Until { ($state = Get-State $task).percentComplete -eq 25 ? $state : $null }
        $state.status | Should -Be running
        $state.activity | Should -Be 'Reading'
        $state.statusDescription | Should -Be 'file 1 of 4'
    }

    It 'tells the states as events, the last of which ends the answer' {
        Register-HttpHandler POST /start { Start-HttpTask { $Gate.Wait(); Write-Progress Reading -PercentComplete 50; 'x' } }
        $task = Start-Remote "${base}start"
        $null = Wait-State $task running
        $reader = Open-Stream $task
        (Read-State $reader).State.status | Should -Be running
        $gate.Set()
        do { $event = Read-State $reader } until ($event.State.status -ne 'running')
        $event.State.status | Should -Be completed
        $event.State.result | Should -Be 'x'
        $event.Id | Should -BeLike '*.end'
        $reader.ReadToEnd() | Should -Match '^retry: \d+\n\n$'
        # Who comes later gets the last state, and a browser that comes back is told to stay away.
        $reader = Open-Stream $task
        (Read-State $reader).State.status | Should -Be completed
        $reader.ReadToEnd() | Should -Match '^retry: \d+\n\n$'
        (Invoke-Http $task -Header @{ Accept = 'text/event-stream'; 'Last-Event-ID' = $event.Id }).Status | Should -Be 204
    }

    It 'is cancelled by DELETE, when it runs and when it waits' {
        Register-HttpHandler POST /start { Start-HttpTask { while ($true) { } } }
        $running = Start-Remote "${base}start"
        $null = Wait-State $running running
        $waiting = Start-Remote "${base}start"
        foreach ($task in $waiting, $running) {
            $answer = Invoke-Http $task -Method DELETE
            $answer.Status | Should -Be 200
            ($answer.Text | ConvertFrom-Json).status | Should -Be cancelled
            (Get-State $task).status | Should -Be cancelled
        }

        $result = Invoke-Http "$running/result"
        $result.Status | Should -Be 410
        $result.Type | Should -Be 'application/problem+json'
        # Again, it is what it is.
        (Invoke-Http $running -Method DELETE).Status | Should -Be 200
    }

    It 'ends with problem details where the script fails, and the log has the error with its place' {
        Register-HttpHandler POST /start { Start-HttpTask -Name Broken { Get-Item /nowhere/secret -ErrorAction Stop } }
        $task = Start-Remote "${base}start"
        $state = Wait-State $task failed
        $state.error.status | Should -Be 500
        $state.error.title | Should -Be 'Internal Server Error'
        $state.error.instance | Should -Be $task.AbsolutePath
        $result = Invoke-Http "$task/result"
        $result.Status | Should -Be 500
        $result.Type | Should -Be 'application/problem+json'
        $result.Text | Should -Not -Match 'secret'
        $entry = Wait-Log $server { $_.Message -like 'The task Broken failed:*secret*' }
        $entry.Message | Should -BeLike '*Start-HttpTask.Tests.ps1:*Get-Item*'
        $entry.RequestId | Should -Not -BeNullOrEmpty
        (Get-HttpTask Broken).Error | Should -BeLike '*secret*'
    }

    It 'is refused with 503 when too many wait' {
        Register-HttpHandler POST /start { Start-HttpTask { $Gate.Wait() } }
        $first = Start-Remote "${base}start"
        $null = Wait-State $first running
        $null = Start-Remote "${base}start"
        $answer = Invoke-Http "${base}start" -Method POST
        $answer.Status | Should -Be 503
        $answer.Headers['Retry-After'] | Should -Be '1'
        # Requests have workers of their own.
        Register-HttpHandler GET /free { 'free' }
        (Invoke-Http "${base}free").Text | Should -Be 'free'
    }

    It 'answers other methods with 405, OPTIONS, and what it does not know with 404' {
        Register-HttpHandler POST /start { Start-HttpTask { } }
        Register-HttpHandler GET '/{*rest}' { "page $($Request.Path)" }
        $task = Start-Remote "${base}start"
        $null = Wait-State $task completed
        $refused = Invoke-Http $task -Method PUT -Body x
        $refused.Status | Should -Be 405
        $refused.Headers.Allow | Should -Be 'GET, HEAD, DELETE, OPTIONS'
        (Invoke-Http $task -Method OPTIONS).Headers.Allow | Should -Be 'GET, HEAD, DELETE, OPTIONS'
        (Invoke-Http "$task/result" -Method DELETE).Status | Should -Be 405
        # Everything else is the handlers'.
        (Invoke-Http "${base}tasks/other").Text | Should -Be 'page /tasks/other'
        $unknown = "${base}tasks/0123456789abcdef0123456789abcdef"
        (Invoke-Http $unknown -Method DELETE).Status | Should -Be 404
        Get-HttpHandler | Where-Object Path -EQ '/{*rest}' | Unregister-HttpHandler
        (Invoke-Http $unknown).Status | Should -Be 404
    }

    It 'is seen by filters as handlers are' {
        Register-HttpHandler POST /start { Start-HttpTask { } }
        $task = Start-Remote "${base}start"
        Register-HttpFilter { if ($Request.Path -like '/tasks/*') { $Response.StatusCode = 403; 'no' } }
        (Invoke-Http $task).Status | Should -Be 403
        Get-HttpFilter | Unregister-HttpFilter
        $null = Wait-State $task completed
    }

    It 'may start another task' {
        Register-HttpHandler POST /start { Start-HttpTask { (Start-HttpTask -Name Second { 'second' }).Path } }
        $path = (Wait-State (Start-Remote "${base}start") completed).result
        (Wait-State ("$base".TrimEnd('/') + $path) completed).result | Should -Be 'second'
    }
}

Describe 'A task of a user' {
    BeforeAll {
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key) { @{ Name = $Key; Roles = 'staff' } } }
        $script:ada = @{ 'X-Api-Key' = 'ada' }
        $script:bob = @{ 'X-Api-Key' = 'bob' }
    }

    AfterAll {
        Clear-Session
    }

    It 'is seen, followed and cancelled by that user alone: <Where>' -ForEach @(
        @{ Where = 'of the server'; Start = { Open-Server -Authentication Keys }; Register = { Register-HttpHandler POST /start { Start-HttpTask { $Request; Start-Sleep 1000 } } }; Anonymous = 401 }
        @{ Where = 'of the handler'; Start = { Open-Server }; Register = { Register-HttpHandler POST /start -Authentication Keys -Role staff { Start-HttpTask { Start-Sleep 1000 } } }; Anonymous = 401 }
    ) {
        $server = & $Start
        & $Register
        $task = Start-Remote "$($server.Uri)start" $ada
        (Get-HttpTask).User | Should -Be 'ada'
        $null = Wait-State $task running $ada
        (Invoke-Http $task).Status | Should -Be $Anonymous
        foreach ($method in 'GET', 'HEAD', 'DELETE') { (Invoke-Http $task -Method $method -Header $bob).Status | Should -Be 404 }
        (Invoke-Http "$task/result" -Header $bob).Status | Should -Be 404
        (Invoke-Http $task -Header ($bob + @{ Accept = 'text/event-stream' })).Status | Should -Be 404
        ((Invoke-Http $task -Method DELETE -Header $ada).Text | ConvertFrom-Json).status | Should -Be cancelled
        Get-HttpHandler | Unregister-HttpHandler
        $server | Stop-HttpServer
    }
}

Describe 'Start-HttpTask at the prompt, Get-HttpTask and Stop-HttpTask' {
    BeforeAll {
        $script:server = Open-Server -Name Only -TaskPath /work/items
    }

    AfterAll {
        Clear-Session
    }

    It 'start, show and stop tasks' {
        $word = 'here'
        $task = Start-HttpTask { "$args $using:word" } -ArgumentList 1, 2 -Name Quick
        $null = Wait-Until { $task.Status -eq 'Completed' }
        $task.Result | Should -Be '"1 2 here"'
        $task.Server | Should -Be 'Only'
        $task.Path | Should -Be "/work/items/$($task.Id)"
        (Get-State "$($server.Uri)work/items/$($task.Id)").result | Should -Be '1 2 here'
        $long = $server | Start-HttpTask { Start-Sleep 1000 } -Name Long
        (Get-HttpTask).Name | Should -Be 'Quick', 'Long'
        (Get-HttpTask L*).Id | Should -Be $long.Id
        (Get-HttpTask -Id $task.Id).Name | Should -Be 'Quick'
        $long | Stop-HttpTask -WhatIf
        Get-HttpTask L* | Stop-HttpTask
        $null = Wait-Until { $long.Status -eq 'Cancelled' }
        Stop-HttpTask $task.Id
        $task.Status | Should -Be Completed
        (Get-HttpTask | Out-String) | Should -BeLike '*Quick*Completed*Long*Cancelled*'
    }

    It 'name what is wrong: <Id>' -ForEach @(
        @{ Id = 'TaskNotFound'; Command = { Get-HttpTask Nobody -ErrorAction Stop } }
        @{ Id = 'TaskNotFound'; Command = { Get-HttpTask -Id Nobody -ErrorAction Stop } }
        @{ Id = 'TaskNotFound'; Command = { Stop-HttpTask Nobody -ErrorAction Stop } }
        @{ Id = 'UsingValueMissing'; Command = { Start-HttpTask { $using:missing } } }
        @{ Id = 'ServerNotFound'; Command = { Start-HttpTask { } -Server Nobody -ErrorAction Stop } }
        @{ Id = 'ServerAmbiguous'; Command = { $null = Open-Server; Start-HttpTask { } } }
        @{ Id = 'ServerNotFound'; Command = { Clear-Session; Start-HttpTask { } } }
    ) {
        (Get-Failure $Command).Id | Should -Be $Id
    }
}

Describe 'The end of a server' {
    AfterEach {
        Clear-Session
    }

    It 'gives tasks the time of running requests, and then stops them' {
        $gate = [Threading.ManualResetEventSlim]::new()
        $server = Open-Server -Variable @{ Gate = $gate }
        $ends = Start-HttpTask { $Gate.Wait(); 'ended' }
        $hangs = Start-HttpTask { try { Start-Sleep 1000 } finally { $Gate.Set() } }
        $null = Wait-Until { $ends.Status -eq 'Running' -and $hangs.Status -eq 'Running' }
        $server | Stop-HttpServer -Timeout 1
        $hangs.Status | Should -Be Failed
        $hangs.Error | Should -BeLike '*stopping*'
        $ends.Status | Should -BeIn Completed, Failed
    }

    It 'leaves no runspace and no thread of tasks and timers' {
        $count = { (Get-Process -Id $PID).Threads.Count }
        $runspaces = (Get-Runspace).Count
        $server = Open-Server -TaskLimit 3
        $tasks = 1..3 | ForEach-Object { Start-HttpTask { Start-Sleep 1000 } }
        $null = Wait-Until { -not ($tasks.Status -ne 'Running') }
        (Get-Runspace).Count | Should -BeGreaterThan $runspaces
        $server | Stop-HttpServer -Force
        $null = Wait-Until { (Get-Runspace).Count -le $runspaces } -Because 'the runspaces of tasks are gone'
        $tasks.Status | Should -Be 'Failed', 'Failed', 'Failed'
    }

    It 'may be asked for by a task' {
        $server = Open-Server
        $task = Start-HttpTask { Stop-HttpServer -Name $using:server.Name; 'asked' }
        $null = Wait-Until { $server.State -eq 'Stopped' }
        $task.Result | Should -Be '"asked"'
    }
}

Describe 'Tasks of servers that share a store' {
    AfterAll {
        Clear-Session
    }

    It 'are answered, followed and cancelled by all of them' {
        Skip-WithoutStore
        $store = Start-Store
        try {
            Register-HttpAuthentication Keys -ApiKey { param($Key) $Key }
            Register-HttpHandler POST /start { Start-HttpTask { Write-Progress Waiting -PercentComplete 10; Start-Sleep 1000 } }
            Register-HttpHandler POST /own -Authentication Keys { Start-HttpTask { 'of ada' } }
            $one, $two = 1..2 | ForEach-Object { Open-Server -NoFiles -StateStore $store.Url }
            $task = Start-Remote "$($one.Uri)start"
            $there = [uri]::new($two.Uri, $task.AbsolutePath)
            # At once, and then with its progress.
            (Get-State $there).status | Should -BeIn queued, running
            $null = Wait-Until { (Get-State $there).percentComplete -eq 10 }
            $reader = Open-Stream $there
            (Read-State $reader).State.status | Should -Be running
            (Invoke-Http $there -Method DELETE).Status | Should -Be 202
            $null = Wait-State $there cancelled
            $null = Wait-State $task cancelled
            do { $event = Read-State $reader } until ($event.State.status -ne 'running')
            $event.State.status | Should -Be cancelled
            $reader.ReadToEnd() | Should -Match '^retry: \d+\n\n$'
            # A user of a handler's own authentication is known at the other server too.
            $ada = @{ 'X-Api-Key' = 'ada' }
            $task = Start-Remote "$($one.Uri)own" $ada
            $there = [uri]::new($two.Uri, $task.AbsolutePath)
            (Wait-State $there completed $ada).result | Should -Be 'of ada'
            (Invoke-Http $there -Header @{ 'X-Api-Key' = 'bob' }).Status | Should -Be 404
            (Invoke-Http $there).Status | Should -Be 401
            (Invoke-Http "$($two.Uri)tasks/0123456789abcdef0123456789abcdef").Status | Should -Be 404
            # What one server has run is known when it has gone.
            $one | Stop-HttpServer
            (Get-State $there $ada).result | Should -Be 'of ada'
        }
        finally {
            Clear-Session
            Stop-Store $store
        }
    }
}
