BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = Join-Path $TestDrive 'site'
    New-Item -ItemType Directory $site | Out-Null
    Set-Content (Join-Path $site 'a.txt') 'content' -NoNewline

    function Get-Bearer([string] $Token) { @{ Authorization = "Bearer $Token" } }
    function Get-Basic([string] $User, [string] $Text) {
        @{ Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("${User}:$Text")) }
    }
    function Get-Names { Get-HttpAuthentication @args | ForEach-Object Name }
    function Register-Tokens([string] $Name = 'Api') {
        Register-HttpAuthentication $Name -Force -Bearer {
            param($Token)
            switch ($Token) {
                'name' { 'anna' }
                'object' { [pscustomobject]@{ Name = 'otto'; Roles = 'Ops', 'Dev' } }
                'table' { @{ name = 'eva'; roles = 'Ops' } }
                'user' { [Http.Server.HttpUser]::new('udo', [string[]]@('Dev')) }
                'empty' { '' }
                'false' { $false }
                'true' { $true }
                'two' { 'a'; 'b' }
                'nameless' { @{ Roles = 'Ops' } }
                'throws' { throw 'broken' }
            }
        }
    }
}

Describe 'Register-HttpAuthentication' {
    AfterEach { Clear-Session }

    It 'takes a user from the block: <Token>' -ForEach @(
        @{ Token = 'name'; Expected = 'anna||anna|Bearer' }
        @{ Token = 'object'; Expected = 'otto|Ops,Dev|otto|Bearer' }
        @{ Token = 'table'; Expected = 'eva|Ops|eva|Bearer' }
        @{ Token = 'user'; Expected = 'udo|Dev|udo|Bearer' }
    ) {
        Register-Tokens
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Api {
            "$($Request.User.Name)|$($this.User.Roles -join ',')|$($Request.User)|$($this.AuthType)"
        }
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer $Token)).Text | Should -Be $Expected
    }

    It 'lets nobody in for <Token>' -ForEach @(
        @{ Token = 'empty'; Status = 401 }
        @{ Token = 'false'; Status = 401 }
        @{ Token = 'unknown'; Status = 401 }
        @{ Token = 'true'; Status = 500 }
        @{ Token = 'two'; Status = 500 }
        @{ Token = 'nameless'; Status = 500 }
        @{ Token = 'throws'; Status = 500 }
    ) {
        Register-Tokens
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Api { 'in' }
        $answer = Invoke-Http "$($server.Uri)who" -Header (Get-Bearer $Token)
        $answer.Status | Should -Be $Status
        $answer.Text | Should -Not -Be 'in'
    }

    It 'asks for all schemes of a handler, and lets one be enough' {
        Register-Tokens
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -ceq 'k1') { 'robot' } }
        Register-HttpAuthentication People -Basic {
            param($Credential)
            if ($Credential.GetNetworkCredential().Password -ceq 'pä:ss') { $Credential.UserName }
        }
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Api, Keys, People { "$($this.User) $($this.AuthType)" }
        $refused = Invoke-Http "$($server.Uri)who"
        $refused.Status | Should -Be 401
        $refused.Headers['WWW-Authenticate'] | Should -Be 'Bearer realm="Api", ApiKey realm="Keys", Basic realm="People", charset="UTF-8"'
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Text | Should -Be 'anna Bearer'
        (Invoke-Http "$($server.Uri)who" -Header @{ 'X-Api-Key' = 'k1' }).Text | Should -Be 'robot ApiKey'
        (Invoke-Http "$($server.Uri)who" -Header (Get-Basic jörg 'pä:ss')).Text | Should -Be 'jörg Basic'
        (Invoke-Http "$($server.Uri)who" -Header (Get-Basic jörg 'falsch')).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)who" -Header ((Get-Bearer name) + @{ 'X-Api-Key' = 'falsch' })).Text | Should -Be 'anna Bearer'
    }

    It 'finds a key in <Where>' -ForEach @(
        @{ Where = 'a header'; Place = @{ Header = 'X-Key' }; Query = ''; Header = @{ 'X-Key' = 'k1' }; Status = 200 }
        @{ Where = 'the query'; Place = @{ Query = 'key' }; Query = '?a=1&key=k%31'; Header = @{}; Status = 200 }
        @{ Where = 'a cookie'; Place = @{ Cookie = 'key' }; Query = ''; Header = @{ Cookie = 'a=b; key=k1' }; Status = 200 }
        @{ Where = 'no other place'; Place = @{ Cookie = 'key' }; Query = '?key=k1'; Header = @{ 'X-Api-Key' = 'k1' }; Status = 401 }
        @{ Where = 'one place alone'; Place = @{ Query = 'key' }; Query = '?key=k1&key=k1'; Header = @{}; Status = 401 }
    ) {
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -ceq 'k1') { 'robot' } } @Place
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Keys { 'in' }
        (Invoke-Http "$($server.Uri)who$Query" -Header $Header).Status | Should -Be $Status
    }

    It 'answers 403 to a user without the role, and nothing of a path to those who are not asked in' {
        Register-Tokens
        $server = Open-Server -Directory $site
        Register-HttpHandler GET '/ops/{Id}' -Authentication Api -Role Admin, Ops { 'in' }
        (Invoke-Http "$($server.Uri)ops/1").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)ops/1" -Header (Get-Bearer name)).Status | Should -Be 403
        (Invoke-Http "$($server.Uri)ops/1" -Header (Get-Bearer user)).Status | Should -Be 403
        (Invoke-Http "$($server.Uri)ops/1" -Header (Get-Bearer object)).Status | Should -Be 200
        foreach ($method in 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'SPAM') {
            (Invoke-Http "$($server.Uri)ops/1" -Method $method).Status | Should -BeIn 401, 501
        }
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 200
    }

    It 'guards a whole server, its handlers and files' {
        Register-Tokens
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -ceq 'k1') { 'robot' } }
        $server = Open-Server -Directory $site -Authentication Api
        Register-HttpHandler GET /who { "$($this.User)" }
        Register-HttpHandler GET /robots -Authentication Keys { "$($this.User)" }
        Register-HttpHandler GET /ops -Role Ops { "$($this.User)" }
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)none").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Bearer name)).Text | Should -Be 'content'
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Text | Should -Be 'anna'
        (Invoke-Http "$($server.Uri)ops" -Header (Get-Bearer name)).Status | Should -Be 403
        (Invoke-Http "$($server.Uri)ops" -Header (Get-Bearer table)).Text | Should -Be 'eva'
        (Invoke-Http "$($server.Uri)robots" -Header (Get-Bearer name)).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)robots" -Header @{ 'X-Api-Key' = 'k1' }).Text | Should -Be 'robot'
        (Invoke-Http "$($server.Uri)a.txt" -Header @{ 'X-Api-Key' = 'k1' }).Status | Should -Be 401
    }

    It 'remembers a user for a time, and asks anew after it was replaced' {
        $shared = [hashtable]::Synchronized(@{ Calls = 0 })
        Register-HttpAuthentication Api -Bearer { param($Token) ($using:shared).Calls++; if ($Token -eq 'a') { 'anna' } }
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Api { "$($this.User)" }
        1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer a)).Text | Should -Be 'anna' }
        $shared.Calls | Should -Be 1
        1..2 | ForEach-Object { (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer b)).Status | Should -Be 401 }
        $shared.Calls | Should -Be 3
        Register-HttpAuthentication Api -Force -RememberTime 0 -Bearer { param($Token) ($using:shared).Calls++; if ($Token -eq 'b') { 'eva' } }
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer a)).Status | Should -Be 401
        1..2 | ForEach-Object { (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer b)).Text | Should -Be 'eva' }
        $shared.Calls | Should -Be 6
    }

    It 'takes signed tokens by <Kind>' -ForEach @(
        @{ Kind = 'a secret as text' }
        @{ Kind = 'a secret as bytes' }
        @{ Kind = 'a set of keys' }
    ) {
        $secret = 'a secret of thirty-two bytes, or more'
        $bytes = [Text.Encoding]::UTF8.GetBytes($secret)
        Set-Content (Join-Path $TestDrive keys.json) ('{"keys":[{"kty":"oct","k":"' + [Convert]::ToBase64String($bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_') + '"}]}')
        $key = switch ($Kind) {
            'a secret as text' { @{ Key = $secret } }
            'a secret as bytes' { @{ Key = $bytes } }
            'a set of keys' { @{ JwksPath = Join-Path $TestDrive keys.json } }
        }
        Register-HttpAuthentication Api -Jwt @key -Issuer me -Audience api
        $server = Open-Server -NoFiles
        Register-HttpHandler GET /who -Authentication Api -Role Ops { "$($Request.User) $($Request.User.Roles)" }
        $encode = { param($b) [Convert]::ToBase64String($b).TrimEnd('=').Replace('+', '-').Replace('/', '_') }
        $end = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() + 600
        $signed = @('{"alg":"HS256"}', "{`"sub`":`"anna`",`"iss`":`"me`",`"aud`":`"api`",`"exp`":$end,`"roles`":[`"Ops`"]}" | ForEach-Object { & $encode ([Text.Encoding]::UTF8.GetBytes($_)) }) -join '.'
        $signature = & $encode ([Security.Cryptography.HMACSHA256]::HashData($bytes, [Text.Encoding]::ASCII.GetBytes($signed)))
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer "$signed.$signature")).Text | Should -Be 'anna Ops'
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer "$signed.")).Status | Should -Be 401
    }

    It 'keeps rules of paths for files and handlers' {
        Register-Tokens
        New-Item -ItemType Directory (Join-Path $site private) -Force | Out-Null
        Set-Content (Join-Path $site private/b.txt) 'private' -NoNewline
        $server = Open-Server -Directory $site -Authentication Api -AccessRule '@* /:r', '@Ops /private:r', 'otto /api:rw'
        Register-HttpHandler GET, POST '/api/{Name}' { "in $($Request.Method)" }
        foreach ($case in @(
                @('', 'a.txt', 'GET', 401), @('name', 'a.txt', 'GET', 200), @('name', 'private/b.txt', 'GET', 403), @('object', 'private/b.txt', 'GET', 200)
                @('object', 'api/x', 'POST', 200), @('table', 'api/x', 'GET', 403), @('table', 'API/x', 'GET', 403), @('table', 'api%2Fx', 'GET', 403), @('name', 'a.txt', 'DELETE', 403)
            )) {
            $header = if ($case[0]) { Get-Bearer $case[0] } else { @{} }
            (Invoke-Http "$($server.Uri)$($case[1])" -Method $case[2] -Header $header).Status | Should -Be $case[3] -Because "$case"
        }
        (Invoke-Http "$($server.Uri)?format=text" -Header (Get-Bearer name)).Text | Should -Not -Match 'private'
        (Invoke-Http "$($server.Uri)?format=text" -Header (Get-Bearer object)).Text | Should -Match 'private'
    }

    It 'keeps rules for everybody and for users of a file' {
        $users = Join-Path $TestDrive rules
        Set-Content $users 'anna:$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE @Ops /:r', '* /a.txt:r', '@Ops /private:rw'
        $server = Open-Server -Directory $site -CredentialPath $users
        Register-HttpHandler POST '/private/{Name}' { "$($this.User) $($Request.User.Roles)" }
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 200
        (Invoke-Http "$($server.Uri)").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)private/x" -Method POST).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)private/x" -Method POST -Header (Get-Basic anna geheim)).Text | Should -Be 'anna Ops'
        (Invoke-Http "$($server.Uri)other/x" -Method POST -Header (Get-Basic anna geheim)).Status | Should -Be 403
    }

    It 'says what is wrong: <Id>' -ForEach @(
        @{ Id = 'AuthenticationParameter'; Script = { Register-HttpAuthentication A -Bearer { 'anna' } } }
        @{ Id = 'AuthenticationParameter'; Script = { Register-HttpAuthentication A -Basic { param($User, $Password) 'anna' } } }
        @{ Id = 'AuthenticationExists'; Script = { Register-Tokens A; Register-HttpAuthentication A -Bearer { param($t) 'anna' } } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication 'Ä' -Bearer { param($t) 'anna' } } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication A -ApiKey { param($t) 'anna' } -Header 'a b' } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication A -Jwt -Key 'short' } }
        @{ Id = 'AuthenticationInvalid'; Script = { Register-HttpAuthentication A -Jwt -JwksPath /none/keys.json } }
        @{ Id = 'AuthenticationKey'; Script = { Register-HttpAuthentication A -Jwt } }
        @{ Id = 'AuthenticationKey'; Script = { Register-HttpAuthentication A -Jwt -Key 'a' -JwksPath b } }
        @{ Id = 'AuthenticationKey'; Script = { Register-HttpAuthentication A -Jwt -Key 7 } }
        @{ Id = 'UsingValueMissing'; Script = { Register-HttpAuthentication A -Bearer { param($t) $using:none } } }
        @{ Id = 'AccessRuleInvalid'; Script = { Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -AccessRule 'anna /in:x' } }
        @{ Id = 'AuthenticationNotFound'; Script = { Register-HttpHandler GET /x -Authentication None { } } }
        @{ Id = 'AuthenticationNotFound'; Script = { Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -Authentication None } }
    ) {
        $Script | Should -Throw -ErrorId "$Id,*"
    }

    It 'tells a token that is wrong from one that is missing' {
        Register-HttpAuthentication Api -Jwt -Key 'a secret of thirty-two bytes, or more'
        $server = Open-Server -NoFiles -Authentication Api
        (Invoke-Http $server.Uri).Headers['WWW-Authenticate'] | Should -Be 'Bearer realm="Api"'
        (Invoke-Http $server.Uri -Header (Get-Bearer wrong)).Headers['WWW-Authenticate'] | Should -Be 'Bearer realm="Api", error="invalid_token"'
    }

    It 'does not start where credentials could be read on their way' {
        Register-Tokens
        { Start-HttpServer -Port 0 -Directory $site -Authentication Api } | Should -Throw -ErrorId 'CredentialInsecure,*'
    }

    It 'is put out, and registers nothing with -WhatIf' {
        (Register-HttpAuthentication Api -Bearer { param($t) 'anna' } -PassThru).ToString() | Should -Be 'Api (Bearer)'
        Register-HttpAuthentication Other -Bearer { param($t) 'anna' } -WhatIf
        { Register-HttpHandler GET /x -Authentication Other { } } | Should -Throw -ErrorId 'AuthenticationNotFound,*'
    }

    It 'shows its names to Tab' {
        Register-Tokens
        (TabExpansion2 'Register-HttpHandler GET /x -Authentication A').CompletionMatches.CompletionText | Should -Contain 'Api'
    }

    It 'is shown by the handlers, also by those of a table' {
        Register-Tokens
        $handler = Register-HttpHandler -Route @{ Method = 'GET'; Path = '/x'; ScriptBlock = { }; Authentication = 'Api'; Role = 'Ops', 'Dev'; AllowCrossSite = $true } -PassThru
        "$($handler.Authentication) $($handler.Role) $($handler.AllowCrossSite)" | Should -Be 'Api Ops Dev True'
    }

    It 'makes a user that compares with its name' {
        Register-Tokens
        $server = Open-Server -NoFiles -Authentication Api
        Register-HttpHandler GET /who { "$($Request.User -eq 'anna') $('anna' -eq $Request.User) $($Request.User -eq 'otto') $($Request.User.IsInRole('Ops'))" }
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Text | Should -Be 'True True False False'
    }
}

Describe 'Get-HttpAuthentication and Unregister-HttpAuthentication' {
    AfterEach { Clear-Session }

    It 'finds by name and takes away' {
        foreach ($name in 'Api', 'App', 'Other') { Register-Tokens $name }
        Get-Names | Should -Be 'Api', 'App', 'Other'
        Get-Names ap* | Should -Be 'Api', 'App'
        Unregister-HttpAuthentication Api -WhatIf
        Get-HttpAuthentication ap* | Unregister-HttpAuthentication
        Get-Names | Should -Be 'Other'
        { Get-HttpAuthentication None -ErrorAction Stop } | Should -Throw -ErrorId 'AuthenticationNotFound,*'
        { Unregister-HttpAuthentication None -ErrorAction Stop } | Should -Throw -ErrorId 'AuthenticationNotFound,*'
    }

    It 'leaves what asked for it shut' {
        Register-Tokens
        $server = Open-Server -Directory $site -Authentication Api
        Register-HttpHandler GET /who -Authentication Api { 'in' }
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Status | Should -Be 200
        Unregister-HttpAuthentication Api
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Status | Should -Be 401
        (Invoke-Http "$($server.Uri)a.txt" -Header (Get-Bearer name)).Status | Should -Be 401
        Register-Tokens
        (Invoke-Http "$($server.Uri)who" -Header (Get-Bearer name)).Status | Should -Be 200
    }
}

Describe 'A request of a page of another origin' {
    AfterEach { Clear-Session }

    It 'is refused with what the browser sends by itself: <Header>' -ForEach @(
        @{ Header = @{ Cookie = 'id=1'; Origin = 'http://evil.example' }; Status = 403 }
        @{ Header = @{ Cookie = 'id=1'; Origin = 'null' }; Status = 403 }
        @{ Header = @{ Cookie = 'id=1'; 'Sec-Fetch-Site' = 'cross-site' }; Status = 403 }
        @{ Header = @{ Cookie = 'id=1'; 'Sec-Fetch-Site' = 'same-site' }; Status = 403 }
        @{ Header = @{ Authorization = 'Basic YTpi'; 'Sec-Fetch-Site' = 'cross-site' }; Status = 403 }
        @{ Header = @{ Authorization = 'basic YTpi'; Origin = 'http://evil.example' }; Status = 403 }
        @{ Header = @{ Authorization = 'Negotiate YTpi'; Origin = 'http://evil.example' }; Status = 403 }
        @{ Header = @{ Authorization = 'Bearer YTpi'; Origin = 'http://evil.example' }; Status = 200 }
        @{ Header = @{ 'X-Api-Key' = 'k1'; Origin = 'http://evil.example' }; Status = 200 }
        @{ Header = @{ Origin = 'http://evil.example' }; Status = 200 }
        @{ Header = @{ Cookie = 'id=1' }; Status = 200 }
        @{ Header = @{ Authorization = 'Basic YTpi' }; Status = 200 }
        @{ Header = @{ Cookie = 'id=1'; 'Sec-Fetch-Site' = 'same-origin'; Origin = 'http://evil.example' }; Status = 200 }
        @{ Header = @{ Cookie = 'id=1'; 'Sec-Fetch-Site' = 'none' }; Status = 200 }
        @{ Header = @{ Cookie = 'id=1'; Origin = 'https://friend.example' }; Status = 200 }
        @{ Header = @{ Cookie = 'id=1'; 'Sec-Fetch-Site' = 'cross-site'; Origin = 'https://friend.example' }; Status = 200 }
    ) {
        $server = Open-Server -NoFiles -Cors https://friend.example
        Register-HttpHandler POST, GET, DELETE, SPAM /act { 'done' }
        Register-HttpHandler POST /open -AllowCrossSite { 'done' }
        foreach ($method in 'POST', 'DELETE', 'SPAM') {
            (Invoke-Http "$($server.Uri)act" -Method $method -Header $Header).Status | Should -Be $Status
        }
        (Invoke-Http "$($server.Uri)act" -Header $Header).Status | Should -Be 200
        (Invoke-Http "$($server.Uri)open" -Method POST -Header $Header).Status | Should -Be 200
    }

    It 'is refused where users log in with a password, before its body is read' {
        Register-HttpAuthentication People -Basic { param($Credential) $Credential.UserName }
        $server = Open-Server -NoFiles -Authentication People
        Register-HttpHandler POST /act { $Request.Form['a'] }
        $login = Get-Basic anna x
        $form = @{ Body = 'a=1'; ContentType = 'application/x-www-form-urlencoded' }
        (Invoke-Http "$($server.Uri)act" -Method POST -Header $login @form).Text | Should -Be '1'
        (Invoke-Http "$($server.Uri)act" -Method POST -Header ($login + @{ Origin = $server.Uri.GetLeftPart('Authority') }) @form).Text | Should -Be '1'
        (Invoke-Http "$($server.Uri)act" -Method POST -Header ($login + @{ Origin = 'https://evil.example' }) @form).Status | Should -Be 403
    }
}
