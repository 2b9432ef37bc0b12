BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    function ConvertTo-Secret([string] $Text) {
        $secret = [securestring]::new()
        foreach ($letter in $Text.ToCharArray()) { $secret.AppendChar($letter) }
        $secret
    }
}

AfterAll { Clear-Session }

Describe 'New-HttpPasswordHash' {
    It 'makes lines that a server takes' {
        $users = Join-Path $TestDrive users
        New-HttpPasswordHash anna (ConvertTo-Secret 'grün: 1') | Should -Match '^anna:\$pbkdf2-sha256\$'
        $lines = @(
            New-HttpPasswordHash -UserName anna -Password (ConvertTo-Secret 'grün: 1')
            [pscredential]::new('bob', (ConvertTo-Secret 'two')) | New-HttpPasswordHash
            [pscustomobject]@{ UserName = 'eve'; Password = ConvertTo-Secret 'three' } | New-HttpPasswordHash
        )
        Set-Content -LiteralPath $users $lines
        $site = New-Item -ItemType Directory (Join-Path $TestDrive site)
        $server = Open-Server -Directory $site -CredentialPath $users -WarningAction Ignore
        foreach ($user in 'anna:grün: 1', 'bob:two', 'eve:three') {
            $token = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($user))
            (Invoke-Http $server.Uri -Header @{ Authorization = "Basic $token" }).Status | Should -Be 200 -Because $user
        }

        (Invoke-Http $server.Uri).Status | Should -Be 401
    }

    It 'refuses what no client could send: <user>, <password>' -ForEach @(
        @{ user = ''; password = 'x'; told = 'empty string' }
        @{ user = 'a:b'; password = 'x'; told = 'is no user' }
        @{ user = '#a'; password = 'x'; told = 'is no user' }
        @{ user = 'a'; password = ''; told = 'is empty' }
        @{ user = 'a'; password = "x`n"; told = 'control character' }
    ) {
        $rows = [pscustomobject]@{ UserName = $user; Password = ConvertTo-Secret $password }, [pscustomobject]@{ UserName = 'b'; Password = ConvertTo-Secret 'x' }
        $lines = $rows | New-HttpPasswordHash -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures[0].Exception.Message | Should -BeLike "*$told*"
        $lines | Should -BeLike 'b:*'
    }

    It 'is named where a file of users is wrong: <lines>' -ForEach @(
        @{ lines = 'nocolon' }
        @{ lines = 'anna:plain' }
        @{ lines = '# nobody' }
        @{ lines = $null }
    ) {
        $users = Join-Path $TestDrive wrong
        Remove-Item $users -ErrorAction Ignore
        if ($lines) { Set-Content -LiteralPath $users $lines }
        $failure = Get-Failure { Open-Server -CredentialPath $users }
        $failure.Id | Should -Be 'CredentialUnreadable'
        $failure.Message | Should -BeLike '*New-HttpPasswordHash*'
        $failure.Message | Should -Not -BeLike '*may read*'
    }
}
