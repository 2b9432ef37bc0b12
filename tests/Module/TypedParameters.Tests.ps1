BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:server = Open-Server

    # Asks a handler, and gives what it found as the text of its JSON; or the answer, if the status is not 200.
    function Get-Bound([scriptblock] $Handler, [string] $Target, [hashtable] $Request = @{}, [string] $Path = '/bound/{Id}') {
        Register-HttpHandler -Method * -Path $Path -Force -ScriptBlock $Handler
        $answer = Invoke-Http "$($server.Uri)$Target" @Request
        if ($answer.Status -eq 200) { $answer.Text } else { $answer }
    }

    function Get-Json([string] $Text) { @{ Method = 'POST'; Body = $Text; ContentType = 'application/json' } }

    function Get-Form([string] $Text) { @{ Method = 'POST'; Body = $Text; ContentType = 'application/x-www-form-urlencoded' } }
}

AfterAll {
    Clear-Session
}

Describe 'The parameters of a handler' {
    It 'are bound by name in any case and converted' {
        $handler = { param([int] $Id, [ValidateSet('a', 'b')] [string] $Kind = 'a', [switch] $All) "$($Id.GetType().Name) $Id $Kind $All" }
        Get-Bound $handler 'bound/42' | Should -Be 'Int32 42 a False'
        Get-Bound $handler 'bound/42?kind=b&ALL' | Should -Be 'Int32 42 b True'
        Get-Bound $handler 'bound/7?Id=8&Kind=B' | Should -Be 'Int32 7 B False'
    }

    It 'come from the path before the query, that before a form or JSON' {
        $handler = { param($Id, $Other) "$Id $Other" }
        Get-Bound $handler 'bound/1?id=2&other=3' (Get-Json '{"Id":4,"Other":5}') | Should -Be '1 3'
        Get-Bound $handler 'bound/1' (Get-Json '{"Id":4,"other":5}') | Should -Be '1 5'
        Get-Bound $handler 'bound/1?id=2' (Get-Form 'Id=4&Other=6') | Should -Be '1 6'
        Get-Bound $handler 'bound/1' (@{ Method = 'POST'; Body = '{"Other":5}'; ContentType = 'text/plain' }) | Should -Be '1 '
    }

    It 'take a switch as <Query>' -ForEach @(
        @{ Query = ''; Value = 'False' }
        @{ Query = '?All'; Value = 'True' }
        @{ Query = '?All='; Value = 'True' }
        @{ Query = '?All=true'; Value = 'True' }
        @{ Query = '?All=on'; Value = 'True' }
        @{ Query = '?All=1'; Value = 'True' }
        @{ Query = '?All=FALSE'; Value = 'False' }
        @{ Query = '?All=0'; Value = 'False' }
    ) {
        Get-Bound { param([switch] $All, $More) "$All" } "switch$Query" -Path /switch | Should -Be $Value
        Get-Bound { param([bool] $All) "$All" } "truth$Query" -Path /truth | Should -Be $Value
    }

    It 'take several values in an array, and one too' {
        $handler = { param([int[]] $N) "$($N.GetType().Name) $($N.Count) $N" }
        Get-Bound $handler 'many?n=1&n=2&N=3' -Path /many | Should -Be 'Int32[] 3 1 2 3'
        Get-Bound $handler 'many?n=1' -Path /many | Should -Be 'Int32[] 1 1'
        Get-Bound $handler 'many' (Get-Json '{"N":[4,"5"]}') -Path /many | Should -Be 'Int32[] 2 4 5'
    }

    It 'have the value <Value> of <Type> for <Text>' -ForEach @(
        @{ Type = 'double'; Text = '1.5'; Value = '1.5' }
        @{ Type = 'decimal'; Text = '10.25'; Value = '10.25' }
        @{ Type = 'guid'; Text = '00000000-0000-0000-0000-000000000001'; Value = '00000000-0000-0000-0000-000000000001' }
        @{ Type = 'timespan'; Text = '00:01:30'; Value = '00:01:30' }
        @{ Type = 'DayOfWeek'; Text = 'friday'; Value = 'Friday' }
        @{ Type = 'version'; Text = '1.2.3'; Value = '1.2.3' }
        @{ Type = 'ipaddress'; Text = '::1'; Value = '::1' }
        @{ Type = 'uri'; Text = 'http://a/b'; Value = 'http://a/b' }
        @{ Type = 'char'; Text = 'x'; Value = 'x' }
        @{ Type = 'Nullable[int]'; Text = ''; Value = '' }
        @{ Type = 'string'; Text = 'a%20b'; Value = 'a b' }
        @{ Type = 'datetime'; Text = '2024-05-06T07:08:09'; Value = '05/06/2024 07:08:09' }
    ) {
        Get-Bound ([scriptblock]::Create("param([$Type] `$V) `"`$V`"")) "typed?v=$Text" -Path /typed | Should -Be $Value
    }

    It 'take no culture of the machine' {
        $handler = { param([double] $V) [cultureinfo]::CurrentCulture = 'de-DE'; $V.ToString([cultureinfo]::InvariantCulture) }
        Get-Bound $handler 'culture?v=1.5' -Path /culture | Should -Be '1.5'
    }

    It 'have text of JSON as it was written, dates too' {
        Get-Bound { param([string] $When) $When } 'dates' (Get-Json '{"When":"2024-05-06T07:08:09Z"}') -Path /dates | Should -Be '2024-05-06T07:08:09Z'
    }

    It 'take the whole body in a hashtable' {
        $handler = { param([hashtable] $Item, [int] $Id) "$Id $($Item.Name) $($Item.Id)" }
        Get-Bound $handler 'bound/3' (Get-Json '{"Name":"x","Id":9}') | Should -Be '3 x 9'
        Get-Bound $handler 'bound/3' (Get-Form 'Name=y&Id=8') | Should -Be '3 y 8'
        Get-Bound $handler 'bound/3' | Should -Be '3  '
    }

    It 'take the whole body in a class, and in a list of those' {
        $handler = {
            class Item { [string] $Name; [int] $Count = 1 }
            function Show([Item] $Item) { "$($Item.Name) $($Item.Count)" }
            $Shared.ran = $true
            Show $Request.Json
        }
        Get-Bound $handler 'classes' (Get-Json '{"Name":"x"}') -Path /classes | Should -Be 'x 1'

        Get-Bound { param([System.Globalization.NumberFormatInfo] $F) "$($F.CurrencySymbol)" } 'net' (Get-Json '{"CurrencySymbol":"x"}') -Path /net | Should -Be 'x'
        (Get-Bound { param([System.Globalization.NumberFormatInfo] $F) 'ran' } 'net' (Get-Json '{"Unknown":"x"}') -Path /net).Status | Should -Be 400
        Get-Bound { param([hashtable[]] $Rows) "$($Rows.Count) $($Rows[1].a)" } 'rows' (Get-Json '[{"a":1},{"a":2}]') -Path /rows | Should -Be '2 2'
    }

    It 'take a class of the initialization script' {
        $typed = Open-Server -InitializationScript { class Order { [string] $Name; [int] $Count = 1 } }
        Register-HttpHandler POST '/orders/{Id}' { param([int] $Id, [Order] $Order) "$Id $($Order.GetType().Name) $($Order.Name) $($Order.Count)" } -Server $typed
        Register-HttpHandler POST /orders { param([Order[]] $Orders) "$($Orders.Count) $($Orders[1].Name)" } -Server $typed
        foreach ($try in 1..8) {
            $request = Get-Json '{"Name":"x","count":5}'
            (Invoke-Http "$($typed.Uri)orders/3" @request).Text | Should -Be '3 Order x 5'
        }
        $request = Get-Json '{"Name":"x","Nonsense":5}'
        $refused = Invoke-Http "$($typed.Uri)orders/3" @request
        $refused.Status | Should -Be 400
        ($refused.Text | ConvertFrom-Json).errors[0].detail | Should -BeLike '*Nonsense*'
        $request = Get-Json '[{"Name":"x"},{"Name":"y"}]'
        (Invoke-Http "$($typed.Uri)orders" @request).Text | Should -Be '2 y'
        Stop-HttpServer $typed.Name
    }

    It 'cannot be of a class that the handler itself defines: the engine has it no sooner than the call' {
        { Register-HttpHandler POST /own { param([Own] $Item) class Own { [string] $Name }; $Item.Name } } |
            Should -Throw '*InitializationScript*' -ErrorId 'ParameterOfOwnClass*'
    }

    It 'take files of a form' {
        Register-HttpHandler POST /files { param([Http.Server.PowerShell.UploadedFile] $Photo, [string] $Title) "$($Photo.FileName) $($Photo.Length) $Title" }
        $form = [Net.Http.MultipartFormDataContent]::new()
        $form.Add([Net.Http.StringContent]::new('t'), 'title')
        $form.Add([Net.Http.ByteArrayContent]::new([byte[]](1, 2, 3)), 'photo', 'p.png')
        (Invoke-Http "$($server.Uri)files" -Method POST -Body $form).Text | Should -Be 'p.png 3 t'
    }

    It 'stand beside $Request, which is there anyway' {
        Get-Bound { param($Request, [int] $Id) "$($Request.Path) $Id" } 'bound/5' | Should -Be '/bound/5 5'
        Get-Bound { param([int] $Id, [Http.Server.PowerShell.ScriptRequest] $R) "$($R.Path) $Id" } 'bound/5' | Should -Be '/bound/5 5'
        Get-Bound { param([int] $Id) "$($Request.Path) $($this.Command) $Id" } 'bound/5' | Should -Be '/bound/5 GET 5'
    }

    It 'have one that stands alone take the request, unless the path has its name' {
        Get-Bound { param($r) "$($r.Path)" } 'bound/5?r=1' | Should -Be '/bound/5'
        Get-Bound { param($Id) "$Id" } 'bound/5' | Should -Be '5'
    }

    It 'are bound in scripts of every kind: <How>' -ForEach @(
        @{ How = 'a kept pipeline'; Handler = { param([int] $Id, $K = 'd') "$Id $K" } }
        @{ How = 'CmdletBinding'; Handler = { [CmdletBinding()] param([Parameter(Mandatory)] [int] $Id, $K = 'd') "$Id $K" } }
        @{ How = 'anything changed'; Handler = { param([int] $Id, $K = 'd') $ExecutionContext.SessionState.PSVariable.Set('x', 1); "$Id $K" } }
        @{ How = 'a class'; Handler = { param([int] $Id, $K = 'd') class C { [int] $V }; "$([C]@{ V = $Id } | ForEach-Object V) $K" } }
        @{ How = '$using:'; Handler = { param([int] $Id, $K = 'd') $null = $using:PSVersionTable; "$Id $K" } }
        @{ How = 'process'; Handler = { param([int] $Id, $K = 'd') process { "$Id $K" } } }
        @{ How = '$PSBoundParameters'; Handler = { param([int] $Id, $K = 'd') "$($PSBoundParameters.Id) $($PSBoundParameters.ContainsKey('K') ? $K : 'd')" } }
    ) {
        Get-Bound $Handler 'bound/6' | Should -Be '6 d'
        Get-Bound $Handler 'bound/6?k=x' | Should -Be '6 x'
        (Get-Bound $Handler 'bound/six').Status | Should -Be 400
        Get-Bound $Handler 'bound/7' | Should -Be '7 d'
    }

    It 'are bound in a script file' {
        $file = Join-Path $TestDrive 'handler.ps1'
        Set-Content $file 'param([Parameter(Mandatory)] [int] $Id, [ValidateRange(1, 5)] [int] $N = 2) "$Id $N"'
        Register-HttpHandler GET '/file/{Id}' -FilePath $file
        (Invoke-Http "$($server.Uri)file/1?n=5").Text | Should -Be '1 5'
        $refused = Invoke-Http "$($server.Uri)file/1?n=6"
        $refused.Status | Should -Be 400
        $refused.Text | Should -Not -BeLike '*handler.ps1*'
    }

    It 'are not looked for in the body of a handler that reads it itself' {
        Register-HttpHandler POST /stream -Stream { param($A, $B) $left = [IO.StreamReader]::new($this.Rfile).ReadToEnd(); "$A $B $left" }
        (Invoke-Http "$($server.Uri)stream?a=1" -Method POST -Body '{"B":2}' -ContentType application/json).Text | Should -Be '1  {"B":2}'
    }

    It 'keep nothing from one request to the next' {
        $handler = { param([int] $Id, $K) "$Id [$K]" }
        Get-Bound $handler 'bound/1?k=x' | Should -Be '1 [x]'
        foreach ($i in 1..5) { Get-Bound $handler "bound/$i" | Should -Be "$i []" }
    }
}

Describe 'What does not bind' {
    It 'is 400 that names the parameter and why: <Text>' -ForEach @(
        @{ Text = 'a word for a number'; Target = '?n=x'; Name = 'N'; Why = "*'x'*" }
        @{ Text = 'too large'; Target = '?n=99999999999'; Name = 'N'; Why = '*too large*' }
        @{ Text = 'out of range'; Target = '?n=11'; Name = 'N'; Why = '*range*' }
        @{ Text = 'not of the set'; Target = '?n=1&kind=c'; Name = 'Kind'; Why = '*"a,b"*' }
        @{ Text = 'no match'; Target = '?n=1&code=x'; Name = 'Code'; Why = '*pattern*' }
        @{ Text = 'empty'; Target = '?n=1&word='; Name = 'Word'; Why = '*empty*' }
        @{ Text = 'missing'; Target = ''; Name = 'N'; Why = '*missing*' }
        @{ Text = 'twice'; Target = '?n=1&n=2'; Name = 'N'; Why = '*one value*2*' }
        @{ Text = 'no truth'; Target = '?n=1&all=maybe'; Name = 'All'; Why = '*true or false*' }
        @{ Text = 'no day'; Target = '?n=1&day=Foo'; Name = 'Day'; Why = '*Monday*' }
        @{ Text = 'no date'; Target = '?n=1&date=x'; Name = 'Date'; Why = "*'x'*" }
        @{ Text = 'a script that validates'; Target = '?n=1&even=3'; Name = 'Even'; Why = '*not valid*' }
        @{ Text = 'a script that says why'; Target = '?n=1&odd=2'; Name = 'Odd'; Why = '*is even*' }
    ) {
        $handler = {
            param(
                [Parameter(Mandatory)] [ValidateRange(1, 10)] [int] $N,
                [ValidateSet('a', 'b')] [string] $Kind, [ValidatePattern('^\d+$')] [string] $Code, [ValidateNotNullOrEmpty()] [string] $Word,
                [switch] $All, [DayOfWeek] $Day, [datetime] $Date,
                [ValidateScript({ $_ % 2 -eq 0 })] [int] $Even, [ValidateScript({ $_ % 2 -eq 1 }, ErrorMessage = '{0} is even')] [int] $Odd)
            $Shared.ran = $true
        }
        $server.Shared.Clear()
        $answer = Get-Bound $handler "fault$Target" -Path /fault
        $answer.Status | Should -Be 400
        $answer.Type | Should -Be 'application/problem+json'
        $problem = $answer.Text | ConvertFrom-Json
        $problem.status, $problem.title, $problem.type | Should -Be 400, 'Bad Request', 'about:blank'
        $problem.errors.parameter | Should -Be $Name
        $problem.errors.detail | Should -BeLike $Why
        $problem.detail | Should -Be $problem.errors.detail
        $answer.Text | Should -Not -Match 'ps1|% 2|HttpHandler'
        $server.Shared.ran | Should -BeNullOrEmpty
    }

    It 'names all that are wrong' {
        $problem = (Get-Bound { param([Parameter(Mandatory)] $A, [int] $B, [datetime] $C) } 'all?b=x&c=y' -Path /all).Text | ConvertFrom-Json
        $problem.errors.parameter | Should -Be 'A', 'B', 'C'
    }

    It 'is so in the body: <Body>' -ForEach @(
        @{ Body = '{'; Why = '*not JSON*' }
        @{ Body = '{"N":"x"}'; Why = '*N*' }
        @{ Body = '{"N":[1,2]}'; Why = '*one value*' }
        @{ Body = '{"N":{}}'; Why = '*an object*' }
    ) {
        $answer = Get-Bound { param([int] $N, $More) 'ran' } 'body' (Get-Json $Body) -Path /body
        $answer.Status, $answer.Type | Should -Be 400, 'application/problem+json'
        ($answer.Text | ConvertFrom-Json).detail | Should -BeLike $Why
    }

    It 'is so where an object is wanted: <Body>' -ForEach @(
        @{ Body = '[]' }, @{ Body = '1' }, @{ Body = '"x"' }
    ) {
        (Get-Bound { param([hashtable] $Item) 'ran' } 'object' (Get-Json $Body) -Path /object).Status | Should -Be 400
    }

    It 'repeats little of what the client sent' {
        (Get-Bound { param([int] $N, $M) } "long?n=$('x' * 5000)" -Path /long).Text.Length | Should -BeLessThan 1000
    }

    It 'is no error of the handler' {
        $null = Receive-HttpServerLog $server.Name
        (Get-Bound { param([ValidateSet('a')] $K, $M) } 'log?k=b' -Path /log).Status | Should -Be 400
        Receive-HttpServerLog $server.Name | Where-Object Level -eq 'Error' | Should -BeNullOrEmpty
    }

    It 'leaves errors of the handler''s own calls what they are' {
        (Get-Bound { param([int] $Id) Get-Item -Path 1 -Nonsense 2 } 'bound/1').Status | Should -Be 500
        (Get-Bound { param([int] $Id) function f([int] $x) {} ; f x } 'bound/1').Status | Should -Be 500
        (Get-Bound { param([int] $Id, $D = (1 / 0)) 'ran' } 'bound/1').Status | Should -Be 500
    }

    It 'never makes a script of a client''s text' -ForEach @(
        @{ Handler = { param([scriptblock] $Code) & $Code } }
        @{ Handler = { param([int] $Id, [scriptblock[]] $Code) & $Code[0] } }
    ) {
        { Register-HttpHandler GET /script $Handler } | Should -Throw '*scriptblock*' -ErrorId 'ParameterIsScript*'
    }
}

Describe 'A handler that is invoked as a block' {
    # What a call has checked is not checked again, but the checks hold for what a script assigns.
    It 'keep their checks for what the script assigns: <Script>' -ForEach (@(
        '$A = "z"', '$A += "z"', '$B = 99', '$B++', '--$B; --$B; --$B; --$B; --$B', '$A, $B = "z", 1', '[int] $B = 99', 'foreach ($A in "z") { }', 'foreach ($B in 5..99) { }'
        '$local:B = 99', '([ref] $B).Value = 99', '$B *= 50', '$X = $B = 99', 'if ($true) { $A = "a"; $A = "" }', '$A = "b"', '$B--', '$unlike = 1', '& { $A = "z" }'
    ) | ForEach-Object { @{ Script = $_ } }) {
        $text = 'param([ValidateSet("a", "b")] [string] $A = "a", [ValidateRange(1, 9)] [int] $B = 2) EXTRA try { SCRIPT } catch { "refused: $_" } "$A $B"'.Replace('SCRIPT', $Script)
        Register-HttpHandler GET /block -Force ([scriptblock]::Create($text.Replace('EXTRA', '')))
        Register-HttpHandler GET /command -Force ([scriptblock]::Create($text.Replace('EXTRA', '$null = $PSBoundParameters;')))
        foreach ($query in '', '?A=b&B=3') {
            $block, $command = 'block', 'command' | ForEach-Object { (Invoke-Http "$($server.Uri)$_$query").Text }
            $block | Should -BeExactly $command -Because "of $query"
        }
    }

    # One that asks for $PSBoundParameters is called as a command, and bound by the engine itself.
    It 'has the parameters that it would have as a command: param(<Written>)' -ForEach (@(
        '[int] $A', '[long] $A', '[double] $A', '[decimal] $A', '[string] $A', '[object] $A', '[switch] $A', '[bool] $A', '[char] $A'
        '[guid] $A', '[datetime] $A', '[timespan] $A', '[uri] $A', '[version] $A', '[DayOfWeek] $A', '[Nullable[int]] $A', '[Nullable[datetime]] $A'
        '[int[]] $A', '[string[]] $A', '[bool[]] $A', '[hashtable] $A', '[pscustomobject] $A', '[regex] $A', '[ipaddress] $A', '[string][int] $A'
        '[int] $A = 5', '[int] $A = -5', '[int] $A = "7"', '[string] $A = 5', '[string] $A = $null', '[bool] $A = $true', '[switch] $A = $true', '[double] $A = 1.5'
        '[int] $A = (2 + 3)', '[string] $A = "$HOME"', '[string[]] $A = @("x")', '$A = @{ x = 1 }', '[datetime] $A = "2024-01-02"', '[int] $A = "wrong"'
        '[ValidateSet("a", "b")] [string] $A', '[ValidateSet("a", "b")] [string] $A = "a"', '[ValidateSet("a", "b")] [string] $A = "z"'
        '[ValidateRange(1, 5)] [int] $A', '[ValidateRange(1, 5)] [int] $A = 3', '[ValidateRange(1, 5)] [int] $A = 9', '[ValidateRange("Positive")] [int] $A = 1'
        '[ValidatePattern("^\d+$")] [string] $A', '[ValidateLength(1, 2)] [string] $A = "x"', '[ValidateCount(1, 2)] [int[]] $A', '[ValidateNotNull()] $A'
        '[ValidateNotNullOrEmpty()] [string] $A', '[ValidateScript({ $_ -eq 5 })] [int] $A = 5', '[AllowNull()] [object] $A', '[AllowEmptyString()] [string] $A'
        '[Alias("Other")] [int] $A', '[Parameter(Mandatory)] [int] $A', '[Parameter()] [string] $A = "x"', '[PSTypeName("None")] $A'
        '[int] $A, [int] $B', '[int] $A = 1, [string] $B', '$B, [int] $A = 2', '[string] $B = "b", [ValidateSet("a", "5")] [string] $A', '[datetime] $B, [int] $A'
        '[int] $A, $Request', '$Request, [int] $A', '[string] $B = "b", $Request, [int] $A = 4', '$Request, [switch] $B, [int] $A'
        '[int] $A, [int] $B = $A'
    ) | ForEach-Object { @{ Written = $_ } }) {
        # Nothing of it makes a command of the block: a method that is called, say.
        $body = ('A', 'B' | ForEach-Object { "(ConvertTo-Json -InputObject `$$_ -Compress -Depth 3); `$null -eq `$$_; `$$_ -is [int]; `$$_ -is [string]; `$$_ -is [array]; `$$_ -is [bool]" }) -join '; '
        Register-HttpHandler -Method * -Path /block -Force ([scriptblock]::Create("param($Written) $body"))
        Register-HttpHandler -Method * -Path /command -Force ([scriptblock]::Create("param($Written) `$null = `$PSBoundParameters; $body"))
        foreach ($query in '', '?a=5', '?A=', '?A', '?a=a', '?a=1&a=2', '?b=6', '?a=5&b=6', '?a=3&b=', '?a=2024-01-02', '?a=true', '?other=5', '?a=99999999999', '?a=%00') {
            foreach ($request in @{ }, (Get-Json '{"A":5,"B":null}'), (Get-Json '{"A":null}'), (Get-Json '{"a":[1,2],"b":{"x":1}}'), (Get-Json '[1]'), (Get-Form 'A=3&b=x')) {
                if ($query -and $request.Count -and $query -notin '?b=6', '?a=5') { continue }
                $block, $command = 'block', 'command' | ForEach-Object {
                    $answer = Invoke-Http "$($server.Uri)$_$query" @request
                    "$($answer.Status) $($answer.Text)"
                }
                $block | Should -BeExactly $command -Because "of $query $($request.Body)"
            }
        }
    }
}
