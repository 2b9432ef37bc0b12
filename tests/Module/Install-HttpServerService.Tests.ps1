BeforeDiscovery {
    $script:skip = -not $IsLinux
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')
    $script:file = Join-Path $TestDrive 'my site.ps1'
    Set-Content $file 'Start-HttpServer -NoFiles -Bind fd:3 -Wait'
}

Describe 'Install-HttpServerService' -Skip:$skip {
    It 'puts out its units with -WhatIf, and changes nothing' {
        $text = Install-HttpServerService $file -Port 80 -Bind 127.0.0.1 -ArgumentList 'a b', '$x%' -WhatIf
        $text | Should -BeOfType ([string])
        $text | Should -BeLike "*# my-site.service`n*"
        $text | Should -BeLike "*`nListenStream=127.0.0.1:80`n*"
        $text | Should -BeLike "*`"$file`" `"a b`" `"`$`$x%%`"`n*"
        $text | Should -BeLike "*`nDynamicUser=yes`n*"
        $text | Should -BeLike "*`nProtectSystem=strict`n*"
        Test-Path '/etc/systemd/system/my-site.service' | Should -BeFalse
    }

    It 'has no socket without -Port, and numbers those of instances' {
        Install-HttpServerService $file -WhatIf | Should -Not -BeLike '*.socket*'
        $text = Install-HttpServerService $file -Name site -Port 8000 -Instances 2 -User www-data -WritePath /srv/data -WhatIf
        $text | Should -BeLike "*# site@.service`n*# site@1.socket`n*ListenStream=8000`n*# site@2.socket`n*ListenStream=8001`n*"
        $text | Should -BeLike "*`nUser=www-data`n*"
        $text | Should -BeLike "*`nReadWritePaths=/srv/data`n*"
    }

    It 'makes units that systemd finds right and safe' {
        $analyze = Find-Tool systemd-analyze
        if (-not $analyze) {
            Set-ItResult -Skipped -Because 'systemd-analyze is not installed: install the package systemd'
            return
        }

        $units = Join-Path $TestDrive units
        $null = New-Item -ItemType Directory $units
        foreach ($part in (Install-HttpServerService $file -Port 80 -WhatIf) -split '(?m)^(?=# \S+\.(?:service|socket)$)' -ne '') {
            Set-Content (Join-Path $units $part.Substring(2).Split("`n")[0]) $part
        }

        & $analyze verify (Join-Path $units my-site.service) (Join-Path $units my-site.socket) 2>&1 | Where-Object { "$_" -like "*$units*" } | Should -BeNullOrEmpty
        & $analyze security --offline=true --threshold=20 --no-pager (Join-Path $units my-site.service) > $null
        $LASTEXITCODE | Should -Be 0
    }

    It 'tells what is wrong with <Name>' -ForEach @(
        @{ Name = 'a script that is not there'; Parameter = @{ Path = '/missing.ps1' }; Id = 'ScriptNotFound' }
        @{ Name = 'an address without a port'; Parameter = @{ Bind = '127.0.0.1' }; Id = 'PortMissing' }
        @{ Name = 'instances without sockets'; Parameter = @{ Instances = 2 }; Id = 'SocketsMissing' }
        @{ Name = 'a socket of another service'; Parameter = @{ Bind = 'fd:3'; Port = 80 }; Id = 'CannotInstall' }
        @{ Name = 'a name'; Parameter = @{ Name = 'a/b' }; Id = 'ParameterArgumentValidationError' }
    ) {
        $all = @{ Path = $file } + @{}
        foreach ($key in $Parameter.Keys) { $all[$key] = $Parameter[$key] }
        { Install-HttpServerService @all -WhatIf } | Should -Throw -ErrorId "$Id,*"
    }

    It 'says so where systemd or the rights are missing' {
        if ((Test-Path /run/systemd/system) -and [Environment]::IsPrivilegedProcess) {
            Set-ItResult -Skipped -Because 'it would be done here'
            return
        }

        { Install-HttpServerService $file } | Should -Throw -ErrorId 'CannotInstall,*'
        { Uninstall-HttpServerService no-such-service } | Should -Throw -ErrorId 'CannotUninstall,*'
        Uninstall-HttpServerService no-such-service -WhatIf
    }
}
