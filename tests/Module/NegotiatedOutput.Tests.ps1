BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    $script:server = Open-Server

    # Asks a handler for its output in a form, or by an Accept header.
    function Get-Output([scriptblock] $Handler, [string] $Format, [string] $Accept, [string] $ContentType) {
        Register-HttpHandler -Method GET -Path /out -Force -ScriptBlock $Handler -ContentType $ContentType
        $query = if ($Format) { "?format=$Format" }
        Invoke-Http "$($server.Uri)out$query" -Header $(if ($Accept) { @{ Accept = $Accept } } else { @{} })
    }

    $script:Two = { [pscustomobject]@{ Id = 1; Name = 'a' }; [pscustomobject]@{ Id = 2; Name = 'b' } }
}

AfterAll {
    Clear-Session
}

Describe 'The output of a handler' {
    It 'is what the client asks for (<Accept>)' -ForEach @(
        @{ Accept = ''; Type = 'application/json; charset=utf-8' }
        @{ Accept = '*/*'; Type = 'application/json; charset=utf-8' }
        @{ Accept = 'image/png'; Type = 'application/json; charset=utf-8' }
        @{ Accept = 'text/csv'; Type = 'text/csv; charset=utf-8' }
        @{ Accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'; Type = 'text/html; charset=utf-8' }
        @{ Accept = 'text/plain'; Type = 'text/plain; charset=utf-8' }
        @{ Accept = 'application/xml;q=0.5, text/csv;q=0.4'; Type = 'application/xml; charset=utf-8' }
    ) {
        $answer = Get-Output $Two -Accept $Accept
        $answer.Status, $answer.Type, $answer.Headers.Vary | Should -Be 200, $Type, 'Accept'
    }

    It 'is what the query asks for before that (<Format>)' -ForEach @(
        @{ Format = 'json'; Type = 'application/json; charset=utf-8' }
        @{ Format = 'CSV'; Type = 'text/csv; charset=utf-8' }
        @{ Format = 'html'; Type = 'text/html; charset=utf-8' }
        @{ Format = 'text'; Type = 'text/plain; charset=utf-8' }
        @{ Format = 'xml'; Type = 'application/xml; charset=utf-8' }
    ) {
        $answer = Get-Output $Two -Format $Format -Accept 'text/plain'
        $answer.Status, $answer.Type, $answer.Headers.Vary | Should -Be 200, $Type, $null
    }

    It 'is 406 if the client takes none, and 400 for a form that is not known' {
        (Get-Output $Two -Accept 'image/png, application/json;q=0').Status | Should -Be 406
        foreach ($format in 'yaml', '1', 'json%2Cxml', 'json&format=xml') {
            $answer = Get-Output $Two -Format $format
            $answer.Status, $answer.Type | Should -Be 400, 'application/problem+json'
            ($answer.Text | ConvertFrom-Json).errors.parameter | Should -Be 'format'
        }
    }

    It 'leaves a handler its own parameter Format' {
        $answer = Get-Output { param([string] $Format, $More) [pscustomobject]@{ f = $Format } } -Format yaml
        $answer.Status, $answer.Text | Should -Be 200, '{"f":"yaml"}'
    }

    It 'is as it was for <How>' -ForEach @(
        @{ How = 'text'; Handler = { 'x' }; Text = 'x'; Type = 'text/plain; charset=utf-8' }
        @{ How = 'bytes'; Handler = { , [byte[]](65, 66) }; Text = 'AB'; Type = 'application/octet-stream' }
        @{ How = 'a document of XML'; Handler = { [xml] '<a/>' }; Text = '<a />'; Type = 'application/xml; charset=utf-8' }
        @{ How = 'a type that the handler gives'; Handler = { $Response.ContentType = 'application/json'; @{ a = 1 } }; Text = '{"a":1}'; Type = 'application/json' }
    ) {
        foreach ($answer in (Get-Output $Handler -Accept 'text/html'), (Get-Output $Handler -Format 'yaml')) {
            $answer.Status, $answer.Type, $answer.Text, $answer.Headers.Vary | Should -Be 200, $Type, $Text, $null
        }
    }

    It 'has the type of the registration' {
        (Get-Output $Two -Accept 'text/html' -ContentType 'application/json').Text | Should -Be '[{"Id":1,"Name":"a"},{"Id":2,"Name":"b"}]'
        $csv = Get-Output $Two -Accept 'text/html' -ContentType 'text/csv'
        $csv.Type, $csv.Text | Should -Be 'text/csv; charset=utf-8', "Id,Name`r`n1,a`r`n2,b`r`n"
    }

    It 'is nothing if there is none' {
        (Get-Output { } -Accept 'text/html').Status | Should -Be 204
        (Get-Output { , @() } -Format csv).Status | Should -Be 200
    }

    It 'is the same without its content for HEAD' {
        $null = Get-Output $Two
        $head = Invoke-Http "$($server.Uri)out" -Method HEAD -Header @{ Accept = 'text/csv' }
        $head.Type, $head.Headers.'Content-Length', $head.Text | Should -Be 'text/csv; charset=utf-8', '19', ''
    }

    It 'may be much' {
        $answer = Get-Output { foreach ($i in 1..20000) { [pscustomobject]@{ Id = $i; Name = 'some name' } } } -Format csv
        ($answer.Text | ConvertFrom-Csv).Count | Should -Be 20000
    }

    It 'has no more columns than a table may have' {
        $answer = Get-Output { foreach ($i in 1..1500) { @{ "n$i" = 1 } } } -Format csv
        @(($answer.Text -split "`r`n")[0] -split ',').Count | Should -Be 1000
    }

    It 'fails as a handler does' {
        (Get-Output { [pscustomobject]@{ a = 1 } | Add-Member ScriptProperty b { throw 'x' } -PassThru } -Format csv).Text | Should -Be "a,b`r`n1,`r`n"
    }
}

Describe 'CSV' {
    It 'is that of RFC 4180 for <Text>' -ForEach @(
        @{ Text = 'a comma'; Handler = { @{ a = 'x,y' } }; Csv = "a`r`n""x,y""`r`n" }
        @{ Text = 'a quote'; Handler = { @{ a = 'x"y' } }; Csv = "a`r`n""x""""y""`r`n" }
        @{ Text = 'lines'; Handler = { @{ a = "x`ny" } }; Csv = "a`r`n""x`ny""`r`n" }
        @{ Text = 'null'; Handler = { [ordered]@{ a = $null; b = 1 } }; Csv = "a,b`r`n,1`r`n" }
        @{ Text = 'a statement without output'; Handler = { [pscustomobject]@{ a = if ($false) { 1 }; b = 1 } }; Csv = "a,b`r`n,1`r`n" }
        @{ Text = 'values without members'; Handler = { 1, 2.5, $true }; Csv = "Value`r`n1`r`n2.5`r`nTrue`r`n" }
        @{ Text = 'different objects'; Handler = { @{ a = 1 }; @{ b = 2 } }; Csv = "a,b`r`n1,`r`n,2`r`n" }
        @{ Text = 'what contains more'; Handler = { @{ a = 1, 2 }; @{ a = @{ b = 1 } } }; Csv = "a`r`n""[1,2]""`r`n""{""""b"""":1}""`r`n" }
        @{ Text = 'a date'; Handler = { @{ a = [datetime]::new(2024, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) } }; Csv = "a`r`n2024-01-02T03:04:05Z`r`n" }
        @{ Text = 'keys that are no text'; Handler = { [ordered]@{ [object] 1 = 'x' } }; Csv = "1`r`nx`r`n" }
        @{ Text = 'rows of a table'; Handler = { $t = [Data.DataTable]::new(); $null = $t.Columns.Add('a', [int]), $t.Columns.Add('b'); $null = $t.Rows.Add(1, 'x'); , $t }; Csv = "a,b`r`n1,x`r`n" }
        @{ Text = 'a culture'; Handler = { [cultureinfo]::CurrentCulture = 'de-DE'; @{ a = 1.5 } }; Csv = "a`r`n1.5`r`n" }
        @{ Text = 'formulas'; Handler = { '=1+1', '+x', '@SUM(A1)', '-5', '-x', '+49 1' | ForEach-Object { @{ a = $_ } } }; Csv = "a`r`n'=1+1`r`n'+x`r`n'@SUM(A1)`r`n-5`r`n'-x`r`n'+49 1`r`n" }
        @{ Text = 'a negative number'; Handler = { @{ a = -5 } }; Csv = "a`r`n-5`r`n" }
    ) {
        (Get-Output $Handler -Format csv).Text | Should -BeExactly $Csv
    }
}

Describe 'XML' {
    It 'is well formed whatever the values are' {
        $answer = Get-Output { [ordered]@{ "<&`"$([char] 1)" = "<script>$([char] 0)$([char] 0xd800)]]>"; List = 1, @{ x = 2 }; Null = $null; Text = "a`r`nb" } } -Format xml
        $xml = [xml] $answer.Text
        $xml.Objects.Object.Property[0].Name | Should -Be "<&`"$([char] 0xfffd)"
        $xml.Objects.Object.Property[0].InnerText | Should -Be "<script>$([char] 0xfffd)$([char] 0xfffd)]]>"
        $xml.Objects.Object.Property[1].Item[0], $xml.Objects.Object.Property[1].Item[1].Property.InnerText | Should -Be '1', '2'
        $xml.Objects.Object.Property[3].InnerText | Should -Be "a`r`nb"
    }

    It 'ends where data contains itself, or nests without end' {
        $answer = Get-Output { $a = @{ }; $a.self = $a; $a } -Format xml
        { [xml] $answer.Text } | Should -Not -Throw
        $answer = Get-Output { $a = @{ }; foreach ($i in 1..3000) { $a = @{ a = $a } }; $a } -Format xml
        $answer.Status | Should -Be 200
    }
}

Describe 'The page' {
    It 'shows objects as a table, and nothing of theirs as markup' {
        $answer = Get-Output { foreach ($i in 1..2) { [pscustomobject]@{ '<b>' = "<script>alert($i)</script>"; N = $i } } } -Format html
        $answer.Text | Should -BeLike '*<caption>2 rows</caption>*&lt;script&gt;alert(1)*<td class="n">1</td>*'
        $answer.Text | Should -Not -BeLike '*<script>alert*'
        $answer.Text | Should -Not -BeLike '*<b>*'
        $answer.Headers.'Content-Security-Policy' | Should -BeLike "default-src 'none'; style-src 'sha256-*'; script-src 'sha256-*'*"
    }

    It 'has the head of a column where its values are' {
        (Get-Output { foreach ($i in 1..2) { [pscustomobject]@{ Text = 'a'; N = $i; Gaps = if ($i -eq 1) { 1.5 }; Mixed = if ($i -eq 1) { 1 } else { 'x' }; Empty = '' } } } -Format html).Text |
            Should -BeLike '*<th><button type="button">Text<*<th class="n"><button type="button">N<*<th class="n"><button type="button">Gaps<*<th><button type="button">Mixed<*<th><button type="button">Empty<*'
    }

    It 'stands in no frame' {
        (Get-Output $Two -Format html).Headers.'Content-Security-Policy' | Should -BeLike "*; frame-ancestors 'none'"
    }

    It 'allows its own script and style, and no others' {
        $answer = Get-Output $Two -Format html
        foreach ($name in 'style', 'script') {
            $text = [regex]::Match($answer.Text, "(?s)<$name>(.*?)</$name>").Groups[1].Value
            $hash = [Convert]::ToBase64String([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($text)))
            $answer.Headers.'Content-Security-Policy' | Should -BeLike "*$name-src 'sha256-$hash'*"
        }
    }

    It 'shows one object with a line for each property' {
        (Get-Output { [pscustomobject]@{ Id = 1; Name = 'a' } } -Format html).Text | Should -BeLike '*<th scope="row">Id</th><td class="n">1</td>*'
    }

    It 'shows what PowerShell shows of a type' {
        $answer = Get-Output { Get-Process -Id $PID } -Accept 'text/html'
        $answer.Text | Should -BeLike '*>Id<*'
        $answer.Text | Should -Not -BeLike '*MainModule*'
    }

    It 'has links to the other forms, which keep the query and are safe' {
        Register-HttpHandler GET '/out/{*rest}' $Two -Force
        $answer = Invoke-Http "$($server.Uri)out/%3Cx%3E?a=1&format=html&b=%22%3E" -Header @{ Accept = 'text/html' }
        $answer.Text | Should -BeLike '*<a href="?a=1&amp;b=%22%3E&amp;format=csv">CSV</a>*'
        $answer.Text | Should -BeLike '*<h1>/out/&lt;x&gt;</h1>*'
    }

    It 'has the handler''s own policy if there is one' {
        (Get-Output { $Response.Headers['Content-Security-Policy'] = "default-src 'self'"; @{ a = 1 } } -Format html).Headers.'Content-Security-Policy' | Should -Be "default-src 'self'"
    }
}

Describe 'Plain text' {
    It 'is what the console shows, without its colours' {
        $answer = Get-Output $Two -Format text
        $answer.Text | Should -Match '(?m)^ *Id +Name *\r?$'
        $answer.Text | Should -Not -BeLike "*$([char] 27)*"
    }
}
