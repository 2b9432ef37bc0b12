BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # The lines that a person sees, in a window wide enough.
    function Show-Line {
        param([Parameter(ValueFromPipeline)] [object] $InputObject, [int] $Width = 200)
        begin { $objects = [System.Collections.Generic.List[object]]::new() }
        process { $objects.Add($InputObject) }
        end { @(($objects | Out-String -Width $Width) -split '\r?\n' | ForEach-Object TrimEnd | Where-Object { $_ }) }
    }

    # The names of a list view's items.
    function Show-Label {
        param([Parameter(ValueFromPipeline)] [object] $InputObject)
        process { @($InputObject | Format-List | Out-String -Width 200 -Stream) -match '^\w+ +:' -replace ' *:.*' }
    }

    $script:folder = (New-Item -ItemType Directory -Path (Join-Path $TestDrive 'site')).FullName
    $script:server = Open-Server -Name Site -Directory $folder
    $more = @{ Server = 'Site'; Name = 'Items'; ThrottleLimit = 2; ContentType = 'text/html' }
    Register-HttpHandler GET, PUT '/items/{id}' { throw 'The disk is full.' } @more
    Register-HttpHandler POST /keep {
        $Shared.Request = $Request
        $Shared.File = $Request.Files[0]
        $Shared.Field = $Request.Form.note
    } -Name Keep
    Register-HttpHandler * {
        # A comment, and more text than there is room for in a table, by far:
        'abcdefghijklmnopqrstuvwxyz'
    } -Name Every
    $script:handlers = Get-HttpHandler
}

AfterAll {
    Clear-Session
}

Describe 'The view of a server' {
    BeforeAll {
        $script:counted = Open-Server -Name Counted
        $counted | Register-HttpHandler GET /ok { 'ok' }
        $counted | Register-HttpHandler GET /boom { throw 'no' }
        'ok', 'ok', 'boom' | ForEach-Object { Invoke-Http "$($counted.Uri)$_" }
        Wait-Until { $counted.RequestCount -eq 3 -and $counted.ActiveRequests -eq 0 -and $counted.ErrorCount -eq 1 }
    }

    It 'is a table with what one asks for first' {
        $lines = $counted | Show-Line

        $lines[0] -split '\s+' -ne '' | Should -Be 'Id', 'Name', 'State', 'Uri', 'RequestCount', 'Directory'
        $lines[2] | Should -Match "^\s*$($counted.Id) Counted +Running +$([regex]::Escape($counted.Uri)) +3 $([regex]::Escape($counted.Directory))$"
        $lines.Count | Should -Be 3
    }

    It 'shows the directory and the state as they are' {
        $stopped = Open-Server -Name Gone -Directory $folder
        $stopped | Stop-HttpServer

        ($stopped | Show-Line)[2] | Should -Match " Gone +Stopped .* $([regex]::Escape($folder))$"
    }

    It 'shows where a server without a port listens' -Skip:$IsWindows {
        $path = Join-Path ([System.IO.Path]::GetTempPath()) "$([guid]::NewGuid().ToString('N').Substring(0, 8)).sock"
        $unix = Start-HttpServer -Bind "unix:$path" -Name Unix
        try {
            ($unix | Show-Line)[2] | Should -Match "Unix +Running +$([regex]::Escape($path)) "
        }
        finally {
            $unix | Stop-HttpServer -Force
        }
    }

    It 'fits 80 columns, its headers are properties, and no address is cut' {
        $everywhere = Start-HttpServer -Port 0 -NoFiles -Name Everywhere
        try {
            $lines = $everywhere | Show-Line -Width 80

            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
            $lines[0] -split '\s+' -ne '' | ForEach-Object { $_ | Should -BeIn $everywhere.PSObject.Properties.Name }
            $shown = @($everywhere.Addresses | Where-Object IsLoopback -EQ $false)
            foreach ($address in $shown) { $lines -join '' -replace '\s' | Should -Match ([regex]::Escape($address)) }
            if ($shown) { $lines -join '' | Should -Not -BeLike '*localhost*' }
        }
        finally {
            $everywhere | Stop-HttpServer -Force
        }
    }

    It 'is a list with everything' {
        $counted | Show-Label | Should -Be 'Id', 'Name', 'State', 'Uri', 'EndPoints', 'Directory', 'StartTime', 'RequestCount',
        'ActiveRequests', 'ErrorCount', 'ConnectionCount', 'WorkerCount', 'Handlers'
        $lines = $counted | Format-List | Out-String -Width 200
        $lines | Should -Match "EndPoints +: 127\.0\.0\.1:$($counted.Port)"
        $lines | Should -Match 'Handlers +: Handler\d+, Handler\d+, Keep, Every'
    }
}

Describe 'The view of a handler' {
    It 'is a table with its methods, path, server and script in a line each' {
        $lines = $handlers | Show-Line

        $lines[0] -split '\s+' -ne '' | Should -Be 'Id', 'Name', 'Method', 'Path', 'Server', 'Calls', 'ScriptBlock'
        $lines[2] | Should -Match "^ *\d+ Items +GET, PUT +/items/\{id\} +Site +0 throw 'The disk is full\.'$"
        $lines[3] | Should -Match '^ *\d+ Keep +POST +/keep +all +0 \$Shared\.Request = \$Request \$Shared\.File'
        $lines[4] | Should -Match '^ *\d+ Every +\* +\* +all +0 # A comment'
        $lines.Count | Should -Be 5
    }

    It 'fits 80 columns, its headers are properties, and no name or path is cut' {
        $long = Register-HttpHandler GET, POST '/a/long/path/{id:int}/with/{*rest}' { 1 } -Name 'A name of many words' -Server Site -PassThru
        try {
            $lines = $long | Show-Line -Width 80

            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
            $lines[0] -split '\s+' -ne '' | Should -Be 'Id', 'Name', 'Method', 'Path', 'Server', 'Calls', 'ScriptBlock'
            $lines -join '' | Should -Not -Match ([char] 0x2026)
        }
        finally { $long | Unregister-HttpHandler }
    }

    It 'cuts a long script and has no line of it twice' {
        $script = ($handlers | Where-Object Name -EQ Every | Show-Line)[2] -replace '^.*(?=# A comment)'

        $script.Length | Should -Be 45
        $script | Should -Match "$([char] 0x2026)$"
    }

    It 'is a list with everything' {
        $handlers[0] | Show-Label | Should -Be 'Id', 'Name', 'Method', 'Path', 'Server', 'ContentType', 'ThrottleLimit', 'Calls',
        'ScriptBlock'
        $handlers[0] | Format-List | Out-String |
            Should -Match '(?s)ContentType +: text/html.*ThrottleLimit +: 2.*ScriptBlock +:  throw'
        $handlers[1] | Format-List | Out-String |
            Should -Match '(?s)Server +: all.*ContentType +: by the output.*ThrottleLimit +: of the server'
    }
}

Describe 'The view of a log entry' {
    BeforeAll {
        $null = Invoke-Http "$($server.Uri)items/1" -Header @{ 'User-Agent' = 'tester' }
        $script:entries = Wait-Log $server { $_.Path -eq '/items/1' -or $_.Message } -Count 2
        $script:request = $entries | Where-Object IsRequest
        $script:message = $entries | Where-Object IsRequest -EQ $false
    }

    It 'is a table in which requests and messages stand below each other' {
        $lines = $request, $message | Show-Line

        $lines[0] -replace ' +', ' ' | Should -Be 'Time Status RequestId Client Bytes Duration Message'
        $time = [regex]::Escape($request.Time.ToString('HH:mm:ss'))
        $id = [regex]::Escape($request.RequestId)
        $lines[2] | Should -Match "^$time 500 +$id +127\.0\.0\.1 +$($request.Bytes) +\d+[.,]\d ms GET /items/1$"
        $lines[3] | Should -Match "^\d\d:\d\d:\d\d Error +$id +127\.0\.0\.1 +Items failed at .*: The disk is full\."
        $lines[3].IndexOf('Items failed') | Should -Be $lines[2].IndexOf('GET /items')
    }

    It 'shows all of a long message in a narrow window' {
        $words = ($message | Show-Line -Width 80) -join '' -replace '\s'

        ($message | Show-Line -Width 80).Length | Should -Not -BeGreaterThan 80
        foreach ($word in 'disk', 'Items') { $words | Should -Match $word }
        $words | Should -Not -Match ([char] 0x2026)
    }

    It 'shows an entry as it comes, and does not wait for the others' {
        $seen = [System.Collections.Generic.List[string]]::new()
        & { $request; $seen.Add('second'); $message } | Out-String -Stream -Width 200 | ForEach-Object { $seen.Add($_) }

        $seen -match 'GET /items/1|^second$|Items failed' -replace '^.*?(GET|second|failed).*$', '$1' | Should -Be 'GET', 'second', 'failed'
    }

    It 'is a list with what there is' {
        $request | Show-Label | Should -Be 'Time', 'Level', 'Server', 'RequestId', 'Client', 'Method', 'Path', 'Status', 'Bytes',
        'Duration', 'UserAgent'
        $message | Show-Label | Should -Be 'Time', 'Level', 'Server', 'RequestId', 'Client', 'Message'
    }
}

Describe 'The view of a request and of its files' {
    BeforeAll {
        $form = [System.Net.Http.MultipartFormDataContent]::new()
        $form.Add([System.Net.Http.StringContent]::new('a note'), 'note')
        $form.Add([System.Net.Http.ByteArrayContent]::new([byte[]] (1, 2, 3)), 'data', 'data.bin')
        $null = Invoke-Http "$($server.Uri)keep?x=1" -Method POST -Body $form
        $script:file = $server.Shared.File
    }

    It 'is a table of files' {
        $lines = $file | Show-Line

        $lines[0] -split '\s+' -ne '' | Should -Be 'Name', 'FileName', 'ContentType', 'Length', 'Path'
        $lines[2] | Should -Match "^data data\.bin +3 $([regex]::Escape($file.Path))$"
    }

    It 'is a list of a file' {
        $file | Show-Label | Should -Be 'Name', 'FileName', 'ContentType', 'Length', 'Path'
    }

    It 'is a list of a request without what reads its body' {
        Register-HttpHandler POST /show { ($Request.PSObject.TypeNames)[0]; $Request | Out-String; "body: $($Request.Body)" }
        # The view is for sessions that have the module, so it is shown to handlers of one that imports it.
        $with = Open-Server -Name With -Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
        $text = (Invoke-Http "$($with.Uri)show?x=1" -Method POST -Body 'abc' -ContentType text/plain).Text

        $text | Should -Match 'Method +: POST'
        $text | Should -Match 'QueryString +: x=1'
        $text | Should -Match 'ContentLength +: 3'
        $text | Should -Not -Match '(Body|Json|Form|Files) +:'
        $text | Should -Match 'body: abc'
    }
}

Describe 'The view of a filter' {
    It 'is a table of what it sees' {
        $null = Register-HttpFilter { $Request.Items.A = 1 } -Path '/items/{*rest}' -Method GET -Name Count -IncludeFiles
        $null = Register-HttpFilter -After { $Response.Headers['X-A'] = 'b' } -Name Mark
        $lines = Get-HttpFilter | Show-Line
        $lines[0] | Should -Match '^ *Id +Name +Method +Path +Sees +Server +Calls +ScriptBlock'
        $lines[2] | Should -Match '^ *\d+ +Count +GET +/items/\{\*rest\} +all +all +0 +\$Request\.Items'
        $lines[3] | Should -Match '^ *\d+ +Mark +\* +\* +answers +all +0 +\$Response'
        $lines | Should -HaveCount 4
    }
}
