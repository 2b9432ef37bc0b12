[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'The subject of the tests.')]
param()

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    Set-Content (Join-Path $TestDrive 'a.txt') 'a file' -NoNewline
}

Describe 'the workers of a server' {
    AfterEach {
        Clear-Session
    }

    It 'own one thread and one runspace each' {
        $server = Open-Server -ThrottleLimit 4
        Register-HttpHandler GET /who {
            # Held until all four are busy, so that none answers two of the first.
            $Shared[$Request.Id] = 1
            while ($Shared.Count -lt 4) { Start-Sleep -Milliseconds 5 }
            "$([runspace]::DefaultRunspace.Id) $([Environment]::CurrentManagedThreadId)"
        }
        $pairs = (1..4 | ForEach-Object { Send-Request "$($server.Uri)who" }) | Receive-Answer | ForEach-Object Text
        $more = (1..40 | ForEach-Object { Send-Request "$($server.Uri)who" }) | Receive-Answer | ForEach-Object Text

        @($pairs | Select-Object -Unique).Count | Should -Be 4
        @($pairs | ForEach-Object { ($_ -split ' ')[0] } | Select-Object -Unique).Count | Should -Be 4
        @($pairs | ForEach-Object { ($_ -split ' ')[1] } | Select-Object -Unique).Count | Should -Be 4
        $more | Where-Object { $_ -notin $pairs } | Should -BeNullOrEmpty
        $server.WorkerCount | Should -Be 4
        ([runspace]::DefaultRunspace.Id) | Should -Not -BeIn ($pairs | ForEach-Object { [int]($_ -split ' ')[0] })
    }

    It 'run no more than -ThrottleLimit handlers at once' {
        $server = Open-Server -ThrottleLimit 3
        Register-HttpHandler GET /count {
            [Threading.Monitor]::Enter($Shared.SyncRoot)
            try { $Shared.now++; $Shared.most = [Math]::Max($Shared.now, $Shared.most) } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
            Start-Sleep -Milliseconds 20
            [Threading.Monitor]::Enter($Shared.SyncRoot)
            try { $Shared.now-- } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
        }
        $server.Shared.now = $server.Shared.most = 0
        $null = (1..20 | ForEach-Object { Send-Request "$($server.Uri)count" }) | Receive-Answer

        $server.Shared.most | Should -Be 3
    }

    It 'run two hundred sleeping handlers at once, if they are let' {
        $server = Open-Server -ThrottleLimit 200
        Register-HttpHandler GET /meet { $Shared[$Request.Id] = 1; while ($Shared.Count -lt 200) { Start-Sleep -Milliseconds 200 }; 'met' }
        $answers = (1..200 | ForEach-Object { Send-Request "$($server.Uri)meet" }) | Receive-Answer

        $answers.Text | Select-Object -Unique | Should -Be 'met'
    }

    It 'are made when they are needed, not before' {
        $server = Open-Server -ThrottleLimit 100
        $server.WorkerCount | Should -Be 0
        Register-HttpHandler GET /it { 'it' }
        foreach ($round in 1..5) { (Invoke-Http "$($server.Uri)it").Text | Should -Be 'it' -Because "of round $round" }

        $server.WorkerCount | Should -Be 1
    }

    It 'begin with one that is made before the first request: <How>' -TestCases @(
        @{ How = 'a handler is registered'; Settings = @{} }
        @{ How = 'the server starts'; Settings = @{ InitializationScript = { $global:made = 1 } } }
    ) {
        Register-HttpHandler GET /other { 'other' } -Server (Open-Server -Name other)
        $server = Open-Server @Settings -ThrottleLimit 100
        Register-HttpHandler GET /it { 'it' }

        $server.WorkerCount | Should -Be 1
        $server.RequestCount | Should -Be 0
        $server | Restart-HttpServer
        $server.WorkerCount | Should -Be 1
    }

    It 'leave no thread behind where a server is stopped while its first one is being made' {
        $stopped = foreach ($round in 1..5) {
            $server = Open-Server -NoFiles
            Register-HttpHandler GET /it { 'it' } -Server $server
            $server | Stop-HttpServer -Force -PassThru
        }

        # A thread that has just begun is left behind for as long as a runspace takes to open.
        Wait-Until { ($stopped | Measure-Object WorkerCount -Sum).Sum -eq 0 } | Should -BeTrue
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'compile a handler once, not for each request' {
        $server = Open-Server -ThrottleLimit 1
        Register-HttpHandler GET /same {
            $block = $MyInvocation.MyCommand.ScriptBlock
            if ($null -eq $Shared.block) { $Shared.block = $block }
            "$([object]::ReferenceEquals($Shared.block, $block))"
        }
        foreach ($round in 1..5) { (Invoke-Http "$($server.Uri)same").Text | Should -Be 'True' -Because "of round $round" }
    }

    It 'do not run a handler in the runspace that registered it' {
        $server = Open-Server
        $here = [runspace]::DefaultRunspace.Id
        $script:touched = 'untouched'
        Register-HttpHandler GET /touch { $script:touched = 'touched'; "$([runspace]::DefaultRunspace.Id)" }

        [int](Invoke-Http "$($server.Uri)touch").Text | Should -Not -Be $here
        $script:touched | Should -Be 'untouched'
    }

    It 'answer while this session is busy' {
        $server = Open-Server
        Register-HttpHandler GET /busy { 'answered' }
        $request = Send-Request "$($server.Uri)busy"
        # Not a command is run here meanwhile.
        $end = [datetime]::UtcNow.AddSeconds(20)
        while (-not $request.IsCompleted -and [datetime]::UtcNow -lt $end) { }

        $request.IsCompleted | Should -BeTrue
        ($request | Receive-Answer).Text | Should -Be 'answered'
    }

    It 'may call the server that they work for' {
        $server = Open-Server -ThrottleLimit 2
        Register-HttpHandler GET /inner { 'inner' }
        Register-HttpHandler GET /outer { "outer $(Invoke-RestMethod "http://$($Request.Host)/inner")" }

        (Invoke-Http "$($server.Uri)outer").Text | Should -Be 'outer inner'
    }

    It 'may run things in parallel themselves' {
        $server = Open-Server
        Register-HttpHandler GET /parallel { (1..3 | ForEach-Object -Parallel { $_ * 2 } | Sort-Object) -join ' ' }
        Register-HttpHandler GET /job { Start-ThreadJob { 'job' } | Receive-Job -Wait -AutoRemoveJob }

        (Invoke-Http "$($server.Uri)parallel").Text | Should -Be '2 4 6'
        (Invoke-Http "$($server.Uri)job").Text | Should -Be 'job'
    }

    Context 'the queue' {
        BeforeEach {
            $script:server = Open-Server -ThrottleLimit 1 -QueueLimit 3 -Directory $TestDrive
            Register-HttpHandler GET '/hold/{name}' {
                [void]$Shared.order.Add($Request.RouteValues.name)
                while (-not $Shared.go) { Start-Sleep -Milliseconds 5 }
                $Request.RouteValues.name
            }
            $server.Shared.order = [Collections.ArrayList]::Synchronized([Collections.ArrayList]::new())

            # One after the other, so that their order is known.
            function Send-Ordered([string[]] $Name) {
                foreach ($one in $Name) {
                    $active = $server.ActiveRequests
                    Send-Request "$($server.Uri)hold/$one"
                    $null = Wait-Until { $server.ActiveRequests -gt $active }
                }
            }
        }

        It 'is fair: first come, first served' {
            $requests = Send-Ordered a, b, c, d
            $null = Wait-Until { $server.Shared.order.Count -eq 1 }
            $server.Shared.go = $true

            ($requests | Receive-Answer).Text | Should -Be 'a', 'b', 'c', 'd'
            $server.Shared.order | Should -Be 'a', 'b', 'c', 'd'
        }

        It 'is answered 503 with Retry-After when it is full, and takes requests again when it is not' {
            $requests = Send-Ordered a, b, c, d
            $refused = Invoke-Http "$($server.Uri)hold/e"

            $refused.Status | Should -Be 503
            [int]$refused.Headers['Retry-After'] | Should -BeGreaterThan 0
            $refused.Text | Should -BeLike '*busy*'
            $server.Shared.go = $true
            ($requests | Receive-Answer).Status | Should -Be 200, 200, 200, 200
            (Invoke-Http "$($server.Uri)hold/f").Text | Should -Be 'f'
            $server.Shared.order | Should -Not -Contain 'e'
        }

        It 'may have no room at all' {
            $own = Open-Server -ThrottleLimit 1 -QueueLimit 0
            $own.Shared.order = [Collections.ArrayList]::Synchronized([Collections.ArrayList]::new())
            $first = Send-Request "$($own.Uri)hold/a"
            $null = Wait-Until { $own.Shared.order.Count -eq 1 }

            (Invoke-Http "$($own.Uri)hold/b").Status | Should -Be 503
            $own.Shared.go = $true
            ($first | Receive-Answer).Text | Should -Be 'a'
        }

        It 'holds up no files' {
            $requests = Send-Ordered a, b, c, d

            (Invoke-Http "$($server.Uri)a.txt").Text | Should -Be 'a file'
            (Invoke-Http $server.Uri).Text | Should -BeLike '*a.txt*'
            (Invoke-Http "$($server.Uri)nothing").Status | Should -Be 404
            $server.Shared.go = $true
            ($requests | Receive-Answer).Status | Should -Be 200, 200, 200, 200
        }

        It 'is given up when the server stops, with 503' {
            $requests = Send-Ordered a, b
            $null = Wait-Until { $server.Shared.order.Count -eq 1 }
            $server | Stop-HttpServer -Force

            $null = Wait-Until { $requests.IsCompleted -notcontains $false }
            $server.Shared.order | Should -Be 'a'
        }
    }

    It 'never mix up the data of requests that run at once' {
        $server = Open-Server -ThrottleLimit 4
        Register-HttpHandler * '/mix/{id}' {
            param($Request)
            $global:id = $id = $Request.RouteValues.id
            $Response.Headers['X-Id'] = $id
            $Response.SetCookie('id', $id)
            $sum = 0
            foreach ($number in 1..20) { $sum += $number }
            "$id $global:id $($Request.Query.id) $($Request.Headers['X-Id']) $($Request.Cookies['id']) $($Request.Body) $($Request.Form.id) $($this.Path) $sum"
        }
        $uri = "$($server.Uri)mix"
        $wrong = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            $client = [Net.Http.HttpClient]::new([Net.Http.SocketsHttpHandler]@{ UseCookies = $false; UseProxy = $false })
            foreach ($number in 1..60) {
                $id = "c$_-$number"
                $request = [Net.Http.HttpRequestMessage]::new('POST', "$using:uri/$($id)?id=$id")
                $request.Headers.Add('X-Id', $id)
                $request.Headers.Add('Cookie', "id=$id")
                $request.Content = [Net.Http.StringContent]::new("id=$id", [Text.Encoding]::UTF8, 'application/x-www-form-urlencoded')
                $answer = $client.SendAsync($request).GetAwaiter().GetResult()
                $text = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()
                $seen = "$text $($answer.Headers.GetValues('X-Id')) $($answer.Headers.GetValues('Set-Cookie').Split(';')[0])"
                $wanted = "$id $id $id $id $id id=$id $id /mix/$($id)?id=$id 210 $id id=$id"
                if ($seen -cne $wanted) { "'$seen' for '$wanted'" }
            }
            $client.Dispose()
        }

        $wrong | Should -BeNullOrEmpty
        $server.RequestCount | Should -Be 240
    }

    It 'answer the requests of one connection in their order, also when they come all at once' {
        $server = Open-Server -ThrottleLimit 4 -Directory $TestDrive
        Register-HttpHandler GET '/echo/{id}' { "[$($Request.RouteValues.id)]" }
        $connection = Connect-Port $server.Port
        Write-Connection $connection ((1..50 | ForEach-Object { "GET /echo/$_ HTTP/1.1`r`nHost: x`r`n`r`nGET /a.txt?$_ HTTP/1.1`r`nHost: x`r`n`r`n" }) -join '')
        Write-Connection $connection "GET /echo/end HTTP/1.1`r`nHost: x`r`nConnection: close`r`n`r`n"
        $answers = Read-Connection $connection
        $connection.Dispose()

        ([regex]::Matches($answers, '\[(\w+)\]').ForEach({ $_.Groups[1].Value })) | Should -Be (@(1..50) + 'end')
        [regex]::Matches($answers, 'a file').Count | Should -Be 50
    }

    It 'forget a handler that is replaced again and again' {
        $server = Open-Server -ThrottleLimit 1
        foreach ($round in 1..30) {
            Register-HttpHandler GET /it ([scriptblock]::Create("'round $round'")) -Force
            (Invoke-Http "$($server.Uri)it").Text | Should -Be "round $round"
        }
        Register-HttpHandler GET /functions { "$(@(Get-ChildItem Function:HttpHandler*).Count)" }

        [int](Invoke-Http "$($server.Uri)functions").Text | Should -BeLessOrEqual 4
    }
}
