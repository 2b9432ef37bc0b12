@{
    # Help is found beside nested modules, not beside a root module. The build makes the second one: the place of the about topics.
    NestedModules        = @('module/bin/HttpServer.PowerShell.dll', 'module/bin/HttpServer.Help.psd1')
    FormatsToProcess     = @('module/HttpServer.format.ps1xml')
    # The one place where the version is written: the build reads it from here.
    ModuleVersion        = '0.3.0'
    GUID                 = 'bcf0a818-75aa-4840-b9f6-37cb8c568b43'
    Author               = 'The HttpServer authors'
    CompanyName          = 'HttpServer'
    Copyright            = '(c) The HttpServer authors. MIT licence.'
    Description          = 'A fast HTTP server for PowerShell: serve a directory with one line, answer requests with scriptblocks and PowerShell classes, run CGI programs.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    CmdletsToExport      = @(
        'Get-HttpAuthentication'
        'Get-HttpFilter'
        'Get-HttpHandler'
        'Get-HttpServer'
        'Get-HttpTask'
        'Get-HttpTimer'
        'Install-HttpServerService'
        'New-HttpPasswordHash'
        'Publish-HttpCommand'
        'Receive-HttpServerLog'
        'Register-HttpAuthentication'
        'Register-HttpEventStream'
        'Register-HttpFilter'
        'Register-HttpHandler'
        'Register-HttpTimer'
        'Restart-HttpServer'
        'Send-HttpEvent'
        'Send-HttpFile'
        'Send-HttpMessage'
        'Start-HttpServer'
        'Start-HttpTask'
        'Stop-HttpServer'
        'Stop-HttpTask'
        'Uninstall-HttpServerService'
        'Unregister-HttpAuthentication'
        'Unregister-HttpFilter'
        'Unregister-HttpHandler'
        'Unregister-HttpTimer'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('http', 'server', 'web', 'cgi', 'rest', 'static-files', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri = 'https://opensource.org/license/mit'
            ProjectUri = 'https://www.powershellgallery.com/packages/HttpServer'
        }
    }
}
