[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'The subject of the tests.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'They are used elsewhere, which is the subject.')]
param()

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    function Get-Text([object] $Server, [string] $Path) {
        (Invoke-Http "$($Server.Uri)$Path").Text
    }
}

Describe 'what handlers are given' {
    AfterEach {
        Clear-Session
    }

    Context '$using:' {
        BeforeEach {
            $script:server = Open-Server
        }

        It 'has the value of the variable where the handler is registered' {
            $greeting = 'hello'
            $number = 42
            $nothing = $null
            $list = 1, 2, 3
            $table = @{ name = 'n' }
            Register-HttpHandler GET /it { "$using:greeting $($using:number + 1) [$using:nothing] $($using:list.Count) $($using:list[1]) $(($using:table).name)" }

            Get-Text $server it | Should -Be 'hello 43 [] 3 2 n'
        }

        It 'has the value as it was at registration' {
            $state = 'then'
            Register-HttpHandler GET /it { $using:state }
            $state = 'now'

            Get-Text $server it | Should -Be 'then'
            $state | Should -Be 'now'
        }

        It 'works in nested scriptblocks, strings, pipelines, and with param()' {
            $word = 'w'
            Register-HttpHandler GET /it {
                param($Request)
                $inner = & { $using:word }
                $piped = 1..2 | ForEach-Object { "$using:word$_" }
                "$inner $piped $($Request.Path)"
            }

            Get-Text $server it | Should -Be 'w w1 w2 /it'
        }

        It 'works with variables of any case and of a scope' {
            $script:Scoped = 'scoped'
            $MixedCase = 'mixed'
            Register-HttpHandler GET /it { "$using:script:Scoped $using:mixedCASE" }

            Get-Text $server it | Should -Be 'scoped mixed'
        }

        It 'works for a server that is started later, and after a restart' {
            $server | Stop-HttpServer
            $word = 'kept'
            Register-HttpHandler GET /it { $using:word }
            $later = Open-Server
            Get-Text $later it | Should -Be 'kept'
            $later | Restart-HttpServer

            Get-Text $later it | Should -Be 'kept'
            $word | Should -Be 'kept'
        }

        It 'shares objects, it does not copy them' {
            $queue = [Collections.Concurrent.ConcurrentQueue[string]]::new()
            Register-HttpHandler GET '/add/{item}' { ($using:queue).Enqueue($Request.RouteValues.item) }
            1..3 | ForEach-Object { $null = Get-Text $server "add/$_" }

            $queue.ToArray() | Should -Be '1', '2', '3'
        }

        It 'works in a function that registers handlers' {
            function Add-Page([string] $Path, [string] $Text) {
                Register-HttpHandler GET $Path { $using:Text }
            }
            Add-Page /one 'first'
            Add-Page /two 'second'

            Get-Text $server one | Should -Be 'first'
            Get-Text $server two | Should -Be 'second'
        }

        It 'works in a loop, with a value of its own for each handler' {
            foreach ($number in 1..3) { Register-HttpHandler GET "/n$number" { "number $using:number" } }

            Get-Text $server n1 | Should -Be 'number 1'
            Get-Text $server n3 | Should -Be 'number 3'
        }

        It 'works on a member and an element' {
            $config = @{ Name = 'n'; list = 'a', 'b' }
            $list = 1, 2, 3
            Register-HttpHandler GET /it { "$($using:config.name) $($using:config['list'][1]) $($using:list.Count) $($using:list[-1]) $(@($using:config.none).Count)" }

            Get-Text $server it | Should -Be 'n b 3 3 1'
        }

        It 'takes environment variables, as they are at the registration' {
            $env:HTTPSERVER_USING = 'as it was'
            Register-HttpHandler GET /it { "$using:env:HTTPSERVER_USING|$($using:env:HTTPSERVER_NONE)" }
            $env:HTTPSERVER_USING = 'as it is'

            Get-Text $server it | Should -Be 'as it was|'
            Remove-Item Env:HTTPSERVER_USING
        }

        It 'means the handler''s own variable in what the handler runs elsewhere' {
            $factor = 10
            Register-HttpHandler GET '/it/{n:int}' {
                $n = [int]$Request.RouteValues.n * $using:factor
                "$(1, 2 | ForEach-Object -Parallel { $_ + $using:n } | Sort-Object) $(Start-ThreadJob { "$using:n" } | Receive-Job -Wait -AutoRemoveJob)"
            }

            Get-Text $server it/3 | Should -Be '31 32 30'
        }

        It 'is an error without a value, at registration and with the name' {
            $failure = Get-Failure { Register-HttpHandler GET /it { $using:noSuchVariable } }

            $failure.Id | Should -Be 'UsingValueMissing'
            $failure.Category | Should -Be 'ObjectNotFound'
            $failure.Message | Should -BeLike '*$using:noSuchVariable*Assign it*'
            $failure.IsTerminating | Should -BeTrue
            Get-HttpHandler | Should -BeNullOrEmpty
        }
    }

    Context '$Shared' {
        It 'is one synchronised table for all handlers and workers of a server, and for the session' {
            $server = Open-Server -ThrottleLimit 4
            Register-HttpHandler GET /add {
                [Threading.Monitor]::Enter($Shared.SyncRoot)
                try { $Shared.sum += 1 } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
            }
            Register-HttpHandler GET /sum { "$($Shared.Sum)" }
            $server.Shared.IsSynchronized | Should -BeTrue
            $server.Shared.sum = 100
            $null = (1..50 | ForEach-Object { Send-Request "$($server.Uri)add" }) | Receive-Answer

            $server.Shared.sum | Should -Be 150
            Get-Text $server sum | Should -Be '150'
        }

        It 'is another one for another server' {
            $one, $two = (Open-Server), (Open-Server)
            Register-HttpHandler GET '/set/{value}' { $Shared.value = $Request.RouteValues.value }
            Register-HttpHandler GET /get { "[$($Shared.value)]" }
            $null = Get-Text $one set/1

            Get-Text $one get | Should -Be '[1]'
            Get-Text $two get | Should -Be '[]'
        }

        It 'stays when the variable is assigned by a handler' {
            $server = Open-Server -ThrottleLimit 1
            Register-HttpHandler GET /break { $global:Shared = $null; $Shared = 'mine' }
            Register-HttpHandler GET /set { $Shared.value = 'shared' }
            $null = Get-Text $server break
            $null = Get-Text $server set

            $server.Shared.value | Should -Be 'shared'
        }
    }

    Context '-Variable' {
        It 'shares objects between all handlers and the session' {
            $list = [Collections.ArrayList]::Synchronized([Collections.ArrayList]::new())
            $server = Open-Server -ThrottleLimit 3 -Variable @{ List = $list; Greeting = 'hello'; Table = @{ deep = @{ er = 1 } } }
            Register-HttpHandler GET '/add/{item}' { [void]$List.Add($Request.RouteValues.item) }
            Register-HttpHandler GET /show { "$Greeting $($List.Count) $($Table.deep.er)" }
            $null = (1..20 | ForEach-Object { Send-Request "$($server.Uri)add/$_" }) | Receive-Answer

            $list.Count | Should -Be 20
            ($list | ForEach-Object { [int]$_ } | Sort-Object) | Should -Be (1..20)
            Get-Text $server show | Should -Be 'hello 20 1'
        }

        It 'is for this server alone' {
            $null = Open-Server -Variable @{ OnlyHere = 'x' }
            $other = Open-Server
            Register-HttpHandler GET /it { "[$OnlyHere]" }

            Get-Text $other it | Should -Be '[]'
        }
    }

    Context 'the variables of the session' {
        It 'are not seen otherwise, and no function of it is' {
            $script:ofTheFile = 'x'
            $ofTheTest = 'x'
            function Get-OfTheTest { 'x' }
            $server = Open-Server
            Register-HttpHandler GET /it { "[$ofTheFile$ofTheTest]$(@(Get-Command Get-OfTheTest -ErrorAction Ignore).Count)" }

            Get-Text $server it | Should -Be '[]0'
            "$ofTheFile$ofTheTest$(Get-OfTheTest)" | Should -Be 'xxx'
        }
    }

    Context '-Function' {
        It 'takes functions of the session along, with their parameters and filters too' {
            function Get-Double([int] $Number) { 2 * $Number }
            filter Add-Mark([string] $Sign = '!') { "$_$Sign" }
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Function Get-Double, Add-Mark
            Register-HttpHandler GET /it { "$(Get-Double -Number 21) $('a', 'b' | Add-Mark) $('c' | Add-Mark -Sign '?')" }

            Get-Text $server it | Should -Be '42 a! b! c?'
            "$(Get-Double 1)$('x' | Add-Mark)" | Should -Be '2x!'
        }

        It 'may call one another' {
            function Get-Inner { 'inner' }
            function Get-Outer { "outer $(Get-Inner)" }
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Function Get-Outer, Get-Inner
            Register-HttpHandler GET /it { Get-Outer }

            Get-Text $server it | Should -Be 'outer inner'
            Get-Outer | Should -Be 'outer inner'
        }

        It 'is known in every worker' {
            function Get-Word { 'word' }
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -ThrottleLimit 3 -Function Get-Word
            Register-HttpHandler GET /it { $Shared[$Request.Id] = 1; while ($Shared.Count -lt 3) { Start-Sleep -Milliseconds 5 }; Get-Word }

            (1..3 | ForEach-Object { Send-Request "$($server.Uri)it" }) | Receive-Answer | ForEach-Object Text | Should -Be 'word', 'word', 'word'
            Get-Word | Should -Be 'word'
        }
    }

    Context '-Module and -InitializationScript' {
        BeforeAll {
            $script:module = Join-Path $TestDrive 'Given.psm1'
            Set-Content $module @'
[Threading.Interlocked]::Increment([ref]0)
$script:count = 0
function Get-Given { "given $PSScriptRoot" }
function Get-Count { ($script:count++) }
Export-ModuleMember -Function Get-Given, Get-Count -Variable count
'@
        }

        It 'load once per worker' {
            $server = Open-Server -ThrottleLimit 3 -Module $module -InitializationScript {
                [Threading.Monitor]::Enter($Shared.SyncRoot)
                try { $Shared.loads += 1 } finally { [Threading.Monitor]::Exit($Shared.SyncRoot) }
                $own = [runspace]::DefaultRunspace.Id
            }
            Register-HttpHandler GET /it { Start-Sleep -Milliseconds 20; "$own" }
            $ids = (1..30 | ForEach-Object { Send-Request "$($server.Uri)it" }) | Receive-Answer | ForEach-Object Text | Select-Object -Unique

            $server.Shared.loads | Should -Be $server.WorkerCount
            @($ids).Count | Should -Be $server.WorkerCount
            $server.WorkerCount | Should -BeLessOrEqual 3
        }

        It 'give handlers the commands of the module, by path or by name' {
            $server = Open-Server -Module $module, 'Microsoft.PowerShell.Archive'
            Register-HttpHandler GET /it { Get-Given; [bool](Get-Module Microsoft.PowerShell.Archive) }

            Get-Text $server it | Should -Be (@("given $TestDrive", $true) | ConvertTo-Json -Compress)
        }

        It 'give handlers what the script defines: variables, functions, aliases, drives, the location' {
            $folder = (New-Item -ItemType Directory (Join-Path $TestDrive 'place') -Force).FullName
            $server = Open-Server -ThrottleLimit 1 -Variable @{ Folder = $folder } -InitializationScript {
                $prepared = 'prepared'
                function Get-Prepared { $prepared }
                Set-Alias gp2 Get-Prepared
                $null = New-PSDrive -Name Place -PSProvider FileSystem -Root $Folder
                Set-Location $Folder
            }
            Register-HttpHandler GET /it { "$(Get-Prepared) $(gp2) $((Get-PSDrive Place).Name) $(Split-Path $PWD -Leaf)" }
            Register-HttpHandler GET /break { $global:prepared = 'broken'; Set-Location / ; Remove-Item Alias:gp2 -Force }

            Get-Text $server it | Should -Be 'prepared prepared Place place'
            $null = Get-Text $server break
            Get-Text $server it | Should -Be 'prepared prepared Place place'
        }

        It 'tell what the script says, in the log' {
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -ErrorAction Ignore -InitializationScript {
                Write-Warning 'on the way'; Write-Error 'but not well'
            }

            (Wait-Log $server { $_.Level -eq 'Warning' }).Message | Should -BeLike '*on the way*'
            (Wait-Log $server { $_.Level -eq 'Error' }).Message | Should -BeLike '*but not well*'
        }
    }
}
