BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
}

Describe '$Shared.Store' {
    AfterEach { Clear-Session }

    It 'keeps values for all handlers, and counts' {
        Register-HttpHandler POST '/values/{key}' { $Shared.Store.Set($Request.RouteValues.key, $Request.Json); 'kept' }
        Register-HttpHandler GET '/values/{key}' { param($key) "$($Shared.Store.Get($key))" }
        Register-HttpHandler GET /count { $Shared.Store.Increment('n') }
        Register-HttpHandler DELETE '/values/{key}' { param($key) $Shared.Store.Remove($key) }
        $server = Open-Server -NoFiles
        $null = Invoke-RestMethod "$($server.Uri)values/a" -Method Post -Body '"one"' -ContentType application/json -NoProxy
        "$(Invoke-RestMethod "$($server.Uri)values/a" -NoProxy)".Trim() | Should -Be 'one'
        1..5 | ForEach-Object { Invoke-RestMethod "$($server.Uri)count" -NoProxy } | Should -Be 1, 2, 3, 4, 5
        Invoke-RestMethod "$($server.Uri)values/a" -Method Delete -NoProxy | Should -BeTrue
        Invoke-RestMethod "$($server.Uri)values/a" -Method Delete -NoProxy | Should -BeFalse
        $server.Shared.Store.Get('n') | Should -Be 5
    }

    It 'gives <Name> back as it was set' -ForEach @(
        @{ Name = 'text'; Value = 'grün' }
        @{ Name = 'text that looks like a number'; Value = '5' }
        @{ Name = 'a number'; Value = 5 }
        @{ Name = 'a fraction'; Value = 0.5 }
        @{ Name = 'true'; Value = $true }
        @{ Name = 'null'; Value = $null }
    ) {
        $store = (Open-Server -NoFiles).Shared.Store
        $store.Set('x', $Value)
        $store.Get('x') | Should -BeExactly $Value
        if ($null -ne $Value) { $store.Get('x').GetType().Name | Should -Be ($Value -is [int] ? 'Int64' : $Value.GetType().Name) }
    }

    It 'gives tables, lists and bytes back' {
        $store = (Open-Server -NoFiles).Shared.Store
        $store.Set('cart', @{ items = @('a', 'b'); total = 3 })
        $store.Get('cart').items | Should -Be 'a', 'b'
        $store.Get('cart').total | Should -Be 3
        $store.Set('object', [pscustomobject]@{ Name = 'x' })
        $store.Get('object').Name | Should -Be 'x'
        $store.Set('list', @(1))
        , $store.Get('list') | Should -BeOfType [object[]]
        $store.Set('bytes', [byte[]](0, 255))
        $store.GetBytes('bytes') | Should -Be 0, 255
        $store.Get('missing') | Should -BeNullOrEmpty
    }

    It 'takes an expiry as <_>' -ForEach 'seconds', 'a time', 'text' {
        $store = (Open-Server -NoFiles).Shared.Store
        $expiry = switch ($_) { 'seconds' { 0.05 } 'a time' { [timespan]::FromMilliseconds(50) } 'text' { '00:00:00.05' } }
        $store.Set('short', 1, $expiry)
        $store.Set('long', 1, 1000)
        $store.Increment('count', 5, $expiry) | Should -Be 5
        Wait-Until -Because 'it has expired' { $null -eq $store.Get('short') -and $null -eq $store.Get('count') }
        $store.Get('long') | Should -Be 1
        { $store.Set('x', 1, -1) } | Should -Throw '*is over already*'
    }

    It 'leaves the table to its keys' {
        $server = Open-Server -NoFiles
        $server.Shared.Count | Should -Be 0
        $server.Shared -is [hashtable] | Should -BeTrue
        $server.Shared.Clear()
        $server.Shared.Store.Set('x', 1)
        $server.Shared.Count | Should -Be 0
        $server.Shared | ConvertTo-Json | Should -Be '{}'
        $server.Shared.Store = @{ mine = 1 }
        $server.Shared.Store.mine | Should -Be 1
        $server.Shared.Keys | Should -Be 'Store'
        $server.Shared.Remove('store')
        $server.Shared.Store.Get('x') | Should -Be 1
    }

    It 'outlasts a restart, as the table does' {
        $server = Open-Server -NoFiles
        $server.Shared.Store.Set('x', 1)
        $server | Restart-HttpServer
        $server.Shared.Store.Get('x') | Should -Be 1
    }

    It 'is full for the client, too, where a handler does not see to it' {
        Register-HttpHandler GET /fill { $Shared.Store.Set('big', [byte[]]::new(70MB)); 'not reached' }
        Register-HttpHandler GET /wary { try { $Shared.Store.Set('big', [byte[]]::new(70MB)) } catch { "caught $($_.Exception.InnerException.GetType().Name)" } }
        $server = Open-Server -NoFiles
        $answer = Invoke-WebRequest "$($server.Uri)fill" -NoProxy -SkipHttpErrorCheck
        $answer.StatusCode | Should -Be 503
        $answer.Headers['Retry-After'] | Should -Be '1'
        Invoke-RestMethod "$($server.Uri)wary" -NoProxy | Should -BeLike 'caught HttpStateStoreException*'
        Receive-HttpServerLog | Where-Object Message -like '*/fill*The store in memory is full*' | Should -Not -BeNullOrEmpty
    }
}
