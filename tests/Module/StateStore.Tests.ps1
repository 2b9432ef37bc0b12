BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe 'Start-HttpServer with -StateStore' {
    AfterEach { Clear-Session }

    It 'says what is wrong with <Url>' -ForEach @(
        @{ Url = 'localhost:6379'; Says = "*-StateStore: 'localhost:6379' is no address of a store: give redis://HOST:PORT, or rediss://HOST:PORT for TLS.*" }
        @{ Url = 'http://localhost'; Says = '*give redis://HOST:PORT*' }
        @{ Url = 'redis://user:secret@localhost/x'; Says = "*'redis://...@localhost/x'*behind the host comes the number of the database*" }
    ) {
        $problem = { Open-Server -NoFiles -StateStore $Url } | Should -Throw $Says -PassThru
        "$problem$($problem.TargetObject)" | Should -Not -Match 'secret'
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'starts while the store is away, says so, and answers 503 where a handler needs it' {
        Register-HttpHandler GET /count { $Shared.Store.Increment('n') }
        Register-HttpHandler GET /free { 'free' }
        # Nobody listens at this port of the discard protocol.
        $server = Open-Server -NoFiles -StateStore redis://127.0.0.1:9 -RateLimit 100/m 3>&1 | ForEach-Object { if ($_ -is [Management.Automation.WarningRecord]) { $warning = "$_" } else { $_ } }
        $warning | Should -BeLike 'The store redis://127.0.0.1:9 is away: *'
        $answer = Invoke-WebRequest "$($server.Uri)count" -NoProxy -SkipHttpErrorCheck
        $answer.StatusCode | Should -Be 503
        $answer.Headers['Retry-After'] | Should -Be '1'
        Invoke-RestMethod "$($server.Uri)free" -NoProxy | Should -BeLike 'free*'
        { $server.Shared.Store.Get('x') } | Should -Throw '*is away*'
    }

    It 'has several servers share values, counters and limits' {
        Skip-WithoutStore
        $store = Start-Store
        try {
            Register-HttpHandler GET /count { $Shared.Store.Increment('n') }
            Register-HttpHandler GET /limited { 'here' } -RateLimit 3/h
            Register-HttpHandler GET /set { $Shared.Store.Set('cart', @{ items = @(1, 2) }, 60); 'set' }
            $servers = 1..3 | ForEach-Object { Open-Server -NoFiles -StateStore $store.Url -RateLimit 20/h }
            $servers[0].Shared.Store.IsShared | Should -BeTrue
            $servers | ForEach-Object { Invoke-RestMethod "$($_.Uri)count" -NoProxy } | Should -Be 1, 2, 3
            $null = Invoke-RestMethod "$($servers[0].Uri)set" -NoProxy
            $servers[1].Shared.Store.Get('cart').items | Should -Be 1, 2
            $servers[1].Shared.Store.Remove('cart') | Should -BeTrue
            $servers[2].Shared.Store.Get('cart') | Should -BeNullOrEmpty
            # 4 requests were before, so 16 of 20 are left; 3 of them may go to the handler with its own limit.
            $statuses = 1..6 | ForEach-Object { (Invoke-WebRequest "$($servers[$_ % 3].Uri)limited" -NoProxy -SkipHttpErrorCheck).StatusCode }
            $statuses | Should -Be 200, 200, 200, 429, 429, 429
            $statuses = 1..12 | ForEach-Object { (Invoke-WebRequest "$($servers[$_ % 3].Uri)none" -NoProxy -SkipHttpErrorCheck).StatusCode }
            $statuses | Group-Object | ForEach-Object { "$($_.Name) $($_.Count)" } | Should -Be '404 10', '429 2'
        }
        finally {
            Stop-Store $store
        }
    }

    It 'goes on by itself when the store has been away' {
        Skip-WithoutStore
        Register-HttpHandler GET /count { $Shared.Store.Increment('n') }
        $store = Start-Store
        $server = Open-Server -NoFiles -StateStore $store.Url
        Invoke-RestMethod "$($server.Uri)count" -NoProxy | Should -Be 1
        Stop-Store $store
        $null = Wait-Until -Because 'the store is known to be away' {
            (Invoke-WebRequest "$($server.Uri)count" -NoProxy -SkipHttpErrorCheck).StatusCode -eq 503
        }
        $again = Start-Store $store.Port
        try {
            $answer = Wait-Until -Because 'the store is back' {
                $answer = Invoke-WebRequest "$($server.Uri)count" -NoProxy -SkipHttpErrorCheck
                if ($answer.StatusCode -eq 200) { $answer }
            }
            $answer.Content.Trim() | Should -Be '1'
        }
        finally {
            Stop-Store $again
        }
    }

    It 'keeps the assemblies of the store away from the session' {
        Skip-WithoutStore
        $store = Start-Store
        try {
            $result = Invoke-PowerShell @"
Import-Module `$Manifest
`$server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -StateStore $($store.Url)
`$server.Shared.Store.Increment('n')
[Runtime.Loader.AssemblyLoadContext]::Default.Assemblies.GetName().Name -match 'Redis|RESPite'
([Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq HttpServer.Redis).Assemblies.GetName().Name -contains 'StackExchange.Redis'
"@
            $result.ErrorText | Should -BeNullOrEmpty
            $result.Output | Should -Be '1', 'True'
        }
        finally {
            Stop-Store $store
        }
    }
}
