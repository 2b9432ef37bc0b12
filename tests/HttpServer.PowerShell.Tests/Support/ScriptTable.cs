namespace Http.Server.PowerShell.Tests.Support;

/// <summary>Handlers of every kind: what people write, and what they should not.</summary>
internal static class ScriptTable
{
    /// <summary>Those that run in the pipeline that a worker keeps.</summary>
    public static IReadOnlyDictionary<string, string[]> Kept { get; } = new Dictionary<string, string[]>
    {
        ["values"] =
        [
            "'hello'", "1", "1.5", "$null", "@()", "''", "1..5", "@(1, 2, 3)", ", (1, 2)", "@{ a = 1 }", "[ordered]@{ a = 1; b = 2 }",
            "[pscustomobject]@{ a = 1; b = @(1, 2) }", "$true", "\"a`nb\"", "[char] 'x'", "[byte[]] (1, 2)", ", [byte[]] (1, 2)",
            "[guid]::Empty", "[datetime]::new(2020, 1, 2)", "[timespan]::FromSeconds(3)", "[version] '1.2'", "[uri] 'http://a/'", "{ 1 }",
            "[int]", "\"$(1 + 2) and $('x' * 3)\"", "1; 2; 3", "$x = 5; $x", "$x = 1, 2; $x[1]", "[xml] '<a>b</a>'", "$null, 1, $null",
            "@'\nhere\n'@", "[System.Collections.Generic.List[int]] @(1, 2)", "$undefined", "",
        ],
        ["flow"] =
        [
            "if (1) { 'y' } else { 'n' }", "foreach ($n in 1..3) { $n * 2 }", "for ($i = 0; $i -lt 3; $i++) { $i }",
            "while ($true) { 'once'; break }", "do { 'a' } until ($true)", "switch (2) { 1 { 'one' } 2 { 'two' } default { 'other' } }",
            "foreach ($n in 1..5) { if ($n -eq 2) { continue }; if ($n -eq 4) { break }; $n }",
            ":outer foreach ($a in 1..3) { foreach ($b in 1..3) { if ($b -eq 2) { continue outer }; \"$a$b\" } }",
            "return 'early'; 'never'", "return", "function f { return 1; 2 }; f", "switch (1..3) { 2 { break } default { $_ } }",
            "'before'; break; 'after'", "'before'; continue; 'after'", "'before'; break nowhere; 'after'",
            "'before'; exit; 'after'", "'before'; exit 3; 'after'", "'before'; exit 'text'; 'after'",
            "function f { break }; 'before'; f; 'after'", "function f { exit 4 }; 'before'; f; 'after'",
            "foreach ($n in 1..3) { function f { break }; $n; f }", "1..3 | ForEach-Object { $_; if ($_ -eq 2) { break } }; 'after'",
            "1..3 | ForEach-Object { if ($_ -eq 2) { return }; $_ }", "try { 'a'; exit } finally { Write-Warning 'finally' }",
            "try { 'a'; break } finally { Write-Warning 'finally' }", "try { break } catch { 'caught' }", "try { exit } catch { 'caught' }",
            "trap { 'trapped'; continue }; throw 'x'; 'after'", "trap { 'trapped'; break }; throw 'x'; 'after'",
            "trap { Write-Warning 'trapped' }; throw 'x'; 'after'",
        ],
        ["blocks"] =
        [
            "begin { 1 } process { 2 } end { 3 }", "process { \"[$_]\" }", "begin { $n = 1 } end { $n }", "begin { 'a'; break } end { 'b' }",
            "begin { 'a'; return 'b' } end { 'c' }", "process { 'a'; exit 2 } end { 'b' }", "end { 'e' } clean { Write-Warning 'clean' }",
            "begin { throw 'x' } clean { Write-Warning 'clean' }", "process { throw 'x' } end { 'e' }", "begin { Write-Error 'e' } end { 'e' }",
            "begin { } process { } end { $Request }", "[CmdletBinding()] param() begin { 'b' } process { 'p' } end { 'e' }",
            "[CmdletBinding()] param() dynamicparam { } end { 'e' }",
        ],
        ["parameters"] =
        [
            "param($Request) $Request", "param($r) \"$r\"", "param($a, $b) \"$a|$b\"", "param($other, $request) \"$request$other\"",
            "param([string] $Request) $Request.GetType().Name", "param([int] $n) $n", "param([int] $n)\n$n", "param([ValidateSet('a')] $r) 'x'",
            "[CmdletBinding()] param([Parameter(Mandatory)] $Request) $Request", "[CmdletBinding()] param($Request) $PSBoundParameters.Keys",
            "[CmdletBinding()] param() 'none'", "param($Request = 'default', $Other = 'other') \"$Request $Other\"",
            "param($r) $PSBoundParameters.Count", "$PSBoundParameters.Count", "$args.Count", "\"$args\"", "@($input).Count", "\"[$_]\"",
            "[CmdletBinding(SupportsShouldProcess)] param($r) $r", "param([Alias('q')] $Request) $q", "param([switch] $r) \"$r\"",
            "param([Parameter(ValueFromPipeline)] $r) process { \"$r\" }", "param([Parameter(ValueFromRemainingArguments)] $r) \"$r\"",
            "param($r, [Parameter(Mandatory)] $other) 'x'", "param(${my request}) \"${my request}\"",
            "\"$this|$Request|$Response\"", "$global:Request", "$Request = 'mine'; $Request", "$this", "$Response",
        ],
        ["errors"] =
        [
            "throw 'x'", "throw", "throw @{ a = 1 }", "1 / 0", "[int]::Parse('x')", "[int] 'x'",
            "Write-Error 'e'", "'before'; Write-Error 'e'; 'after'", "Write-Error 'e' -ErrorAction Stop; 'after'",
            "$ErrorActionPreference = 'Stop'; Write-Error 'e'; 'after'", "$ErrorActionPreference = 'SilentlyContinue'; Write-Error 'e'; 'after'",
            "$ErrorActionPreference = 'SilentlyContinue'; [int]::Parse('x'); 'after'", "$ErrorActionPreference = 'Ignore'; throw 'x'",
            "Get-Item /no/such/thing; 'after'", "Get-Item /no/such/thing -ErrorAction Stop; 'after'",
            "Get-Item /no/such/thing -ErrorAction SilentlyContinue; 'after'", "try { throw 'x' } catch { $_.Exception.Message }",
            "try { throw 'x' } catch { throw }", "try { throw 'x' } catch { throw 'y' }", "try { throw 'x' } finally { Write-Warning 'finally' }",
            "try { 1 / 0 } catch [DivideByZeroException] { 'division' }", "try { [int]::Parse('x') } catch { $_.FullyQualifiedErrorId }",
            "try { 'a' } finally { throw 'x' }", "function f { throw 'in f' }; f", "function f { Write-Error 'in f'; 'f' }; f; 'after'",
            "function f { 1 / 0; 'in f' }; f; 'after'", "function f { [int] 'x'; 'in f' }; 1..2 | ForEach-Object { f }; 'after'",
            "function f { trap { continue }; 1 / 0; 'in f' }; f; 'after'", "$x = 1..3 | ForEach-Object { 1 / ($_ - 2) }; $x",
            "function f { [CmdletBinding()] param() Write-Error 'in f'; 'f' }; f -ErrorAction Stop",
            "1..3 | ForEach-Object { if ($_ -eq 2) { throw 'two' }; $_ }", "1, 0 | ForEach-Object { 1 / $_ }", "$x = $null; $x.Method()",
            "'abc'.Substring(9)", "'abc'.NoSuch()", "$Response.StatusCode = 201", "Set-StrictMode -Version Latest; $undefined",
            "Set-StrictMode -Version Latest; $x = @{}; $x.nothing", "Get-Date -NoSuch", "Get-Date 'not a date'", "'{' | ConvertFrom-Json",
            "1 | Select-Object -First x", "\"$(throw 'in a string')\"", "@{ a = $(throw 'in a table') }",
            "Write-Error -Message 'm' -Category NotInstalled -ErrorId My.Id", "Write-Error -Exception ([Exception] 'own')",
            "$e = try { throw 'x' } catch { $_ }; Write-Error -ErrorRecord $e; 'after'", "\n\n  throw 'on the third line'",
            "function f {\n  throw 'inner'\n}\nf", "1..2 | ForEach-Object {\n  Write-Error \"at $_\"\n}", "if ($true) {\n  [int]::Parse('x')\n}",
            "function f {\n  Get-Item /no/such/thing\n}\nf\n'after'", "trap { continue }\n1 / 0\n'after'", "throw ('x' * 400)",
        ],
        ["streams"] =
        [
            "Write-Warning w", "Write-Verbose v", "Write-Verbose v -Verbose", "$VerbosePreference = 'Continue'; Write-Verbose v", "Write-Debug d",
            "Write-Debug d -Debug", "$DebugPreference = 'Continue'; Write-Debug d", "Write-Information i",
            "Write-Information i -InformationAction Continue", "Write-Information i -InformationAction Ignore", "Write-Host h",
            "Write-Host h -NoNewline; Write-Host i", "Write-Output o",
            "Write-Warning w -WarningAction SilentlyContinue", "$WarningPreference = 'Stop'; Write-Warning w; 'after'",
            "Write-Warning w -WarningAction Stop; 'after'", "Write-Warning w 3>&1", "Write-Error e 2>&1", "Write-Error e 2>$null; 'x'", "Write-Host h 6>&1",
            "Write-Verbose v -Verbose 4>&1", "Write-Warning w *>&1", "Write-Output 1 > $null", "Write-Output 1 | Out-Null",
            "function f { Write-Warning 'in f'; 1 }; f | ForEach-Object { $_ + 1 }", "function f { Write-Error 'in f'; 1 }; $x = f; $x",
            "$x = Write-Error e 2>&1; \"$x\"", "1..3 | ForEach-Object { Write-Warning \"w$_\"; $_ }", "Write-Error e -ErrorAction Ignore; 'x'",
            "Write-Host h; Write-Warning w; Write-Error e; 'x'",
        ],
        ["variables"] =
        [
            "$global:secret = 1; $global:secret", "$script:secret = 2; \"$secret\"", "\"$global:secret$script:secret\"", "$global:given",
            "$global:given = 'changed'; $given", "$global:given += 'x'; $given", "[int] $global:typed = 5; $global:typed", "[int] $global:given = 5",
            "\"$global:typed|$global:given\"", "$global:Request = 'x'; $Request", "foreach ($global:n in 1..2) { }; $global:n",
            "1..2 | ForEach-Object { $global:n = $_ }; $n", "function f { $script:n = 1 }; f; \"$n\"", "$global:OFS = '-'; \"$(1, 2)\"",
            "$OFS = '+'; \"$(1, 2)\"", "\"$(1, 2)\"", "$global:ErrorActionPreference = 'Stop'; Write-Error e; 'after'",
            "$global:ErrorActionPreference = 'SilentlyContinue'; throw 'x'", "$global:ErrorActionPreference = 'SilentlyContinue'; [int] 'x'; 'after'",
            "$global:WarningPreference = 'SilentlyContinue'; Write-Warning w", "Write-Warning w", "$private:p = 1; $p", "${a b} = 1; ${a b}",
            "$global:LASTEXITCODE = 7", "$LASTEXITCODE", "[cultureinfo]::CurrentCulture = 'de-DE'; (1.5).ToString()", "(1.5).ToString()",
            "$global:secret = 1; throw 'x'", "$global:secret = 1; exit", "\"[$secret]\"", "$global:StackTrace = 'x'; $global:StackTrace",
        ],
        ["using"] =
        [
            "$using:one", "\"$using:one and $using:two\"", "$using:one.Length", "1..2 | ForEach-Object { \"$_ $using:one\" }",
            "param($r, $b = $using:two) \"$r $b\"", "begin { $using:one } end { $using:two }", "$n = 3; 1 | ForEach-Object -Parallel { $using:n }",
            "throw $using:one",
        ],
        ["cmdlets"] =
        [
            "1..5 | Where-Object { $_ % 2 }", "'b', 'a' | Sort-Object", "1..3 | Measure-Object -Sum | ForEach-Object { $_.Sum }",
            "1..10 | Select-Object -First 3; 'after'", "1..3 | ForEach-Object -Begin { 'b' } -Process { $_ } -End { 'e' }",
            "@{ a = 1 } | ConvertTo-Json -Compress", "'{\"a\":[1,2]}' | ConvertFrom-Json", "Test-Path /", "Join-Path a b",
            "1, 2, 1 | Group-Object | ForEach-Object { $_.Count }", "1..3 | Out-String", "[pscustomobject]@{ a = 1 } | Format-List | Out-String",
            "[pscustomobject]@{ a = 1 } | Format-Table", "Get-Date -Date '2020-01-01' -Format yyyy", "New-TimeSpan -Seconds 5", "Get-Item .",
            "1 | ForEach-Object -Parallel { $_; Write-Warning 'there' }", "Start-Sleep -Milliseconds 1; 'slept'", "(1..3).Where({ $_ -gt 1 })",
            "(1..3).ForEach({ $_ * 2 })", "'a-b' -match '-'; $Matches[0]", "'abc' -replace 'b', 'x'", "[regex]::Match('abc', 'b').Value",
            "'a,b', '1,2' | ConvertFrom-Csv", "'x' | Select-String x | ForEach-Object { $_.Line }",
        ],
    };

    /// <summary>Those that have a pipeline of their own.</summary>
    public static IReadOnlyList<string> Other { get; } =
    [
        "\"$?\"", "Write-Error e -ErrorAction SilentlyContinue; $?", "$Error.Count", "try { throw 'x' } catch { }; $Error.Count", "Get-NoSuchCommand",
        "$MyInvocation.MyCommand.Name", "$MyInvocation.Line, $MyInvocation.InvocationName, \"$($MyInvocation.CommandOrigin)\"", "& { 1 }", ". { $x = 1 }; $x",
        "[CmdletBinding()] param() $PSCmdlet.MyInvocation.ExpectingInput", "Set-Location /; \"$PWD\"", "function global:f { 'f' }; f", "Set-Alias f Get-Date",
        "class A { $x = 1 }; [A]::new().x", "Invoke-Expression '1 + 1'", "[scriptblock]::Create('1').Invoke()", "Set-Variable secret 1 -Scope Global",
        "Get-Date -Date 2020-01-01 -OutVariable global:when | Out-Null; \"$when\"", "$PSDefaultParameterValues['Get-Date:Year'] = 1999", "Get-PSCallStack | Out-Null",
        "[CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([exception] 'told', 'x', 0, $null))",
        "Write-Progress busy -PercentComplete 5; 'x'", "throw [InvalidOperationException]::new('x')", "& { break }; 'after'", "& { exit }; 'after'", "Invoke-Expression \"'before'; break\"; 'after'",
    ];
}
