# What the tests of the module share: an HTTP client, waiting with a deadline, raw connections, and child processes.

using namespace System.Net.Http
using namespace System.Net.Sockets
using namespace System.Text

# Generous, for machines that do many things at once: a test that passes never waits so long.
$script:Deadline = [timespan]::FromMinutes(2)

# Neither redirects nor cookies nor a proxy: what is tested is what was sent.
$script:Client = [HttpClient]::new([SocketsHttpHandler]@{ AllowAutoRedirect = $false; UseCookies = $false; UseProxy = $false })
$script:Client.Timeout = $script:Deadline

# Waits until the condition holds and gives what it gave; fails when the deadline has passed.
function Wait-Until {
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Condition,
        [string] $Because = 'the condition holds'
    )

    $clock = [Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $value = & $Condition
        if ($value) { return $value }
        if ($clock.Elapsed -gt $script:Deadline) { throw "Waited $($script:Deadline.TotalSeconds) s in vain until $Because." }
        Start-Sleep -Milliseconds 10
    }
}

# Sends a request and gives the task of its answer, for Receive-Answer: several can be on their way at once.
function Send-Request {
    param(
        [Parameter(Mandatory, Position = 0)] [uri] $Uri,
        [string] $Method = 'GET',
        [Collections.IDictionary] $Header = @{},
        [object] $Body,
        [string] $ContentType
    )

    $request = [HttpRequestMessage]::new([HttpMethod]::new($Method), $Uri)
    if ($null -ne $Body) {
        $bytes = if ($Body -is [byte[]]) { $Body } else { [UTF8Encoding]::new($false).GetBytes("$Body") }
        # Not by "if" as a value: a form is a list of its parts, which the pipeline would take apart.
        if ($Body -is [HttpContent]) { $request.Content = $Body } else { $request.Content = [ByteArrayContent]::new($bytes) }
        if ($ContentType) { [void]$request.Content.Headers.TryAddWithoutValidation('Content-Type', $ContentType) }
    }

    foreach ($name in $Header.Keys) { [void]$request.Headers.TryAddWithoutValidation($name, [string[]]$Header[$name]) }
    $script:Client.SendAsync($request)
}

# Waits for the answer of a request: Status, Reason, Version, Headers, Type, Bytes, Text.
function Receive-Answer {
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [Threading.Tasks.Task] $Task)

    process {
        $message = $Task.GetAwaiter().GetResult()
        $headers = @{}
        foreach ($header in @($message.Headers) + @($message.Content.Headers)) { $headers[$header.Key] = $header.Value -join ', ' }
        $bytes = $message.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult()
        [pscustomobject]@{
            Status  = [int]$message.StatusCode
            Reason  = $message.ReasonPhrase
            Version = "$($message.Version)"
            Headers = $headers
            Type    = $headers['Content-Type']
            Bytes   = $bytes
            Text    = [UTF8Encoding]::new($false).GetString($bytes)
        }
    }
}

# Sends a request and waits for its answer.
function Invoke-Http {
    param(
        [Parameter(Mandatory, Position = 0)] [uri] $Uri,
        [string] $Method = 'GET',
        [Collections.IDictionary] $Header = @{},
        [object] $Body,
        [string] $ContentType
    )

    Send-Request @PSBoundParameters | Receive-Answer
}

# Opens a connection; the caller closes it.
function Connect-Port {
    [OutputType([Net.Sockets.TcpClient])]
    param([Parameter(Mandatory, Position = 0)] [int] $Port)

    $connection = [TcpClient]::new('127.0.0.1', $Port)
    $connection.NoDelay = $true
    $connection.ReceiveTimeout = $connection.SendTimeout = $script:Deadline.TotalMilliseconds
    $connection
}

# Writes text as it is to a connection.
function Write-Connection {
    param(
        [Parameter(Mandatory, Position = 0)] [Net.Sockets.TcpClient] $Connection,
        [Parameter(Mandatory, Position = 1)] [string] $Text
    )

    $Connection.GetStream().Write([Encoding]::Latin1.GetBytes($Text))
}

# Reads from a connection until the text matches, or to the end of the connection, in whatever way it ends.
function Read-Connection {
    [OutputType([string])]
    param(
        [Parameter(Mandatory, Position = 0)] [Net.Sockets.TcpClient] $Connection,
        [Parameter(Position = 1)] [string] $Pattern
    )

    $text = [StringBuilder]::new()
    $buffer = [byte[]]::new(16384)
    while (-not $Pattern -or $text.ToString() -notmatch $Pattern) {
        try { $count = $Connection.Client.Receive($buffer) }
        catch [SocketException] {
            if ($_.Exception.SocketErrorCode -ne 'ConnectionReset') { throw }
            break
        }
        if ($count -eq 0) { break }
        [void]$text.Append([Encoding]::Latin1.GetString($buffer, 0, $count))
    }

    $text.ToString()
}

# Whether something takes connections at a port of this machine.
function Test-Port {
    [OutputType([bool])]
    param([Parameter(Mandatory, Position = 0)] [int] $Port)

    try {
        [TcpClient]::new('127.0.0.1', $Port).Dispose()
        $true
    }
    catch [SocketException] {
        $false
    }
}

# Whether this machine has the IPv6 loopback.
function Test-IPv6 {
    [OutputType([bool])]
    param()

    try {
        $listener = [TcpListener]::new([Net.IPAddress]::IPv6Loopback, 0)
        $listener.Start()
        $listener.Stop()
        $true
    }
    catch [SocketException] {
        $false
    }
}

# The program of this name if it is installed. With HTTPSERVER_TEST_TOOLS=none there is none: a test that needs it must be skipped then.
function Find-Tool {
    [OutputType([string])]
    param([Parameter(Mandatory, Position = 0)] [string] $Name)

    if ($env:HTTPSERVER_TEST_TOOLS -eq 'none') { return }
    (Get-Command $Name -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
}

# Skips the test where no CGI program runs: those of a server of root run as another user, by setpriv. It is a part of the usual systems,
# like the shell, and sought whatever HTTPSERVER_TEST_TOOLS says.
function Skip-WithoutCgi {
    if ([Environment]::IsPrivilegedProcess -and -not $IsWindows -and -not (Get-Command setpriv -CommandType Application -ErrorAction Ignore)) {
        Set-ItResult -Skipped -Because 'setpriv is not installed, by which programs of root run as another user: install the package util-linux'
    }
}

# Waits for entries of a server's log that meet a condition, and gives all of these; all entries stay unread.
function Wait-Log {
    param(
        [Parameter(Mandatory, Position = 0)] [object] $Server,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Where,
        [int] $Count = 1
    )

    $found = @{}
    $null = Wait-Until -Because "the log has $Count entries with $Where" {
        $found.entries = @($Server | Receive-HttpServerLog -Keep -Level Debug | Where-Object $Where)
        $found.entries.Count -ge $Count
    }
    $found.entries
}

# Starts a PowerShell of its own that runs a script; its output can be read as it comes. A variable of -Environment that is $null is taken away.
function Open-PowerShell {
    [OutputType([Diagnostics.Process])]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Script,
        [Collections.IDictionary] $Environment = @{}
    )

    $manifest = Join-Path $PSScriptRoot '../../HttpServer.psd1'
    $support = Join-Path $PSScriptRoot 'Support.psm1'
    $text = "`$Manifest = '$($manifest.Replace("'", "''"))'`n`$Support = '$($support.Replace("'", "''"))'`n$Script"
    $start = [Diagnostics.ProcessStartInfo]@{
        FileName               = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
        RedirectStandardInput  = $true
        RedirectStandardOutput = $true
        RedirectStandardError  = $true
        UseShellExecute        = $false
        WorkingDirectory       = (Get-Location -PSProvider FileSystem).ProviderPath
    }
    $start.Environment['NO_COLOR'] = '1'
    $start.Environment['POWERSHELL_UPDATECHECK'] = 'Off'
    foreach ($name in $Environment.Keys) {
        if ($null -eq $Environment[$name]) { [void]$start.Environment.Remove($name) } else { $start.Environment[$name] = $Environment[$name] }
    }
    $encoded = [Convert]::ToBase64String([Encoding]::Unicode.GetBytes($text))
    '-NoLogo', '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', $encoded | ForEach-Object { $start.ArgumentList.Add($_) }
    [Diagnostics.Process]::Start($start)
}

# Waits for a PowerShell of Open-PowerShell to end: ExitCode, Output (lines), ErrorText.
function Wait-PowerShell {
    param([Parameter(Mandatory, Position = 0, ValueFromPipeline)] [Diagnostics.Process] $Process)

    process {
        try {
            $errors = $Process.StandardError.ReadToEndAsync()
            $output = $Process.StandardOutput.ReadToEndAsync()
            $Process.StandardInput.Close()
            if (-not $Process.WaitForExit($script:Deadline)) { throw 'The PowerShell that a test has started does not end.' }
            [pscustomobject]@{
                ExitCode  = $Process.ExitCode
                Output    = @($output.GetAwaiter().GetResult().TrimEnd() -split '\r?\n')
                ErrorText = $errors.GetAwaiter().GetResult()
            }
        }
        finally {
            if (-not $Process.HasExited) { $Process.Kill($true) }
            $Process.Dispose()
        }
    }
}

# Runs a script in a PowerShell of its own, where $Manifest is the module and $Support is this file.
function Invoke-PowerShell {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Script,
        [Collections.IDictionary] $Environment = @{}
    )

    Open-PowerShell $Script -Environment $Environment | Wait-PowerShell
}

# Runs a script that is to fail, in a way that ends it or not: Id, Category, Message, IsTerminating, and the record itself.
function Get-Failure {
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Script)

    $isTerminating = $false
    try {
        $failure = & $Script 2>&1 | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | Select-Object -First 1
    }
    catch {
        $failure = $_
        $isTerminating = $true
    }

    if (-not $failure) { throw "It was to fail, but it did not: $Script" }
    [pscustomobject]@{
        Id            = $failure.FullyQualifiedErrorId.Split(',')[0]
        Category      = "$($failure.CategoryInfo.Category)"
        Message       = $failure.Exception.Message
        IsTerminating = $isTerminating
        Record        = $failure
    }
}

# Starts a server at a free port of the loopback; takes the parameters of Start-HttpServer.
function Open-Server {
    Start-HttpServer -Port 0 -Bind 127.0.0.1 @args
}

# Stops everything and takes all handlers away.
function Clear-Session {
    Stop-HttpServer -Force
    Get-HttpHandler | Unregister-HttpHandler
    Get-HttpAuthentication | Unregister-HttpAuthentication
    Get-HttpTimer | Unregister-HttpTimer
}

# Skips the test where there is no store; true if there is none.
# Skips the test where no store can be started.
function Skip-WithoutStore {
    if (-not (Find-Tool redis-server)) {
        Set-ItResult -Skipped -Because 'redis-server is not installed: install the package redis-server'
    }
}

# A store at a free port, which keeps nothing on the disk.
function Start-Store([int] $Port) {
    if (-not $Port) {
        $probe = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $probe.Start()
        $Port = $probe.LocalEndpoint.Port
        $probe.Stop()
    }

    $start = [Diagnostics.ProcessStartInfo]::new((Find-Tool redis-server))
    '--port', "$Port", '--bind', '127.0.0.1', '--save', '', '--dir', ([IO.Path]::GetTempPath()) | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $null = $process.StandardOutput.ReadToEndAsync()
    $null = Wait-Until -Because 'the store listens' {
        try { [Net.Sockets.TcpClient]::new('127.0.0.1', $Port).Dispose(); $true } catch { $false }
    }
    [pscustomobject]@{ Port = $Port; Url = "redis://127.0.0.1:$Port"; Process = $process }
}

function Stop-Store($Store) {
    $Store.Process.Kill()
    $Store.Process.WaitForExit()
}

Export-ModuleMember -Function *
