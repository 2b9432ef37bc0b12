# What handlers must not do to others is done here on purpose.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidGlobalVars', '', Justification = 'The subject of the tests.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingEmptyCatchBlock', '', Justification = 'The subject of the tests.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingInvokeExpression', '', Justification = 'The subject of the tests.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'The subject of the tests.')]
param()

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # One worker, so that each request meets what the one before has left.
    $script:server = Open-Server -ThrottleLimit 1
    Register-HttpHandler GET /look {
        $look = [ordered]@{}
        foreach ($name in 'Leaked', 'ErrorActionPreference', 'VerbosePreference', 'OFS', 'LASTEXITCODE') { $look[$name] = "$(Get-Variable $name -ValueOnly -ErrorAction Ignore)" }
        $look.Errors = $Error.Count
        $look.Location = "$PWD"
        $look.Stack = @(Get-Location -Stack -ErrorAction Ignore).Count
        $look.Function = [bool](Get-Command Get-Leaked -ErrorAction Ignore)
        $look.Alias = [bool](Get-Alias leaked -ErrorAction Ignore)
        $look.Drive = [bool](Get-PSDrive Leaked -ErrorAction Ignore)
        $look.Defaults = $PSDefaultParameterValues.Count
        $look.Culture = [cultureinfo]::CurrentCulture.Name
        $look.UICulture = [cultureinfo]::CurrentUICulture.Name
        $look
    }
    $script:before = (Invoke-Http "$($server.Uri)look").Text
}

AfterAll {
    Clear-Session
}

Describe 'what a request leaves behind' {
    It 'is nothing of <Name>' -ForEach @(
        @{ Name = 'a local variable'; Handler = { $Leaked = 1 } }
        @{ Name = 'a global variable'; Handler = { $global:Leaked = 1 } }
        @{ Name = 'a script variable'; Handler = { $script:Leaked = 1 } }
        @{ Name = 'a variable of a command'; Handler = { Set-Variable -Name Leaked -Value 1 -Scope Global } }
        @{ Name = 'a variable of a method'; Handler = { $ExecutionContext.SessionState.PSVariable.Set('global:Leaked', 1) } }
        @{ Name = 'a variable of an expression'; Handler = { Invoke-Expression '$global:Leaked = 1' } }
        @{ Name = 'a variable of a parameter'; Handler = { Get-Date -OutVariable global:Leaked } }
        @{ Name = 'a constant'; Handler = { Set-Variable -Name Leaked -Value 1 -Scope Global -Option Constant } }
        @{ Name = 'a read-only variable'; Handler = { Set-Variable -Name Leaked -Value 1 -Scope Global -Option ReadOnly } }
        @{ Name = 'a preference'; Handler = { $ErrorActionPreference = 'Stop'; $global:ErrorActionPreference = 'Stop'; $global:VerbosePreference = 'Continue' } }
        @{ Name = 'a changed built-in variable'; Handler = { $global:OFS = '-' } }
        @{ Name = 'a removed variable'; Handler = { Remove-Variable VerbosePreference -Scope Global -Force } }
        @{ Name = 'an error'; Handler = { try { throw 'x' } catch { }; Write-Error 'y' } }
        @{ Name = 'the location'; Handler = { Set-Location ([IO.Path]::GetTempPath()) } }
        @{ Name = 'a pushed location'; Handler = { Push-Location ([IO.Path]::GetTempPath()) } }
        @{ Name = 'a function'; Handler = { function global:Get-Leaked { } } }
        @{ Name = 'a function of a command'; Handler = { Set-Item Function:global:Get-Leaked { } } }
        @{ Name = 'an alias'; Handler = { Set-Alias leaked Get-Date -Scope Global } }
        @{ Name = 'a drive'; Handler = { New-PSDrive -Name Leaked -PSProvider FileSystem -Root ([IO.Path]::GetTempPath()) -Scope Global } }
        @{ Name = 'a default of a parameter'; Handler = { $PSDefaultParameterValues['*:Verbose'] = $true } }
        @{ Name = 'the culture'; Handler = { [cultureinfo]::CurrentCulture = 'de-DE'; [cultureinfo]::CurrentUICulture = 'de-DE' } }
    ) {
        Register-HttpHandler GET /leave -Force -ScriptBlock $Handler
        $null = Invoke-Http "$($server.Uri)leave"
        (Invoke-Http "$($server.Uri)look").Text | Should -BeExactly $before
        # The same from a handler whose text shows nothing of it, and when it ends with an error.
        Register-HttpHandler GET /leave -Force -ScriptBlock ([scriptblock]::Create("& { $Handler }`nthrow 'after'"))
        $null = Invoke-Http "$($server.Uri)leave"
        (Invoke-Http "$($server.Uri)look").Text | Should -BeExactly $before
    }

    It 'is what a native program has left, too' {
        Register-HttpHandler GET /native { & (Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')) -NoProfile -Command 'exit 3'; "$LASTEXITCODE" }
        (Invoke-Http "$($server.Uri)native").Text | Should -Be '3'
        (Invoke-Http "$($server.Uri)look").Text | Should -BeExactly $before
    }

    It 'keeps what the server was started with' {
        $own = Open-Server -ThrottleLimit 1 -Variable @{ Config = @{ name = 'n' }; Number = 1 } -InitializationScript { $global:Setting = 'set'; function Get-Own { 'own' } }
        Register-HttpHandler GET /change -Server $own { $global:Number = 2; $global:Setting = 'changed'; Remove-Item Function:Get-Own; 'x' }
        Register-HttpHandler GET /kept -Server $own { "$Number $Setting $(Get-Own) $($Config.name)" }
        (Invoke-Http "$($own.Uri)kept").Text | Should -Be '1 set own n'
        $null = Invoke-Http "$($own.Uri)change"
        (Invoke-Http "$($own.Uri)kept").Text | Should -Be '1 set own n'
    }

    It 'is seen by no request at the same time' {
        $many = Open-Server -ThrottleLimit 4
        Register-HttpHandler GET '/mine/{id}' -Server $many {
            $global:Mine = $Request.RouteValues.id
            $own = $Request.RouteValues.id
            1..20 | ForEach-Object { $null = $_ * 2 }
            "$($Request.RouteValues.id) $own $global:Mine $($this.Path) $($Request.Query.q)"
        }
        $wrong = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            $client = [System.Net.Http.HttpClient]::new()
            foreach ($number in 1..100) {
                $id = "$_-$number"
                $text = $client.GetStringAsync("$(($using:many).Uri)mine/$($id)?q=$id").GetAwaiter().GetResult()
                if ($text -cne "$id $id $id /mine/$($id)?q=$id $id") { "$($id): $text" }
            }
        }
        $wrong | Should -BeNullOrEmpty
    }
}

# The engine writes into a tree while it compiles it: workers that are new must not do so in the same one at the same time.
Describe 'the tree of a script' {
    BeforeAll {
        # Keeps the tree that the worker runs, and waits until three workers have done so.
        $script:keep = 'while ($tree.Parent) { $tree = $tree.Parent }; $Shared[[runspace]::DefaultRunspace.Id] = $tree; while ($Shared.Count -lt 3) { Start-Sleep -Milliseconds 5 }'
    }

    It 'is of one worker alone in <Of>' -ForEach @(
        @{ Of = 'a handler'; Handler = '$tree = { }.Ast; KEEP; 1' }
        @{ Of = 'a handler with classes'; Handler = 'class Own { } $tree = { }.Ast; KEEP; 1' }
        @{ Of = 'a handler that is a command'; Handler = 'process { $tree = { }.Ast; KEEP; 1 }' }
        @{ Of = 'a handler with session values'; Handler = '$tree = { $using:keep }.Ast; KEEP; 1' }
        @{ Of = 'a filter'; Filter = '$tree = { }.Ast; KEEP' }
        @{ Of = 'an authentication'; Bearer = 'param($Token) $tree = { }.Ast; KEEP; $Token' }
        @{ Of = 'the initialization script'; Start = '$own = { }.Ast'; Handler = '$tree = $own; KEEP; 1' }
        @{ Of = 'the initialization script with classes'; Start = 'class Own { } $own = { }.Ast'; Handler = '$tree = $own; KEEP; 1' }
    ) {
        $blocks = @{}
        foreach ($name in 'Handler', 'Filter', 'Bearer', 'Start') {
            if ($_[$name]) { $blocks[$name] = [scriptblock]::Create($_[$name].Replace('KEEP', $keep)) }
        }

        $start = if ($blocks.Start) { @{ InitializationScript = $blocks.Start } } else { @{} }
        $own = Open-Server -ThrottleLimit 3 @start
        try {
            $guard = @{}
            if ($blocks.Bearer) { $guard.Authentication = (Register-HttpAuthentication -Name Own -Bearer $blocks.Bearer -Force -PassThru).Name }
            $handler = if ($blocks.Handler) { $blocks.Handler } else { { 'answer' } }
            Register-HttpHandler GET /tree $handler -Server $own -Force @guard
            if ($blocks.Filter) { Register-HttpFilter -Path /tree -ScriptBlock $blocks.Filter -Server $own }
            $answers = (1..3 | ForEach-Object { Send-Request "$($own.Uri)tree" -Header @{ Authorization = "Bearer anna$_" } }) | Receive-Answer

            $answers.Status | Should -Be 200, 200, 200
            $trees = @($own.Shared.Values)
            $trees.Count | Should -Be 3
            foreach ($at in 0..2) { [object]::ReferenceEquals($trees[$at], $trees[($at + 1) % 3]) | Should -BeFalse }
        }
        finally {
            $own | Stop-HttpServer -Force
        }
    }
}
