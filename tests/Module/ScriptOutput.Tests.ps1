BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:file = Join-Path $TestDrive 'page.html'
    Set-Content $file '<p>0123456789</p>' -NoNewline
    $script:server = Open-Server -Directory $TestDrive
}

AfterAll {
    Clear-Session
}

Describe 'the output of a handler' {
    BeforeAll {
        function Get-Answer([scriptblock] $Handler, [hashtable] $Header = @{}, [string] $ContentType, [string] $Method = 'GET') {
            $options = @{}
            if ($ContentType) { $options.ContentType = $ContentType }
            Register-HttpHandler GET /output -ScriptBlock $Handler -Force @options
            Invoke-Http "$($server.Uri)output" -Header $Header -Method $Method
        }
    }

    Context 'text' {
        It 'is sent as text in UTF-8, with its length' {
            $answer = Get-Answer { 'grün' }
            $answer.Status, $answer.Type, $answer.Text | Should -Be 200, 'text/plain; charset=utf-8', 'grün'
            $answer.Headers['Content-Length'] | Should -Be 5
        }

        It 'of several strings is several lines' {
            (Get-Answer { 'one'; 'two'; 'three' }).Text | Should -BeExactly "one`ntwo`nthree"
        }

        It 'of formatting commands is what they would show' {
            $answer = Get-Answer { [pscustomobject]@{ Name = 'x'; Size = 3 } | Format-Table }
            $answer.Type | Should -Be 'text/plain; charset=utf-8'
            $answer.Text | Should -Match 'Name +Size'
        }

        It 'has the Content-Type of the registration' {
            (Get-Answer { '<p>hello</p>' } -ContentType 'text/html').Type | Should -Be 'text/html; charset=utf-8'
        }

        It 'is encoded as the Content-Type says' {
            $answer = Get-Answer { 'grün' } -ContentType 'text/plain; charset=iso-8859-1'
            $answer.Bytes | Should -Be ([byte[]](0x67, 0x72, 0xfc, 0x6e))
        }
    }

    Context 'bytes, streams and files' {
        It 'sends bytes as they are, whole or one by one' -ForEach @(
            @{ Handler = { [byte[]](1, 2, 255) } }
            @{ Handler = { , [byte[]](1, 2, 255) } }
        ) {
            $answer = Get-Answer $Handler
            $answer.Type | Should -Be 'application/octet-stream'
            $answer.Bytes | Should -Be ([byte[]](1, 2, 255))
        }

        It 'sends a stream to its end and closes it' {
            Register-HttpHandler GET /stream -Force { $Shared.stream = [IO.MemoryStream]::new([byte[]](7, 8, 9)); $Shared.stream }
            (Invoke-Http "$($server.Uri)stream").Bytes | Should -Be ([byte[]](7, 8, 9))
            $server.Shared.stream.CanRead | Should -BeFalse
        }

        It 'sends a file with its type, its validators and ranges (<how>)' -ForEach @(
            @{ how = { $Response.SendFile($Shared.file) } }
            @{ how = { Send-HttpFile $Shared.file } }
            @{ how = { Get-Item -LiteralPath $Shared.file | Send-HttpFile } }
            @{ how = { Get-ChildItem (Split-Path $Shared.file) -Filter (Split-Path $Shared.file -Leaf) | Send-HttpFile } }
            @{ how = { $Shared.file | Send-HttpFile } }
            @{ how = { Send-HttpFile -Path ($Shared.file -replace 'l$', '?') } }
        ) {
            $server.Shared.file = $file
            $answer = Get-Answer $how
            $answer.Type, $answer.Text | Should -Be 'text/html; charset=utf-8', '<p>0123456789</p>'
            $answer.Headers['ETag'] | Should -Not -BeNullOrEmpty
            (Get-Answer $how -Header @{ 'If-None-Match' = $answer.Headers['ETag'] }).Status | Should -Be 304
            $part = Get-Answer $how -Header @{ Range = 'bytes=3-5' }
            $part.Status, $part.Text | Should -Be 206, '012'
        }

        It 'sends a file with the type that is named' {
            $server.Shared.file = $file
            (Get-Answer { Send-HttpFile $Shared.file -ContentType text/x-own }).Type | Should -Be 'text/x-own'
            (Get-Answer { Get-Item $Shared.file | Send-HttpFile -ContentType text/x-own }).Type | Should -Be 'text/x-own'
        }

        It 'is 404 for a file that is not there, and nothing for no file' {
            (Get-Answer { Send-HttpFile -LiteralPath /no/such/file }).Status | Should -Be 404
            (Get-Answer { Get-ChildItem / -Filter no-such-file | Send-HttpFile }).Status | Should -Be 204
        }

        It 'takes one file, and says so' {
            $server.Shared.file = $file
            (Get-Answer { $Shared.file, $Shared.file | Send-HttpFile }).Status | Should -Be 500
            (Wait-Log $server { $_.Message -like '*one file*' }).Message | Should -BeLike '*Send-HttpFile*'
        }

        It 'is for handlers' {
            (Get-Failure { Send-HttpFile $file }).Id | Should -Be 'NoRequest'
        }

        It 'takes the files themselves for data, one as several' {
            $folder = New-Item -ItemType Directory (Join-Path $TestDrive 'logs')
            $server.Shared.folder = $folder.FullName
            (Get-Answer { Get-ChildItem $Shared.folder -Filter *.log }).Status | Should -Be 204
            Set-Content (Join-Path $folder a.log) 'a'
            $answer = Get-Answer { Get-ChildItem $Shared.folder -Filter *.log }
            $answer.Type | Should -Be 'application/json; charset=utf-8'
            ($answer.Text | ConvertFrom-Json).Name | Should -Be 'a.log'
            Set-Content (Join-Path $folder b.log) 'b'
            $answer = Get-Answer { Get-ChildItem $Shared.folder -Filter *.log }
            $answer.Type | Should -Be 'application/json; charset=utf-8'
            ($answer.Text | ConvertFrom-Json).Name | Should -Be 'a.log', 'b.log'
        }
    }

    Context 'objects' {
        It 'sends one object as JSON' {
            $answer = Get-Answer { @{ a = 1 } }
            $answer.Type, $answer.Text | Should -Be 'application/json; charset=utf-8', '{"a":1}'
        }

        It 'sends several objects as an array' {
            (Get-Answer { 1..3 | ForEach-Object { [pscustomobject]@{ n = $_ } } }).Text | Should -BeExactly '[{"n":1},{"n":2},{"n":3}]'
        }

        It 'sends an array that is kept whole as an array, even of one' {
            (Get-Answer { , @(@{ a = 1 }) }).Text | Should -BeExactly '[{"a":1}]'
        }

        It 'sends numbers and truth values as such, whatever the culture' {
            (Get-Answer { [cultureinfo]::CurrentCulture = 'de-DE'; 1.5 }).Text | Should -BeExactly '1.5'
            (Get-Answer { $true }).Text | Should -BeExactly 'true'
            (Get-Answer { @{ n = 1234567.25 } }).Text | Should -BeExactly '{"n":1234567.25}'
        }

        It 'writes nested data to its ground' {
            (Get-Answer { @{ a = @{ b = @{ c = @{ d = @{ e = @(1, @{ f = 'deep' }) } } } } } }).Text |
                Should -BeExactly '{"a":{"b":{"c":{"d":{"e":[1,{"f":"deep"}]}}}}}'
        }

        It 'writes an object of .NET with its properties, not all that these lead to' {
            $answer = Get-Answer { Get-Process -Id $PID }
            $answer.Status | Should -Be 200
            ($answer.Text | ConvertFrom-Json).Id | Should -Be $PID
            $answer.Bytes.Length | Should -BeLessThan 100kb
        }

        It 'writes names for the values of enumerations' {
            (Get-Answer { @{ day = [DayOfWeek]::Friday } }).Text | Should -BeExactly '{"day":"Friday"}'
        }

        It 'sends XML as XML' {
            $answer = Get-Answer { [xml] '<a><b/></a>' }
            $answer.Type | Should -BeLike 'application/xml*'
            $answer.Text | Should -Be '<a><b /></a>'
        }
    }

    Context 'nothing' {
        It 'is 204 without a body' {
            $answer = Get-Answer { }
            $answer.Status, $answer.Bytes.Length | Should -Be 204, 0
            $answer.Headers.Keys | Should -Not -Contain 'Content-Type'
        }

        It 'is nothing too if it is null' {
            (Get-Answer { $null }).Status | Should -Be 204
        }
    }

    Context 'an answer of its own' {
        It 'goes before the output' {
            $answer = Get-Answer { $this.SendText('mine'); 'ignored'; 42 }
            $answer.Text | Should -BeExactly 'mine'
        }

        It 'ports line for line from Python' {
            Register-HttpHandler POST /echo {
                $length = [int] $this.Headers['Content-Length']
                $body = [byte[]]::new($length)
                $this.Rfile.ReadExactly($body, 0, $length)
                $this.SendResponse(200)
                $this.SendHeader('Content-Type', $this.Headers['Content-Type'])
                $this.SendHeader('Content-Length', "$length")
                $this.EndHeaders()
                $this.Wfile.Write($body, 0, $length)
                $this.LogMessage('{0} bytes from {1}', $length, $this.AddressString())
            }
            $answer = Invoke-Http "$($server.Uri)echo" -Method POST -Body 'hello' -ContentType 'text/x-test'
            $answer.Text, $answer.Type | Should -Be 'hello', 'text/x-test'
            (Wait-Log $server { $_.Message -eq '5 bytes from 127.0.0.1' }) | Should -HaveCount 1
        }

        It 'may be the file that the path means' {
            Set-Content (Join-Path $server.Directory 'plain.txt') 'from the disk' -NoNewline
            Register-HttpHandler GET '/plain.txt' { $this.DoGet() }
            (Invoke-Http "$($server.Uri)plain.txt").Text | Should -BeExactly 'from the disk'
        }

        It 'may be an error page' {
            $answer = Get-Answer { $this.SendError(418, 'Teapot', 'Short <and> stout') }
            $answer.Status, $answer.Reason | Should -Be 418, 'Teapot'
            $answer.Text | Should -BeLike '*Short &lt;and&gt; stout*'
        }
    }

    It 'is left out for HEAD, with the length that GET has' {
        $answer = Get-Answer { 'hello' } -Method HEAD
        $answer.Status, $answer.Bytes.Length, $answer.Headers['Content-Length'] | Should -Be 200, 0, 5
    }
}
