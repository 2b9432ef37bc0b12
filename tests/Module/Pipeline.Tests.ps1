BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:one = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'one')).FullName
    $script:two = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'two')).FullName
    Set-Content (Join-Path $one a.txt) 'from one' -NoNewline
    Set-Content (Join-Path $two a.txt) 'from two' -NoNewline
    $script:script = Join-Path $TestDrive 'handler.ps1'
    Set-Content $script "'from a file'"
}

Describe 'Start-HttpServer by the pipeline' {
    AfterEach { Clear-Session }

    It 'starts a server for each row of a CSV' {
        $file = Join-Path $TestDrive 'servers.csv'
        Set-Content $file 'Port,Directory,Bind,Name', "0,$one,127.0.0.1,One", "0,$two,127.0.0.1,Two"
        $servers = Import-Csv $file | Start-HttpServer

        $servers.Name | Should -Be 'One', 'Two'
        (Invoke-Http "$($servers[0].Uri)a.txt").Text | Should -Be 'from one'
        (Invoke-Http "$($servers[1].Uri)a.txt").Text | Should -Be 'from two'
        "$($servers.EndPoints)" | Should -Be "127.0.0.1:$($servers[0].Port) 127.0.0.1:$($servers[1].Port)"
    }

    It 'reports a row that is wrong, and starts the others' {
        $rows = 'one', 'nowhere', 'two' | ForEach-Object { [pscustomobject]@{ Port = 0; Directory = Join-Path $TestDrive $_; Bind = '127.0.0.1'; Name = $_ } }
        $servers = $rows | Start-HttpServer -ErrorAction SilentlyContinue -ErrorVariable failed

        $servers.Name | Should -Be 'one', 'two'
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'DirectoryNotFound,*'
    }

    It 'goes back to what was given for a row that does not say it' {
        $rows = [pscustomobject]@{ Name = 'A'; Directory = $two }, [pscustomobject]@{ Name = 'B' }
        $servers = $rows | Start-HttpServer -Port 0 -Bind 127.0.0.1 -WarningAction Ignore

        $servers[0].Directory | Should -Be $two
        $servers[1].Directory | Should -Be (Get-Location -PSProvider FileSystem).ProviderPath
    }

    It 'starts none for input that says nothing: <_>' -ForEach 'text', 8080, @{ Port = 0 } {
        $given = $_

        (Get-Failure { $given | Start-HttpServer }).Id | Should -Be 'InputObjectNotBound'
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'serves a directory that comes as an item' {
        (Get-Item $one | Start-HttpServer -Port 0 -Bind 127.0.0.1).Directory | Should -Be $one
    }

    It 'takes -Path for -Directory and -Address for -Bind' {
        $server = Start-HttpServer -Port 0 -Path $one -Address 127.0.0.1

        $server.Directory | Should -Be $one
        "$($server.EndPoints)" | Should -BeLike '127.0.0.1:*'
    }

    It 'waits for several, and stops all' {
        $result = Invoke-PowerShell @"
            Import-Module `$Manifest
            `$rows = [pscustomobject]@{ Port = 0; Name = 'A' }, [pscustomobject]@{ Port = 0; Name = 'B' }
            `$count = 0
            try {
                `$rows | Start-HttpServer -Wait -Bind 127.0.0.1 -Directory '$one' 6>&1 | ForEach-Object {
                    if (++`$count -eq 2) { "both: `$((Get-HttpServer).Name)"; throw 'enough' }
                }
            }
            catch { "`$_" }
            "left: `$(@(Get-HttpServer).Count)"
"@
        $result.Output | Should -Be 'both: A B', 'enough', 'left: 0'
    }

    It 'leaves none behind with -Wait where one does not start' {
        $failure = Get-Failure {
            [pscustomobject]@{ Name = 'A'; Directory = $one }, [pscustomobject]@{ Name = 'B'; Directory = "$one/no" } | Start-HttpServer -Port 0 -Bind 127.0.0.1 -Wait
        }

        $failure.Id | Should -Be 'DirectoryNotFound'
        $failure.IsTerminating | Should -BeTrue
        Get-HttpServer | Should -BeNullOrEmpty
    }
}

Describe 'Start-HttpServer -NoFiles' {
    AfterEach { Clear-Session }

    It 'answers with handlers alone' {
        Push-Location $one
        try { $server = Open-Server -NoFiles } finally { Pop-Location }
        $server | Register-HttpHandler POST /api { 'api' }

        (Invoke-Http "$($server.Uri)api" -Method POST).Text | Should -Be 'api'
        (Invoke-Http "$($server.Uri)api").Status | Should -Be 405
        (Invoke-Http "$($server.Uri)a.txt").Status | Should -Be 404
        (Invoke-Http $server.Uri).Status | Should -Be 404
        (Invoke-Http $server.Uri -Method HEAD).Status | Should -Be 404
        (Invoke-Http "$($server.Uri)a.txt" -Method POST).Status | Should -Be 404
        (Invoke-Http "$($server.Uri)a.txt" -Method SPAM).Status | Should -Be 501
        $server.Directory | Should -BeNullOrEmpty
    }

    It 'takes nothing that is about files: <_>' -ForEach 'Directory', 'Upload', 'Cgi' {
        $given = @{ $_ = $_ -eq 'Directory' ? $one : $true }

        (Get-Failure { Open-Server -NoFiles @given }).Id | Should -Be 'AmbiguousParameterSet'
        Get-HttpServer | Should -BeNullOrEmpty
    }
}

Describe 'The warning of what is shown' {
    AfterEach { Clear-Session }

    BeforeAll {
        # What a start in a directory warns of.
        function Get-Exposure {
            param([string] $Location, [hashtable] $Parameter)
            Push-Location $Location
            try {
                $null = Start-HttpServer -Port 0 @Parameter -WarningVariable warned -WarningAction SilentlyContinue
                $warned | ForEach-Object { "$_" }
            }
            finally {
                Pop-Location
            }
        }
    }

    It 'comes once for the current directory at all interfaces, with what changes it' {
        $warning = @(Get-Exposure $one @{})

        $warning.Count | Should -Be 1
        $warning[0] | Should -BeLike "*$one*everybody*$((Get-HttpServer).Uri)*-Directory*-NoFiles*-Bind*-Credential*"
    }

    It 'comes for a home directory and for the root of a file system, wherever they are shown' {
        foreach ($directory in [Environment]::GetFolderPath('UserProfile'), [System.IO.Path]::GetPathRoot($one)) {
            $warning = @(Get-Exposure $directory @{ Bind = '127.0.0.1' })

            $warning.Count | Should -Be 1
            $warning[0] | Should -BeLike "*$directory*this machine*-Directory*-NoFiles*-Credential*"
        }
    }

    It 'does not come where it was meant: <name>' -ForEach @(
        @{ name = 'this machine alone'; given = @{ Bind = '127.0.0.1' } }
        @{ name = 'a directory that is named'; given = @{ Directory = '.' } }
        @{ name = 'handlers alone'; given = @{ NoFiles = $true } }
        @{ name = 'a password'; given = @{ Credential = $null; AllowUnencryptedAuthentication = $true } }
    ) {
        if ($given.ContainsKey('Credential')) {
            $password = [securestring]::new()
            'secret'.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
            $given.Credential = [pscredential]::new('ada', $password)
        }

        Get-Exposure $one $given | Should -BeNullOrEmpty
    }
}

Describe 'Names, numbers and objects' {
    AfterEach { Clear-Session }

    BeforeEach {
        $script:server = Open-Server -Name Site -Directory $one
        $script:handler = $server | Register-HttpHandler GET /it { 'it' } -Name It -PassThru
        # Everything that means the server, and the handler.
        $script:means = @{
            'a name'                   = 'Site', 'It'
            'a number'                 = $server.Id, $handler.Id
            'an object'                = $server, $handler
            'an object with Name'      = [pscustomobject]@{ Name = 'Site' }, [pscustomobject]@{ Name = 'It' }
            'an object with Id'        = [pscustomobject]@{ Id = $server.Id }, [pscustomobject]@{ Id = $handler.Id }
            'a row of a CSV with Name' = ('Name', 'Site' | ConvertFrom-Csv), ('Name', 'It' | ConvertFrom-Csv)
            'a row of a CSV with Id'   = ('Id', $server.Id | ConvertFrom-Csv), ('Id', $handler.Id | ConvertFrom-Csv)
            'a table with Name'        = @{ Name = 'Site' }, @{ Name = 'It' }
            'a table with Id'          = @{ Id = $server.Id }, @{ Id = $handler.Id }
            'an ordered table'         = [ordered]@{ name = 'Site'; Other = 1 }, [ordered]@{ name = 'It'; Other = 1 }
            'a dictionary'             = [Collections.Generic.Dictionary[string, string]]::new(), [Collections.Generic.Dictionary[string, string]]::new()
        }
    }

    It 'are taken by every command: <_>' -ForEach @(
        'a name', 'a number', 'an object', 'an object with Name', 'an object with Id', 'a row of a CSV with Name', 'a row of a CSV with Id'
        'a table with Name', 'a table with Id', 'an ordered table', 'a dictionary'
    ) {
        $means['a dictionary'][0]['name'], $means['a dictionary'][1]['name'] = 'Site', 'It'
        $aServer, $aHandler = $means[$_]
        $null = Invoke-Http "$($server.Uri)a.txt"
        $null = Wait-Log $server { $_.Path -eq '/a.txt' }

        ($aServer | Get-HttpServer).Id | Should -Be $server.Id
        ($aServer | Receive-HttpServerLog -Keep).Path | Should -Contain '/a.txt'
        ($aServer | Restart-HttpServer -PassThru).Id | Should -Be $server.Id
        ($aHandler | Get-HttpHandler).Id | Should -Be $handler.Id
        $aHandler | Unregister-HttpHandler
        Get-HttpHandler | Should -BeNullOrEmpty
        $aServer | Stop-HttpServer
        Get-HttpServer | Should -BeNullOrEmpty
    }

    It 'are taken as arguments: <_>' -ForEach 'a name', 'a number', 'an object' {
        $aServer = $means[$_][0]

        (Get-HttpHandler -Server $aServer).Name | Should -Be 'It'
        (Register-HttpHandler GET /more { } -Server $aServer -PassThru).Server.Name | Should -Be 'Site'
    }

    It 'are an error where they name nothing: <_>' -ForEach 'Get-HttpServer', 'Stop-HttpServer', 'Restart-HttpServer', 'Receive-HttpServerLog' {
        $command = $_
        foreach ($nothing in 'Nobody', 123456, [pscustomobject]@{ Name = 'Nobody' }, [pscustomobject]@{ Id = 123456 }, @{ Name = 'Nobody' }, @{ Id = 123456 }) {
            (Get-Failure { $nothing | & $command }).Id | Should -Be 'ServerNotFound'
        }

        foreach ($other in [pscustomobject]@{ Color = 'red' }, @{ Color = 'red' }, @{ Name = $null }) {
            (Get-Failure { $other | & $command }).Id | Should -Be 'InputObjectNotBound'
        }

        $server.State | Should -Be 'Running'
    }

    It 'are an error where they name no handler: <_>' -ForEach 'Get-HttpHandler', 'Unregister-HttpHandler' {
        $command = $_
        foreach ($nothing in 'Nobody', 123456, [pscustomobject]@{ Name = 'Site' }, @{ Name = 'Site' }, @{ Id = 123456 }) {
            (Get-Failure { $nothing | & $command }).Id | Should -Be 'HandlerNotFound'
        }

        (Get-Failure { @{ Color = 'red' } | & $command }).Id | Should -Be 'InputObjectNotBound'
        (Get-HttpHandler).Name | Should -Be 'It'
    }
}

Describe 'A scriptblock in the place of' {
    AfterAll { Clear-Session }

    BeforeAll { $null = Open-Server -NoFiles -Name Api }

    It 'a server is an error that says what is taken: <_>' -ForEach @(
        'Get-HttpServer { id }', 'Stop-HttpServer { id }', 'Restart-HttpServer { id }', 'Receive-HttpServerLog { id }'
        'Get-HttpServer Api { id }', "'Api' | Stop-HttpServer { id }", 'Stop-HttpServer -Nmae Api'
    ) {
        $failure = Get-Failure ([scriptblock]::Create($_))
        $failure.Id | Should -Be 'ArgumentUnknown'
        $failure.Message | Should -BeLike '*There is no parameter for*takes names*'
        (Get-HttpServer).State | Should -Be 'Running'
    }

    It 'a handler or a method is an error that says what is wanted: <Line>' -ForEach @(
        @{ Line = 'Unregister-HttpHandler { id }'; Message = '*in quotes*' }
        @{ Line = 'Get-HttpHandler { id }'; Message = '*in quotes*' }
        @{ Line = 'Unregister-HttpHandler'; Message = '*takes names, -Id, -Path*' }
        @{ Line = 'Register-HttpHandler { id }'; Message = '*no method*Register-HttpHandler GET /path*' }
        @{ Line = 'Register-HttpHandler -Path /x { id }'; Message = '*no method*Register-HttpHandler GET /path*' }
        @{ Line = 'Register-HttpHandler -Path /x -ScriptBlock { id }'; Message = '*no method*Register-HttpHandler GET /path*' }
    ) {
        (Get-Failure ([scriptblock]::Create($Line))).Message | Should -BeLike $Message
        Get-HttpHandler | Should -BeNullOrEmpty
    }
}

Describe 'Register-HttpHandler by the pipeline' {
    AfterEach { Clear-Session }

    BeforeEach {
        $script:server = Open-Server -NoFiles -Name Api
    }

    It 'takes methods' {
        'GET', 'POST' | Register-HttpHandler -Path /x -ScriptBlock { $Request.Method }

        'GET', 'POST' | ForEach-Object { (Invoke-Http "$($server.Uri)x" -Method $_).Text | Should -Be $_ }
        @(Get-HttpHandler).Count | Should -Be 2
    }

    It 'says what is wrong with methods by the pipeline: <Line>' -ForEach @(
        @{ Line = "'GET' | Register-HttpHandler /x { }"; Id = 'MethodInvalid'; Message = '*-Path /x -ScriptBlock*' }
        @{ Line = "'GET' | Register-HttpHandler /x -ScriptBlock { }"; Id = 'MethodInvalid'; Message = '*-Path /x -ScriptBlock*' }
        @{ Line = "'GET', 'POST' | Register-HttpHandler -Path /x { `$global:ran = 1 }"; Id = 'ScriptBlockNotNamed'; Message = '*-ScriptBlock {*' }
        @{ Line = "'GET' | Register-HttpHandler { `$global:ran = 1 }"; Id = 'ScriptBlockNotNamed'; Message = '*-ScriptBlock {*' }
        @{ Line = "'GET' | Register-HttpHandler -Path /x { `$global:ran = 1 } more"; Id = 'ArgumentUnknown'; Message = '*no parameter for*' }
        @{ Line = "'GET' | Register-HttpHandler -Path /x/{id} { `$global:ran = 1 }"; Id = 'PatternNotQuoted'; Message = '*in quotes*' }
        @{ Line = "'GET' | Register-HttpHandler -Path /x/{id} { }"; Id = 'PatternNotQuoted'; Message = '*in quotes*' }
        @{ Line = "'GET' | Register-HttpHandler -Path /x"; Id = 'ScriptBlockMissing'; Message = '*scriptblock*' }
    ) {
        $failure = Get-Failure ([scriptblock]::Create($Line))
        $failure.Id | Should -Be $Id
        $failure.Message | Should -BeLike $Message
        Get-HttpHandler | Should -BeNullOrEmpty
        # The engine evaluates a block in the place of what comes by the pipeline.
        $global:ran | Should -BeNullOrEmpty
    }

    It 'takes rows of a table of routes' {
        $more = 'Method,Path,FilePath,Name,Server', "PUT,/file,$script,File,", "DELETE,/file,$script,,Api" | ConvertFrom-Csv
        @([pscustomobject]@{ Method = 'GET', 'POST'; Path = '/a'; ScriptBlock = { 'a' }; ContentType = 'text/html' }) + $more | Register-HttpHandler

        (Invoke-Http "$($server.Uri)a" -Method POST).Type | Should -BeLike 'text/html*'
        (Invoke-Http "$($server.Uri)file" -Method PUT).Text | Should -Be 'from a file'
        (Invoke-Http "$($server.Uri)file" -Method DELETE).Text | Should -Be 'from a file'
        (Get-HttpHandler File).Server | Should -BeNullOrEmpty
        (Get-HttpHandler -Method DELETE).Server.Name | Should -Be 'Api'
    }

    It 'takes tables' {
        @{ Method = 'GET'; Path = '/t'; ScriptBlock = { 't' }; Name = 'T'; ThrottleLimit = 2 },
        [ordered]@{ 'GET /u/{id}' = { "u $($Request.RouteValues.id)" }; 'PUT,POST /v' = $script } | Register-HttpHandler
        Register-HttpHandler -Route @{ 'DELETE /w' = { 'w' } } -Server Api

        (Invoke-Http "$($server.Uri)t").Text | Should -Be 't'
        (Get-HttpHandler T).ThrottleLimit | Should -Be 2
        (Invoke-Http "$($server.Uri)u/7").Text | Should -Be 'u 7'
        (Invoke-Http "$($server.Uri)v" -Method PUT).Text | Should -Be 'from a file'
        (Invoke-Http "$($server.Uri)w" -Method DELETE).Text | Should -Be 'w'
        (Get-HttpHandler -Method DELETE).Server.Name | Should -Be 'Api'
    }

    It 'refuses a table that has something else: <_>' -ForEach 'Color', '/path' {
        $table = @{ $_ = 1 }
        $failure = Get-Failure { $table | Register-HttpHandler }

        $failure.Id | Should -Be 'RouteInvalid'
        $failure.Message | Should -BeLike "*'$_'*Method*'GET /path'*"
        Get-HttpHandler | Should -BeNullOrEmpty
    }

    It 'reports a row that is wrong, and registers the others' {
        [pscustomobject]@{ Method = 'G ET'; Path = '/a'; ScriptBlock = { } }, [pscustomobject]@{ Path = '/b'; ScriptBlock = { } },
        [pscustomobject]@{ Method = 'GET'; Path = '/c'; ScriptBlock = { 'c' } } | Register-HttpHandler -ErrorAction SilentlyContinue -ErrorVariable failed

        (Get-HttpHandler).Path | Should -Be '/c'
        $failed.Count | Should -Be 2
    }

    It 'copies who may call a handler, and how often' {
        $other = Open-Server -NoFiles -Name Other
        Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -eq 'k') { @{ Name = 'anna'; Roles = 'Ops' } } }
        Register-HttpHandler GET /it { 'it' } -Server Api -Authentication Keys -Role Ops, Dev -RateLimit 1/h -RateKey User
        Get-HttpHandler | Register-HttpHandler -Server Other
        $copy = $other | Get-HttpHandler

        "$($copy.Authentication) $($copy.Role) $($copy.RateLimit) $($copy.RateKey)" | Should -Be 'Keys Ops Dev 1/h User'
        (Invoke-Http "$($other.Uri)it").Status | Should -Be 401
        (Invoke-Http "$($other.Uri)it" -Header @{ 'X-Api-Key' = 'k' }).Text | Should -Be 'it'
        (Invoke-Http "$($other.Uri)it" -Header @{ 'X-Api-Key' = 'k' }).Status | Should -Be 429
    }

    It 'opens no handler to everybody because <Parameter> has no value' -ForEach @(
        @{ Parameter = 'Authentication'; Value = $null }, @{ Parameter = 'Authentication'; Value = '' }, @{ Parameter = 'Authentication'; Value = @() }
        @{ Parameter = 'Role'; Value = $null }, @{ Parameter = 'Role'; Value = @('Ops', '') }
    ) {
        $given = @{ $Parameter = $Value }
        { Register-HttpHandler GET /x { 'x' } @given } | Should -Throw -ErrorId "${Parameter}Empty,*"
        Get-HttpHandler | Should -BeNullOrEmpty
    }

    It 'copies handlers to another server' {
        $other = Open-Server -NoFiles -Name Other
        Register-HttpHandler GET '/it/{id}' { "it $($Request.RouteValues.id)" } -Server Api -Name It -ContentType text/html
        Get-HttpHandler | Register-HttpHandler -Server Other

        (Invoke-Http "$($other.Uri)it/3").Text | Should -Be 'it 3'
        (Invoke-Http "$($other.Uri)it/3").Type | Should -BeLike 'text/html*'
        ($other | Get-HttpHandler).Name | Should -Be 'It'
    }

    It 'does not give a handler the name of the server that comes' {
        ($server | Register-HttpHandler GET /own { } -PassThru).Name | Should -Match '^Handler\d+$'
    }
}
