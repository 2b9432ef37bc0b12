BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:site = (New-Item -ItemType Directory (Join-Path $TestDrive 'site/docs') -Force).Parent.FullName
    Set-Content (Join-Path $site 'index.html') 'home' -NoNewline
    Set-Content (Join-Path $site 'about.html') 'about' -NoNewline
    Set-Content (Join-Path $site 'docs/index.html') 'docs' -NoNewline
}

Describe 'Start-HttpServer' {
    AfterEach { Clear-Session }

    Context '-PortAuto' {
        It 'takes the next free port and tells it' {
            $first = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site
            $second = Start-HttpServer -Port $first.Port -Bind 127.0.0.1 -Directory $site -PortAuto -WarningVariable told -WarningAction SilentlyContinue

            $second.Port | Should -BeGreaterThan $first.Port
            $told | Should -Be "Port $($first.Port) is in use: the next free one is $($second.Port)."
            (Invoke-Http $second.Uri).Text | Should -Be 'home'
        }

        It 'is not what happens without it' {
            $first = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site
            { Start-HttpServer -Port $first.Port -Bind 127.0.0.1 -Directory $site } | Should -Throw -ErrorId 'CannotListen,*'
        }
    }

    Context 'addresses' {
        It 'are those that are listened at' {
            $server = Open-Server -Directory $site
            $server.Addresses | Should -Be $server.Uri
        }

        It 'are localhost and those of the interfaces where all are listened at' {
            $server = Start-HttpServer -Port 0 -Directory $site
            $server.Addresses[0] | Should -Be "http://localhost:$($server.Port)/"
            $own = [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces().ForEach({ $_.GetIPProperties().UnicastAddresses }).ForEach({ $_.Address })
            foreach ($address in $server.Addresses | Select-Object -Skip 1) { [ipaddress]$address.DnsSafeHost | Should -BeIn $own }
        }
    }

    Context '-Open' {
        It 'warns if there is no browser' -Skip:(-not $IsLinux) {
            $before = $env:BROWSER, $env:DISPLAY, $env:WAYLAND_DISPLAY
            try {
                $env:BROWSER, $env:DISPLAY, $env:WAYLAND_DISPLAY = 'false', $null, $null
                $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Open -WarningVariable told -WarningAction SilentlyContinue
                $told | Should -BeLike "No browser could be opened with false*: open $($server.Uri) yourself*"
            }
            finally { $env:BROWSER, $env:DISPLAY, $env:WAYLAND_DISPLAY = $before }
        }

        It 'opens the one that BROWSER names' -Skip:(-not $IsLinux) {
            $script = Join-Path $TestDrive 'browser'
            $seen = Join-Path $TestDrive 'seen'
            Set-Content $script "#!/bin/sh`nprintf '%s' `"`$1`" > '$seen'"
            chmod +x $script
            $before = $env:BROWSER
            try {
                $env:BROWSER = $script
                $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -Directory $site -Open
                Wait-Until { (Get-Content $seen -ErrorAction Ignore) -eq $server.Uri } | Should -BeTrue
            }
            finally { $env:BROWSER = $before }
        }
    }

    Context '-TrailingSlash' {
        It '<Policy> redirects <Path> to <Location>' -ForEach @(
            @{ Policy = 'Auto'; Path = 'docs'; Location = '/docs/' }
            @{ Policy = 'Always'; Path = 'about?x'; Location = '/about/?x' }
            @{ Policy = 'Never'; Path = 'docs/'; Location = '/docs' }
        ) {
            $server = Open-Server -Directory $site -CleanUrls -TrailingSlash $Policy
            (Invoke-Http "$($server.Uri)$Path").Headers.Location | Should -Be $Location
            (Invoke-Http "$($server.Uri)$($Location.Substring(1))").Status | Should -Be 200
        }
    }
}

Describe 'Start-HttpServer -ConfigPath' {
    BeforeAll {
        $script:config = Join-Path $TestDrive 'config.json'
    }

    AfterEach { Clear-Session }

    It 'takes every kind of setting, with paths from the file' {
        Set-Content $config '{ // a site
            "$schema": "x", "port": 0, "bind": "127.0.0.1", "directory": "site", "header": { "X-A": ["1", "2"], "X-B": "b" },
            "cache": 60, "spa": true, "cors": true, "log": "access.log", "log-format": "common", "trailing-slash": "never", "quiet": false,
            "content-type": "text/x-own", "max-body-size": "10M", "cgi-timeout": 5, "port-auto": true, }'
        Set-Content (Join-Path $site 'unknown') 'x'
        $server = Start-HttpServer -ConfigPath $config

        $server.Directory | Should -Be $site
        $answer = Invoke-Http "$($server.Uri)deep/link"
        $answer.Text | Should -Be 'home'
        $answer.Headers['X-A'], $answer.Headers['X-B'] | Should -Be '1, 2', 'b'
        $answer.Headers['Cache-Control'], $answer.Headers['Access-Control-Allow-Origin'] | Should -Be 'public, max-age=60', '*'
        (Invoke-Http "$($server.Uri)docs/").Headers.Location | Should -Be '/docs'
        (Invoke-Http "$($server.Uri)unknown").Type | Should -BeLike 'text/x-own*'
        Stop-HttpServer
        Get-Content (Join-Path $TestDrive 'access.log') -Raw | Should -Match 'GET /deep/link'
    }

    It 'gives way to parameters' {
        Set-Content $config '{ "port": 1, "bind": "192.0.2.1", "directory": "none", "tls-cert": "none.pem", "clean-urls": true }'
        $server = Start-HttpServer 0 -Bind 127.0.0.1 -Directory $site -SelfSigned -ConfigPath $config

        $server.Uri.Scheme | Should -Be 'https'
        Invoke-RestMethod "$($server.Uri)about" -SkipCertificateCheck -NoProxy | Should -Be 'about'
    }

    It 'tells what is wrong: <Text>' -ForEach @(
        @{ Text = '{ "drectory": "x" }'; Problem = ', line 1, column 3: there is no setting "drectory"; did you mean "directory"?' }
        @{ Text = "{`n  `"port`": `"1`" }"; Problem = ', line 2, column 11: "port" is a whole number, without quotes.' }
        @{ Text = '{ "cache": 99999999 }'; Problem = ', line 1, column 3: -CacheSeconds takes a number from 0 to 31536000.' }
        @{ Text = '{ "protocol": "HTTP/2" }'; Problem = ', line 1, column 3: -Protocol takes HTTP/1.1 or HTTP/1.0.' }
        @{ Text = '{ "symlinks": "maybe" }'; Problem = ', line 1, column 3: -Symlinks does not take this: *Inside*' }
        @{ Text = '{ "port": }'; Problem = ', line 1, column 11: this is not JSON: *' }
    ) {
        Set-Content $config $Text -NoNewline
        $failure = { Start-HttpServer -Port 0 -ConfigPath $config } | Should -Throw -ErrorId 'ConfigurationInvalid,*' -PassThru
        if ($Problem -notlike '*[*]*') { $failure.Exception.Message | Should -BeExactly "$config$Problem" }
        else { $failure.Exception.Message.StartsWith($config) | Should -BeTrue; $failure.Exception.Message | Should -BeLike "*$Problem" }
    }

    It 'tells that a file cannot be read' {
        { Start-HttpServer -ConfigPath (Join-Path $TestDrive 'none.json') } | Should -Throw -ErrorId 'ConfigurationNotReadable,*'
    }

    It 'has a parameter for each setting of the table, of its type and with its words' {
        $parameters = (Get-Command Start-HttpServer).Parameters
        $names = [Http.Server.PowerShell.HttpServerInstance].Assembly.GetType('Http.Server.PowerShell.Servers.ConfigParameters').GetMethod('NameOf')
        $types = @{
            Switch        = @([switch])
            Number        = @([int], [Nullable[int]], [double], [Nullable[double]])
            NumberOrText  = @([long], [int])
            Text          = @([string], [securestring], [hashtable])
            SwitchOrText  = @([string])
            Texts         = @(, [string[]])
            SwitchOrTexts = @(, [string[]])
            Pairs         = @([hashtable])
        }
        # A QR code is drawn by the command line alone.
        foreach ($setting in [Http.Server.Hosting.SettingsTable]::All | Where-Object Name -NE 'qr') {
            $name = $names.Invoke($null, [object[]]@($setting.Name))
            $parameters.Keys | Should -Contain $name -Because "'$($setting.Name)' is to be taken by -ConfigPath"
            $parameter = $parameters[$name]
            if ($parameter.ParameterType.IsEnum) {
                [enum]::GetNames($parameter.ParameterType) | Where-Object { $_ -in $setting.Choices } | Should -HaveCount $setting.Choices.Count -Because $name
            } else {
                $parameter.ParameterType -in $types["$($setting.Kind)"] | Should -BeTrue -Because "-$name is $($setting.Kind), not $($parameter.ParameterType)"
                if ($setting.Choices) {
                    ($parameter.Attributes | Where-Object { $_ -is [ValidateSet] }).ValidValues | Sort-Object | Should -Be ($setting.Choices | Sort-Object) -Because $name
                }
            }
            if ("$($setting.Kind)" -like 'SwitchOr*') { $setting.BareValue | Should -Not -BeNullOrEmpty -Because "'$($setting.Name)' may be true" }
        }
    }
}
