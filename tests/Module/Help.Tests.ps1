BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '../..'
    $script:commands = (Import-PowerShellDataFile (Join-Path $root 'HttpServer.psd1')).CmdletsToExport
    $script:topics = 'about_HttpServer', 'about_HttpServer_Handlers'

    # Every piece of PowerShell in the help, with what it is said to put out.
    $pattern = '(?ms)^(?:#{2,3} (?<heading>[^\n]+)$|```powershell\n(?<code>.*?)^```$(?:\s+^```Output\n(?<output>.*?)^```$)?)'
    $script:examples = foreach ($file in Get-ChildItem (Join-Path $root 'module/help') -Filter *.md) {
        $number = 0
        foreach ($match in [regex]::Matches((Get-Content $file -Raw).ReplaceLineEndings("`n"), $pattern)) {
            if ($match.Groups['heading'].Success) { $heading = $match.Groups['heading'].Value; continue }
            $number++
            @{
                Name   = "$($file.BaseName) $number ($heading)"
                Code   = $match.Groups['code'].Value
                Output = $match.Groups['output'].Success ? @($match.Groups['output'].Value.TrimEnd() -split '\n') : $null
            }
        }
    }
}

BeforeAll {
    $script:root = Join-Path $PSScriptRoot '../..'
    Import-Module (Join-Path $root 'HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
    $script:topics = 'about_HttpServer', 'about_HttpServer_Handlers'
}

Describe 'The help of <_>' -ForEach $commands {
    BeforeAll {
        $script:command = Get-Command $_ -Module HttpServer
        $script:help = Get-Help $_ -Full
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        # One that is there for the sake of its error alone is not shown.
        $script:parameters = @($command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.Attributes.DontShow -notcontains $true })
    }

    It 'has a synopsis and a description' {
        # Without a help file both are made of the syntax, or not there.
        $help.Synopsis | Should -Match '\.$'
        $help.Synopsis | Should -Not -Match "^\s*$_ "
        $help.description.Text -join ' ' | Should -Match '\w+ \w+.*\.'
    }

    It 'describes every parameter, and none that is not there' {
        $help.parameters.parameter.name | Sort-Object | Should -Be ($parameters.Name | Sort-Object)
        foreach ($parameter in $help.parameters.parameter) {
            $parameter.description.Text -join ' ' | Should -Match '\w+ \w+.*\.' -Because "-$($parameter.name) is to be described"
            $parameter.defaultValue | Should -Not -BeNullOrEmpty -Because "-$($parameter.name) has a default, be it none"
        }
    }

    It 'tells of every parameter what the command takes' {
        foreach ($parameter in $parameters) {
            $told = $help.parameters.parameter | Where-Object name -EQ $parameter.Name
            $sets = @($parameter.ParameterSets.Values)
            $told.required | Should -Be "$($sets.IsMandatory -contains $true)" -Because "of -$($parameter.Name)"
            $ways = @(
                if ($sets.ValueFromPipeline -contains $true) { 'ByValue' }
                if ($sets.ValueFromPipelineByPropertyName -contains $true) { 'ByPropertyName' }
            )
            $pipeline = $ways ? "true ($($ways -join ', '))" : 'false'
            $told.pipelineInput | Should -Be $pipeline -Because "of -$($parameter.Name)"
            $position = $sets.Position | Where-Object { $_ -ge 0 } | Select-Object -First 1
            $told.position | Should -Be ($null -eq $position ? 'Named' : "$position") -Because "of -$($parameter.Name)"
            $wildcards = [bool] ($parameter.Attributes | Where-Object { $_ -is [SupportsWildcards] })
            $told.globbing | Should -Be "$wildcards" -Because "of -$($parameter.Name)"
        }
    }

    It 'has the syntax of the command' {
        @($help.syntax.syntaxItem).Count | Should -Be $command.ParameterSets.Count
        foreach ($set in $command.ParameterSets) {
            $own = @($set.Parameters.Name | Where-Object { $_ -in $parameters.Name } | Sort-Object)
            $told = $help.syntax.syntaxItem | Where-Object { -not (Compare-Object @($_.parameter.name) $own) }
            $told | Should -Not -BeNullOrEmpty -Because "the syntax $($set.Name) is to be there"
        }
    }

    It 'has at least two examples, with a title each' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.title | Should -Match 'Example \d+: \w+'
            $example.code | Should -Match '-Http(Server|Handler|PasswordHash|Authentication|Timer)'
            $example.code | Should -Not -Match '```'
        }
    }

    It 'says what it takes, what it returns, and what else there is to know' {
        $help.inputTypes.inputType.type.name | Should -Not -BeNullOrEmpty
        $help.returnValues.returnValue.type.name | Should -Not -BeNullOrEmpty
        $help.alertSet.alert.Text -join ' ' | Should -Match '\w+ \w+.*\.'
    }

    It 'links to commands and topics that are there' {
        $links = @($help.relatedLinks.navigationLink.linkText)
        $links.Count | Should -BeGreaterThan 1
        foreach ($link in $links) {
            $link | Should -BeIn @($topics + (Get-Command -Module HttpServer).Name)
        }
    }

    It 'has no trace of Markdown' {
        $help | Out-String -Width 200 | Should -Not -Match '`|\*\*|\]\(|\{\{|\u0080'
    }
}

Describe 'The parameters of Start-HttpServer' {
    BeforeAll {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        $script:own = (Get-Command Start-HttpServer).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
    }

    It 'are each in one group of the help' {
        $groups = (Get-Help Start-HttpServer).description.Text -match '^\w+ \([^)]+\): -\w'
        $groups.Count | Should -BeGreaterThan 5
        [regex]::Matches($groups -join ' ', ' -(\w+)').ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -Be $own
    }

    It 'are each in one group of the document' {
        $groups = @(Get-Content (Join-Path $root docs/powershell.md)) -match '^\| \w+: [^|]+ \| `-'
        $groups.Count | Should -BeGreaterThan 5
        [regex]::Matches($groups -join ' ', '`-(\w+)`').ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -Be $own
    }
}

Describe 'The topic <_>' -ForEach $topics {
    It 'is found once the module has been imported from the folder of the repository' {
        $text = Get-Help $_

        $text | Should -BeOfType [string]
        ($text -split '\r?\n')[0..1].Trim() | Should -Be 'TOPIC', $_
    }

    It 'has a short description, which a list of topics shows' {
        (Get-Help "$_*" | Where-Object Name -EQ $_).Synopsis | Should -Match '^[A-Z].+\.$'
    }

    It 'fits into 80 columns, but for code' {
        (Get-Help $_) -split '\r?\n' -notmatch '^ {8}' | Where-Object Length -GT 80 | Should -BeNullOrEmpty
    }

    It 'has no trace of Markdown' {
        # In code a backquote is PowerShell's.
        (Get-Help $_) -split '\r?\n' -notmatch '^ {8}' -match '`|\*\*|\]\(|^#' | Should -BeNullOrEmpty
    }

    It 'names only parameters that there are' {
        $known = (Get-Command -Module HttpServer).Parameters.Values.Name
        $section = (Get-Content (Join-Path $root "module/help/$_.md") -Raw) -replace '(?s)## MOVING FROM.*?(?=## SEE ALSO)'
        $inText = [regex]::Replace($section, '(?ms)^```.*?^```$', '')
        $named = [regex]::Matches($inText, '`-(?<name>[A-Z]\w+)').ForEach({ $_.Groups['name'].Value })
        $named.Count | Should -BeGreaterThan 0
        $named | Where-Object { $_ -notin $known } | Should -BeNullOrEmpty
    }
}

Describe 'The help of an installed module' {
    BeforeAll {
        $module = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules/HttpServer/module')
        Copy-Item (Join-Path $root 'HttpServer.psd1') $module.Parent
        Copy-Item (Join-Path $root 'module/HttpServer.format.ps1xml') $module
        Copy-Item (Join-Path $root 'module/bin') $module -Recurse
        $script:installed = Invoke-PowerShell @"
`$env:PSModulePath = '$($module.Parent.Parent.FullName.Replace("'", "''"))'
(Get-Help about_HttpServer).Length -gt 1000
(Get-Help Start-HttpServer).Synopsis
(Get-Module HttpServer).ModuleBase
Import-Module HttpServer
((Get-Help about_HttpServer_Handlers) -split '\r?\n')[1].Trim()
(Get-Help Register-HttpHandler -Parameter Path).description.Text
"@
    }

    It 'is found before the module has been imported' {
        $installed.ErrorText | Should -BeNullOrEmpty
        $installed.Output[0] | Should -Be 'True'
        $installed.Output[1] | Should -Be (Get-Help Start-HttpServer).Synopsis
    }

    It 'is found when the module has been imported' {
        $installed.Output[3] | Should -Be 'about_HttpServer_Handlers'
        $installed.Output[4] | Should -Match '\w+ \w+'
    }
}

Describe 'An example' {
    It 'of <Name> runs, leaves no server and puts out what it is said to' -ForEach $examples {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid()))
        Push-Location $folder
        try {
            $result = Invoke-PowerShell @"
Import-Module `$Manifest
$Code
if (`$Error) { `$Error | Out-String -Stream | ForEach-Object { [Console]::Error.WriteLine(`$_) } }
Get-HttpServer | ForEach-Object { [Console]::Error.WriteLine("`$_ is left.") }
"@
        }
        finally {
            Pop-Location
        }

        $result.ErrorText | Should -BeNullOrEmpty
        $result.ExitCode | Should -Be 0
        if ($null -ne $Output) { $result.Output.TrimEnd() | Should -Be $Output }
    }
}

Describe 'The files of the help' {
    It 'are what the Markdown gives' {
        if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
            Set-ItResult -Skipped -Because 'it needs Microsoft.PowerShell.PlatyPS: Install-PSResource Microsoft.PowerShell.PlatyPS'
        }

        $fresh = Join-Path $TestDrive 'fresh'
        $update = Join-Path $root 'module/help/Update-ModuleHelp.ps1'
        $result = Invoke-PowerShell "& '$($update.Replace("'", "''"))' -OutputPath '$($fresh.Replace("'", "''"))'"

        $result.ErrorText | Should -BeNullOrEmpty
        $committed = Get-ChildItem (Join-Path $root 'module/en-US')
        (Get-ChildItem $fresh).Name | Should -Be $committed.Name
        foreach ($file in $committed) {
            $different = Compare-Object (Get-Content $file) (Get-Content (Join-Path $fresh $file.Name)) | Select-Object -First 4
            $different.InputObject | Should -BeNullOrEmpty -Because "$($file.Name) is made from Markdown: run Update-ModuleHelp.ps1"
        }
    }

    It 'are those that the build has copied' {
        foreach ($file in Get-ChildItem (Join-Path $root 'module/en-US')) {
            Get-Content (Join-Path $root "module/bin/en-US/$($file.Name)") -Raw | Should -Be (Get-Content $file -Raw)
        }
    }

    It 'have Markdown that PlatyPS finds well-formed' {
        if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
            Set-ItResult -Skipped -Because 'it needs Microsoft.PowerShell.PlatyPS: Install-PSResource Microsoft.PowerShell.PlatyPS'
        }

        $files = (Join-Path $root 'module/help/*-Http*.md').Replace("'", "''")
        $result = Invoke-PowerShell @"
Import-Module Microsoft.PowerShell.PlatyPS
Get-ChildItem '$files' | ForEach-Object { Test-MarkdownCommandHelp -Path `$_.FullName }
"@

        $result.ErrorText | Should -BeNullOrEmpty
        $result.Output | Should -Not -Contain 'False'
        @($result.Output -eq 'True').Count | Should -Be (Get-Command -Module HttpServer).Count
    }
}
