BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:one = Open-Server -Name One
    $script:two = Open-Server -Name Two
    $script:third = Open-Server -Name 'The third'
}

AfterAll {
    Clear-Session
}

Describe 'Get-HttpServer' {
    It 'gives all servers of the session, in the order they were started' {
        (Get-HttpServer).Name | Should -Be 'One', 'Two', 'The third'
    }

    It 'gives the very objects that Start-HttpServer gave' {
        [object]::ReferenceEquals((Get-HttpServer One), $one) | Should -BeTrue
    }

    It 'finds servers by name, with wildcards and in any case' {
        (Get-HttpServer two).Port | Should -Be $two.Port
        (Get-HttpServer T*).Name | Should -Be 'Two', 'The third'
        (Get-HttpServer -Name 'the third', One).Name | Should -Be 'The third', 'One'
    }

    It 'finds servers by number and by port' {
        (Get-HttpServer -Id $two.Id, $one.Id).Name | Should -Be 'Two', 'One'
        (Get-HttpServer -Port $third.Port).Name | Should -Be 'The third'
    }

    It 'gives each server once' {
        @(Get-HttpServer -Name One, O*).Count | Should -Be 1
    }

    It 'reports what is not there' {
        $failure = Get-Failure { Get-HttpServer Nobody }

        $failure.Id | Should -Be 'ServerNotFound'
        $failure.Category | Should -Be 'ObjectNotFound'
        $failure.IsTerminating | Should -BeFalse
        (Get-Failure { Get-HttpServer -Id 123456 }).Id | Should -Be 'ServerNotFound'
        (Get-Failure { Get-HttpServer -Port 1 }).Id | Should -Be 'ServerNotFound'
        Get-HttpServer Nob* | Should -BeNullOrEmpty
    }

    It 'does not show a server that has been stopped' {
        $passing = Open-Server -Name Passing
        $passing | Stop-HttpServer

        (Get-HttpServer).Name | Should -Not -Contain 'Passing'
    }

    It 'does not show the servers of another session in the same process' {
        $shell = [powershell]::Create().AddScript("Import-Module '$(Join-Path $PSScriptRoot '../../HttpServer.psd1')'; @(Get-HttpServer).Count")
        try {
            $shell.Invoke() | Should -Be 0
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }

        $one.State | Should -Be 'Running'
    }

    It 'shows a handler the servers of its session' {
        $server = Open-Server -Module (Join-Path $PSScriptRoot '../../HttpServer.psd1') -Name Asked
        $server | Register-HttpHandler GET /list { (Get-HttpServer).Name -join ' ' }

        (Invoke-Http "$($server.Uri)list").Text | Should -Be 'One Two The third Asked'
    }
}
