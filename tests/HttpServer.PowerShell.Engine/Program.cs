// A PowerShell for tests, where none is installed: takes the arguments of pwsh.
return Microsoft.PowerShell.ConsoleShell.Start(bannerText: null, helpText: null, args);
