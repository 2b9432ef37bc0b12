BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    function global:Get-Greeting { [CmdletBinding()] param([ValidateSet('Hello', 'Bye')] [string] $Word = 'Hello', [Parameter(Mandatory)] [string] $Name, [switch] $Loud) "$Word $Name $Loud" }
    function global:Set-Thing($Value) { "set $Value" }

    $script:server = Open-Server -Function Get-Greeting, Set-Thing
}

AfterAll {
    Clear-Session
    Remove-Item Function:Get-Greeting, Function:Set-Thing, Function:Get-Own -ErrorAction Ignore
}

Describe 'Publish-HttpCommand' {
    It 'makes an endpoint of a cmdlet, with the parameters that are named' {
        $handler = Publish-HttpCommand Get-Process -Path /processes -Parameter Id, Name -PassThru
        $handler.Method, $handler.Path | Should -Be 'GET', '/processes'
        $answer = Invoke-Http "$($server.Uri)processes?id=$PID"
        $answer.Status | Should -Be 200
        ($answer.Text | ConvertFrom-Json).Id | Should -Be $PID
        (Invoke-Http "$($server.Uri)processes?id=$PID" -Header @{ Accept = 'text/html' }).Type | Should -BeLike 'text/html*'
        (Invoke-Http "$($server.Uri)processes?id=$PID&format=csv").Type | Should -BeLike 'text/csv*'
    }

    It 'binds what the path has too' {
        Publish-HttpCommand Get-Process '/process/{Id}' Id
        ((Invoke-Http "$($server.Uri)process/$PID").Text | ConvertFrom-Json).Id | Should -Be $PID
    }

    It 'passes no other parameter on, and never a common one' {
        Publish-HttpCommand Get-Random -Path /random -Parameter Maximum -Force
        foreach ($try in 1..3) {
            $answer = Invoke-Http "$($server.Uri)random?maximum=1&Minimum=-100&InputObject=x&Count=5&OutVariable=x&Verbose&ErrorAction=Ignore"
            $answer.Status, $answer.Text | Should -Be 200, '0'
        }
    }

    It 'refuses what does not bind, as the command''s own attributes say' {
        Publish-HttpCommand Get-Greeting -Path /greeting -Parameter Word, Name, Loud
        (Invoke-Http "$($server.Uri)greeting?name=a&loud").Text | Should -Be 'Hello a True'
        foreach ($case in @{ q = 'name=a&word=Ciao'; p = 'Word' }, @{ q = 'word=Bye'; p = 'Name' }) {
            $answer = Invoke-Http "$($server.Uri)greeting?$($case.q)"
            $answer.Status, $answer.Type | Should -Be 400, 'application/problem+json'
            ($answer.Text | ConvertFrom-Json).errors.parameter | Should -Be $case.p
        }
    }

    It 'answers 404 for what is not found, and 500 for other errors' {
        Publish-HttpCommand Get-Item -Path /item -Parameter LiteralPath
        (Invoke-Http "$($server.Uri)item?literalPath=$([uri]::EscapeDataString((Join-Path $TestDrive none)))").Status | Should -Be 404
        Publish-HttpCommand Get-Date -Path /date -Parameter UFormat, Format
        (Invoke-Http "$($server.Uri)date?uformat=a&format=b").Status | Should -Be 400
    }

    It 'is for POST where the command changes something by its verb, unless it is said otherwise' {
        (Publish-HttpCommand Set-Thing -Path /thing -Parameter Value -PassThru).Method | Should -Be 'POST'
        (Invoke-Http "$($server.Uri)thing" -Method POST -Body '{"Value":5}' -ContentType application/json).Text | Should -Be 'set 5'
        (Publish-HttpCommand Set-Thing -Path /thing2 -Parameter Value -Method PUT, DELETE -PassThru).Method | Should -Be 'PUT', 'DELETE'
    }

    It 'takes commands by the pipeline, and aliases' {
        (Get-Command Get-Uptime | Publish-HttpCommand -Path /uptime -PassThru).Path | Should -Be '/uptime'
        (Publish-HttpCommand gps /aliased Name -PassThru).ScriptBlock.ToString() | Should -BeLike '*Get-Process*'
    }

    It 'refuses <Text>' -ForEach @(
        @{ Text = 'a common parameter'; Arguments = @{ Command = 'Get-Process'; Parameter = 'Verbose' }; Id = 'ParameterCommon*' }
        @{ Text = 'another common parameter'; Arguments = @{ Command = 'Stop-Process'; Parameter = 'whatif' }; Id = 'ParameterCommon*' }
        @{ Text = 'a parameter that takes a script'; Arguments = @{ Command = 'Where-Object'; Parameter = 'FilterScript' }; Id = 'ParameterIsScript*' }
        @{ Text = 'a parameter that takes scripts'; Arguments = @{ Command = 'ForEach-Object'; Parameter = 'Process' }; Id = 'ParameterIsScript*' }
        @{ Text = 'a parameter that is not there'; Arguments = @{ Command = 'Get-Process'; Parameter = 'Nonsense' }; Id = 'ParameterNotFound*' }
        @{ Text = 'a command that cannot do without another'; Arguments = @{ Command = 'Get-Greeting'; Parameter = 'Word' }; Id = 'ParameterMandatory*' }
        @{ Text = 'a command that is not there'; Arguments = @{ Command = 'Get-Nonsense' }; Id = 'CommandNotFound*' }
        @{ Text = 'a pattern that is none'; Arguments = @{ Command = 'Get-Process' }; Path = 'x'; Id = 'PatternInvalid*' }
    ) {
        { Publish-HttpCommand @Arguments -Path ($Path ?? '/refused') } |
            Should -Throw -ErrorId $Id
    }

    It 'has users, roles and a rate, as handlers have' {
        Register-HttpAuthentication Api -Force -Bearer { param($Token) @{ Name = $Token; Roles = $Token } }
        $handler = Publish-HttpCommand Get-Uptime -Path /guarded -Authentication Api -Role ops -RateLimit 2/m -RateKey User -AllowCrossSite -PassThru
        "$($handler.Authentication) $($handler.Role) $($handler.AllowCrossSite)" | Should -Be 'Api ops True'
        (Invoke-Http "$($server.Uri)guarded").Status | Should -Be 401
        (Invoke-Http "$($server.Uri)guarded" -Header @{ Authorization = 'Bearer anna' }).Status | Should -Be 403
        1..3 | ForEach-Object { (Invoke-Http "$($server.Uri)guarded" -Header @{ Authorization = 'Bearer ops' }).Status } | Should -Be 200, 200, 429
        (Publish-HttpCommand Get-Uptime -Path /open -PassThru).AllowCrossSite | Should -BeFalse
        { Publish-HttpCommand Get-Uptime -Path /no -Authentication None } | Should -Throw -ErrorId 'AuthenticationNotFound*'
        { Publish-HttpCommand Get-Uptime -Path /no -RateLimit often } | Should -Throw -ErrorId 'RateLimit*'
        (TabExpansion2 'Publish-HttpCommand Get-Uptime /x -Authentication A').CompletionMatches.CompletionText | Should -Contain 'Api'
        (TabExpansion2 'Publish-HttpCommand Get-Uptime /x -RateKey ').CompletionMatches.CompletionText | Should -Contain 'User'
        Unregister-HttpAuthentication Api
    }

    It 'refuses a function that the handlers do not have' {
        function global:Get-Own { 1 }
        { Publish-HttpCommand Get-Own -Path /own } | Should -Throw '*-Function Get-Own*' -ErrorId 'FunctionNotShared*'
    }

    It 'can be asked what it would do' {
        Publish-HttpCommand Get-Date -Path /whatif -WhatIf
        Get-HttpHandler | Where-Object Path -eq /whatif | Should -BeNullOrEmpty
    }
}
