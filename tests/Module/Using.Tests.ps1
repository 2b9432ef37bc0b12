BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'What handlers get of the session' {
    AfterEach {
        Clear-Session
    }

    Context '$using:' {
        It 'has the value of the registration, whatever becomes of the variable' {
            $server = Open-Server
            $word = 'first'
            Register-HttpHandler GET /one { $using:word }
            $word = 'second'
            Register-HttpHandler GET /two { $using:word }
            Remove-Variable word

            (Invoke-Http "$($server.Uri)one").Text | Should -Be 'first'
            (Invoke-Http "$($server.Uri)two").Text | Should -Be 'second'
        }

        It 'has arrays, tables and objects, by reference' {
            $server = Open-Server
            $list, $table, $object = [Collections.ArrayList]@(1, 2), [hashtable]::Synchronized(@{ a = 1 }), [pscustomobject]@{ Name = 'Ada' }
            Register-HttpHandler GET /change {
                $null = ($using:list).Add(3)
                ($using:table).b = 2
                $own = $using:object
                $own.Name = 'Bob'
                "$($using:list) $($using:table['a'])"
            }

            (Invoke-Http "$($server.Uri)change").Text | Should -Be '1 2 3 1'
            $list | Should -Be 1, 2, 3
            $table.b | Should -Be 2
            $object.Name | Should -Be 'Bob'
        }

        It 'has several variables, members and elements, in any case' {
            $server = Open-Server
            $first, $second = @{ deep = @{ er = 'x' } }, @('zero', 'one')
            Register-HttpHandler GET /several { "$($using:FIRST.deep.er) $($using:second[1]) $($Using:Second.Count)" }

            (Invoke-Http "$($server.Uri)several").Text | Should -Be 'x one 2'
        }

        It 'can be used in scriptblocks within the handler' {
            $server = Open-Server
            $factor = 3
            Register-HttpHandler GET /nested { (1..3 | ForEach-Object { $_ * $using:factor }) -join ' ' }

            (Invoke-Http "$($server.Uri)nested").Text | Should -Be '3 6 9'
        }

        It 'has $null where the variable is $null' {
            $server = Open-Server
            $nothing = $null
            Register-HttpHandler GET /nothing { "<$($using:nothing)>" }

            (Invoke-Http "$($server.Uri)nothing").Text | Should -Be '<>'
        }

        It 'is an error where there is no such variable, and nothing is registered' {
            $failure = Get-Failure { Register-HttpHandler GET /missing { $using:thereIsNoSuchVariable } }

            $failure.Id | Should -Be 'UsingValueMissing'
            $failure.IsTerminating | Should -BeTrue
            $failure.Message | Should -BeLike '*$using:thereIsNoSuchVariable*Assign*'
            Get-HttpHandler | Should -BeNullOrEmpty
        }

        It 'is the same at two servers and on all workers' {
            $servers = (Open-Server -ThrottleLimit 2), (Open-Server -ThrottleLimit 2)
            $word, $barrier = 'shared', [Threading.Barrier]::new(4)
            Register-HttpHandler GET /word { "$(($using:barrier).SignalAndWait(20000)) $using:word" }
            $waiting = $servers + $servers | ForEach-Object { Send-Request "$($_.Uri)word" }

            ($waiting | Receive-Answer).Text | Should -Be (@('True shared') * 4)
        }

        It 'goes with param($Request)' {
            $server = Open-Server
            $word = 'word'
            Register-HttpHandler GET '/both/{id}' { param($Request) "$($Request.RouteValues.id) $using:word" }

            (Invoke-Http "$($server.Uri)both/7").Text | Should -Be '7 word'
        }

        It 'is the only way to variables of the session' {
            $server = Open-Server
            Set-Variable usingTestsWord 'session' -Scope Global
            try {
                Register-HttpHandler GET /bare { "<$usingTestsWord>" }
                (Invoke-Http "$($server.Uri)bare").Text | Should -Be '<>'
            }
            finally {
                Remove-Variable usingTestsWord -Scope Global
            }
        }
    }

    Context 'Start-HttpServer' {
        It 'has all handlers share the objects of -Variable' {
            $list = [Collections.Concurrent.ConcurrentBag[string]]::new()
            $server = Open-Server -Variable @{ List = $list; Word = 'w' }
            Register-HttpHandler GET /one { $List.Add("one $Word") }
            Register-HttpHandler GET /two { $List.Add("two $Word") }
            $null = 'one', 'two' | ForEach-Object { Invoke-Http "$($server.Uri)$_" }

            $list | Sort-Object | Should -Be 'one w', 'two w'
        }

        It 'gives each server a $Shared of its own, which is synchronized' {
            $servers = (Open-Server), (Open-Server)
            Register-HttpHandler GET '/set/{word}' { $Shared[$Request.RouteValues.word] = 1; "$($Shared.IsSynchronized)" }

            (Invoke-Http "$($servers[0].Uri)set/first").Text | Should -Be 'True'
            (Invoke-Http "$($servers[1].Uri)set/second").Text | Should -Be 'True'
            $servers[0].Shared.Keys | Should -Be 'first'
            $servers[1].Shared.Keys | Should -Be 'second'
        }

        It 'has handlers call the functions of -Function' {
            function Get-Double([int] $Number) { 2 * $Number }
            function Get-Word { param([string] $Name = 'nobody') "Hello, $Name" }
            # Not through Open-Server, which does not see the functions of a test.
            $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Function Get-Double, Get-Word
            Register-HttpHandler GET /call { "$(Get-Double 21) $(Get-Word Ada) $(Get-Word)" }

            (Invoke-Http "$($server.Uri)call").Text | Should -Be '42 Hello, Ada Hello, nobody'
        }

        It 'does not give handlers other functions of the session' {
            function global:Get-UsingTestsSecret { 'secret' }
            try {
                $server = Open-Server
                Register-HttpHandler GET /call { Get-UsingTestsSecret }
                (Invoke-Http "$($server.Uri)call").Status | Should -Be 500
            }
            finally {
                Remove-Item Function:Get-UsingTestsSecret
            }
        }

        It 'imports -Module once for each worker' {
            $module = Join-Path $TestDrive 'Loaded.psm1'
            Set-Content $module '$global:Bag.Add(1); $script:count = 0; function Get-Loaded { "loaded $((++$script:count))" }; Export-ModuleMember -Function Get-Loaded'
            $bag = [Collections.Concurrent.ConcurrentBag[int]]::new()
            $server = Open-Server -Module $module -Variable @{ Bag = $bag } -ThrottleLimit 1
            Register-HttpHandler GET /call { Get-Loaded }

            1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)call").Text } | Should -BeLike 'loaded *'
            $bag.Count | Should -Be 1
        }

        It 'runs -InitializationScript once in each worker, after the modules' {
            $module = Join-Path $TestDrive 'Early.psm1'
            Set-Content $module 'function Get-Early { "early" }'
            $bag = [Collections.Concurrent.ConcurrentBag[string]]::new()
            $server = Open-Server -Module $module -ThrottleLimit 2 -Variable @{ Bag = $bag; Barrier = [Threading.Barrier]::new(2) } -InitializationScript {
                $Bag.Add((Get-Early))
                Set-Variable Own ([guid]::NewGuid().ToString())
                function Get-Own { $Own }
                Set-Alias own Get-Own
            }
            Register-HttpHandler GET /own { $null = $Barrier.SignalAndWait(20000); own }
            $texts = foreach ($round in 1..3) {
                $waiting = 1..2 | ForEach-Object { Send-Request "$($server.Uri)own" }
                ($waiting | Receive-Answer).Text
            }

            @($texts | Sort-Object -Unique).Count | Should -Be 2
            @($bag) | Should -Be 'early', 'early'
        }

        It 'restores what the initialization script has made, after each request' {
            $server = Open-Server -ThrottleLimit 1 -InitializationScript {
                Set-Variable Mark 'made'
                function Get-Mark { 'mark' }
            }
            Register-HttpHandler GET /change { Set-Variable Mark 'changed' -Scope Global; function global:Get-Mark { 'changed' } }
            Register-HttpHandler GET /read { "$Mark $(Get-Mark)" }
            (Invoke-Http "$($server.Uri)change").Status | Should -Be 204

            (Invoke-Http "$($server.Uri)read").Text | Should -Be 'made mark'
        }

        It 'logs what the initialization script tells and goes on' {
            $server = Open-Server -InitializationScript {
                Write-Warning 'careful'
                Write-Error 'not so good'
            }

            (Wait-Log $server { $_.Message -like '*careful*' })[0].Level | Should -Be 'Warning'
            (Wait-Log $server { $_.Message -like '*not so good*' })[0].Level | Should -Be 'Error'
        }
    }
}
