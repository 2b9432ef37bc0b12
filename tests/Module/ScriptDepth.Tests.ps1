# A stack that overflows ends the process: what recurses runs in a PowerShell of its own, so that one test fails and not the run.

BeforeDiscovery {
    $script:kinds = @(
        @{ Group = 'commands'; Name = 'a function'; Script = 'function f { f }; f' }
        @{ Group = 'commands'; Name = 'a filter'; Script = 'filter f { $_ | f }; 1 | f' }
        @{ Group = 'commands'; Name = 'functions that call each other'; Script = 'function a { b }; function b { a }; a' }
        @{ Group = 'blocks'; Name = 'a called block'; Script = '$b = { & $b }; & $b' }
        @{ Group = 'blocks'; Name = 'a dotted block'; Script = '$b = { . $b }; . $b' }
        @{ Group = 'blocks'; Name = 'an invoked block'; Script = '$b = { $b.Invoke() }; $b.Invoke()' }
        @{ Group = 'blocks'; Name = 'a block of a variable that is sought'; Script = '$b = { & (Get-Variable b -ValueOnly) }; & $b' }
        @{ Group = 'blocks'; Name = 'a delegate'; Script = '$script:d = [Func[int]] { $script:d.Invoke() }; $d.Invoke()' }
        @{ Group = 'cmdlets'; Name = 'Invoke-Command'; Script = '$b = { Invoke-Command $b }; Invoke-Command $b' }
        @{ Group = 'cmdlets'; Name = 'Invoke-Expression'; Script = '$e = ''Invoke-Expression $e''; Invoke-Expression $e' }
        @{ Group = 'cmdlets'; Name = 'ForEach-Object'; Script = 'function f { 1 | ForEach-Object { f } }; f' }
        @{ Group = 'cmdlets'; Name = 'Where-Object'; Script = 'function f { 1 | Where-Object { f } }; f' }
        @{ Group = 'cmdlets'; Name = 'Sort-Object'; Script = 'function f { 2, 1 | Sort-Object -Property { f } }; f' }
        @{ Group = 'classes'; Name = 'a method'; Script = 'class A { [int] Go([int] $n) { return $this.Go($n + 1) } }; [A]::new().Go(0)' }
        @{ Group = 'classes'; Name = 'a static method'; Script = 'class A { static [int] Go([int] $n) { return [A]::Go($n + 1) } }; [A]::Go(0)' }
        @{ Group = 'classes'; Name = 'a constructor'; Script = 'class A { [object] $O; A() { $this.O = [A]::new() } }; [A]::new()' }
        @{ Group = 'classes'; Name = 'ToString of a class'; Script = 'class A { [string] ToString() { return "$this" } }; "$([A]::new())"' }
        @{ Group = 'members'; Name = 'a script property'; Script = '$o = [pscustomobject]@{}; $o | Add-Member ScriptProperty X { $this.X }; $o.X' }
        @{ Group = 'members'; Name = 'a script method'; Script = '$o = [pscustomobject]@{}; $o | Add-Member ScriptMethod X { $this.X() }; $o.X()' }
        @{ Group = 'output'; Name = 'a script property of the output'; Script = '$o = [pscustomobject]@{}; $o | Add-Member ScriptProperty X { $this.X }; $o' }
        @{ Group = 'output'; Name = 'a script property that is formatted'; Script = '$o = [pscustomobject]@{ a = 1 }; $o | Add-Member ScriptProperty X { $this.X }; $o | Format-List' }
        @{ Group = 'output'; Name = 'ToString of the output'; Script = 'class A { [string] ToString() { return "$this" } }; $Response.ContentType = "text/plain"; [A]::new()' }
        @{ Group = 'errors'; Name = 'a trap'; Script = 'function f { trap { f }; throw 1 }; f' }
        @{ Group = 'errors'; Name = 'a catch'; Script = 'function f { try { throw 1 } catch { f } }; f' }
        @{ Group = 'errors'; Name = 'what catches all'; Script = 'function f { try { f } catch { f } }; f' }
        @{ Group = 'errors'; Name = 'a finally'; Script = 'try { throw 1 } finally { function f { f }; f }' }
        @{ Group = 'errors'; Name = 'what reads the request'; Script = 'function f { $null = $Request.Path; f }; f' }
        @{ Group = 'errors'; Name = 'events'; Script = 'function f { $null = New-Event x; f }; f' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # Asks for each path and then for /ok in a PowerShell of its own. Gives what came of each: the answer, the next, and what was logged.
    function Invoke-There([string[]] $Path, [string] $Setup, [string] $Arguments = '-NoFiles') {
        $result = Invoke-PowerShell @"
Import-Module `$Manifest, `$Support
$Setup
`$server = Open-Server $Arguments -HandlerTimeout 100 -ThrottleLimit 1
foreach (`$path in '$($Path -join "','")') {
    `$first = Invoke-Http "`$(`$server.Uri)`$path"
    `$next = Invoke-Http "`$(`$server.Uri)ok"
    `$told = (Wait-Log `$server { `$_.Message -like '*nested too deeply*' })[-1].Message
    @{ Path = `$path; First = `$first.Status; Next = `$next.Text; Told = `$told; Errors = `$server.ErrorCount } | ConvertTo-Json -Compress
}
"@
        $result.Output -match '^\{' | ConvertFrom-Json
        # How far it came is told by what it put out.
        if ($result.ExitCode -ne 0) { Write-Host "The process ended with $($result.ExitCode): $($result.ErrorText.Substring(0, [math]::Min(500, $result.ErrorText.Length)))" }
    }

    # One process for a group: it takes longer to start than most of them to end.
    $script:there = @{}
    function Get-There([hashtable[]] $Kinds, [string] $Group) {
        if (-not $there[$Group]) {
            $ofGroup = @($Kinds | Where-Object Group -EQ $Group)
            $setup = @("Register-HttpHandler GET /ok { 'ok' }") + @(0..($ofGroup.Count - 1) | ForEach-Object { "Register-HttpHandler GET /$_ { $($ofGroup[$_].Script) }" })
            $answers = @(Invoke-There (0..($ofGroup.Count - 1)) ($setup -join "`n"))
            $there[$Group] = @{}
            foreach ($answer in $answers) { $there[$Group][$ofGroup[[int]$answer.Path].Name] = $answer }
        }

        $there[$Group]
    }
}

Describe 'calls that are nested without end' {
    It 'in <Name> are ended with 500, and the next request is answered' -ForEach ($kinds | ForEach-Object { $_ + @{ Kinds = $kinds } }) {
        $answer = (Get-There $Kinds $Group)[$Name]

        $answer | Should -Not -BeNullOrEmpty -Because 'the process answers to its end'
        $answer.First | Should -Be 500
        $answer.Next | Should -Be 'ok'
        $answer.Errors | Should -BeGreaterThan 0
        $answer.Told | Should -BeLike '*line * char *'
    }

    It 'in a method of -HandlerType are ended with 500' {
        $answer = Invoke-There x @'
$type = & ([scriptblock]::Create('class Deep : Http.Server.BaseHttpRequestHandler {
    [int] Go([int] $n) { return $this.Go($n + 1) }
    [void] DoGet() { if ($this.Path -eq "/ok") { $this.SendText("ok") } else { $this.Go(0) } }
}; [Deep]'))
'@ '-HandlerType $type'

        $answer.First | Should -Be 500
        $answer.Next | Should -Be 'ok'
    }

    It 'in the initialization script are an error of the start' {
        $result = Invoke-PowerShell @'
Import-Module $Manifest, $Support
try { Open-Server -NoFiles -InitializationScript { $b = { $b.Invoke() }; $b.Invoke() } } catch { $_.Exception.Message }
'@

        $result.ExitCode | Should -Be 0 -Because $result.ErrorText
        $result.Output -join ' ' | Should -BeLike '*initialization script failed*nested too deeply*'
    }
}

Describe 'calls that are nested deeply and end' {
    It 'are answered: <Name>' -ForEach @(
        @{ Name = 'a function, 500 times'; Script = 'function f($n) { if ($n -eq 0) { 0 } else { 1 + (f ($n - 1)) } }; f 500'; Expected = '500' }
        @{ Name = 'a method, 300 times'; Script = 'class A { [int] Go([int] $n) { if ($n -eq 0) { return 0 }; return 1 + $this.Go($n - 1) } }; [A]::new().Go(300)'; Expected = '300' }
        @{ Name = 'a pipeline, 100 times'; Script = 'function f($n) { if ($n -eq 0) { "end" } else { ($n - 1) | ForEach-Object { f $_ } } }; f 100'; Expected = 'end' }
    ) {
        $there = Invoke-PowerShell @"
Import-Module `$Manifest, `$Support
`$server = Open-Server -NoFiles -HandlerTimeout 60 -ThrottleLimit 1
Register-HttpHandler GET / { $Script }
(Invoke-Http `$server.Uri).Text
"@
        $there.ExitCode | Should -Be 0 -Because $there.ErrorText
        $there.Output | Should -Be $Expected
    }
}
