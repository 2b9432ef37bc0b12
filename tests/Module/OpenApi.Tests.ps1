BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../HttpServer.psd1')
    Import-Module (Join-Path $PSScriptRoot 'Support.psm1')

    # The document of a server as an object.
    function Get-Document([object] $Server) { (Invoke-Http "$($Server.Uri)openapi.json").Text | ConvertFrom-Json -AsHashtable }

    # The parameter of an operation.
    function Get-Parameter([object] $Operation, [string] $Name) { $Operation.parameters | Where-Object { $_.name -ceq $Name } }

    # A program of node in the folder of the packages; the test is skipped without them.
    function Invoke-Node([string] $Folder, [string[]] $Arguments) {
        Push-Location $Folder
        try { $said = & $node @Arguments 2>&1 }
        finally { Pop-Location }
        $LASTEXITCODE | Should -Be 0 -Because ($said -join "`n")
        $said -join "`n"
    }

    # Copies the programs to where they find the packages.
    function Initialize-Node {
        $script:node = Find-Tool node
        $packages = if ($env:HTTPSERVER_OPENAPI_TOOLS) { Join-Path $env:HTTPSERVER_OPENAPI_TOOLS node_modules }
        if (-not $node -or -not $packages -or -not (Test-Path $packages)) {
            Set-ItResult -Skipped -Because ('node is not installed, or HTTPSERVER_OPENAPI_TOOLS names no folder with the npm packages ' +
                '@readme/openapi-parser, openapi-typescript and typescript: npm install --prefix FOLDER with these')
        }
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $folder
        $null = New-Item -ItemType SymbolicLink (Join-Path $folder node_modules) -Target $packages
        Copy-Item (Join-Path $PSScriptRoot OpenApi *) $folder
        Set-Content (Join-Path $folder package.json) '{ "type": "module" }'
        $folder
    }

    function global:Get-Greeting {
        <#
        .SYNOPSIS
        Greets somebody.
        .PARAMETER Name
        Whom to greet.
        #>
        [CmdletBinding()]
        [OutputType([string])]
        param([ValidateSet('Hello', 'Bye')] [string] $Word = 'Hello', [Parameter(Mandatory)] [string] $Name, [switch] $Loud)
        "$Word $Name $Loud"
    }

    Register-HttpAuthentication Keys -ApiKey { param($Key) if ($Key -eq 'secret') { [pscustomobject]@{ Name = 'anna'; Roles = 'ops' } } } -Header X-Key -Cookie key
    Register-HttpAuthentication 'To kens' -Jwt -Key ('s' * 32)
    $script:server = Open-Server -NoFiles -OpenApi -Name Shop -Function Get-Greeting -InitializationScript {
        class Tag { [string] $Text; [Item] $Owner }
        class Item {
            [int] $Id
            [ValidateNotNullOrEmpty()] [string] $Name
            [Nullable[datetime]] $Made
            [Tag[]] $Tags
            [Item] $Parent
            [ValidateRange(0, 1000)] [decimal] $Price
            hidden [string] $Secret
        }
    }
    Register-HttpHandler GET '/items/{id:int}' -Server $server {
        <#
        .SYNOPSIS
        Gives an item.
        .DESCRIPTION
        Finds the item by <its> "number" & more.
        .PARAMETER Id
        The number of the item.
        .PARAMETER Detail
        How much to tell.
        .OUTPUTS
        The item.
        .LINK
        https://example.org/items
        #>
        [OutputType([Item])]
        param([ValidateRange(1, 100)] [int] $Id, [ValidateSet('short', 'long')] [string] $Detail = 'short')
        @{ Id = $Id; Name = "item $Detail" }
    }
    Register-HttpHandler GET /items -Server $server {
        [OutputType([Item[]])]
        param(
            [ValidateCount(1, 5)] [ValidateLength(1, 20)] [string[]] $Tag = ('a', 'b'),
            [ValidateRange('Positive')] [int] $Top = 10,
            [ValidatePattern('^[a-z]+$')] [string] $Sort,
            [ValidatePattern('\A(?>a)')] [string] $Odd,
            [Nullable[datetime]] $Since,
            [switch] $All,
            [guid] $Guid,
            [version] $Version,
            [DayOfWeek] $Day = 'Monday',
            [byte] $Small,
            [string] $Made = (Get-Date),
            [Parameter(DontShow)] [string] $Internal
        )
        $list = foreach ($name in $Tag) { @{ Name = $name } }
        , @($list)
    }
    Register-HttpHandler POST /items -Server $server -Name 'add item' -Authentication Keys, 'To kens' -Role ops, admin -RateLimit 10/s {
        [OutputType([Item])] param([Parameter(Mandatory)] [Item] $Item, [switch] $DryRun)
        $Item
    }
    Register-HttpHandler PUT, PATCH '/items/{key}' -Server $server {
        [OutputType([void])] param([string] $Key, [Parameter(Mandatory, HelpMessage = 'The new name.')] [ValidateNotNullOrEmpty()] [string] $Name, [double] $Price = 1.5)
    }
    Register-HttpHandler POST /upload -Server $server { param([Parameter(Mandatory)] [string] $Title, [Http.Server.PowerShell.UploadedFile[]] $File) $Title }
    Register-HttpHandler GET '/files/{*path}' -Server $server { 'x' }
    Register-HttpHandler GET '/a b/{{x}}/ü/*.json' -Server $server -ContentType 'application/json; charset=utf-8' { 'x' }
    Register-HttpHandler SPAM /spam -Server $server { 'x' }
    Register-HttpHandler * /any -Server $server { 'x' }
    Register-HttpHandler POST /raw -Stream -Server $server { 'x' }
    Register-HttpHandler GET /hidden -Hidden -Server $server { 'x' }
    Register-HttpHandler GET /broken -Server $server { param([No.Such.Type] $x) 'x' }
    Publish-HttpCommand Get-Greeting /greet Word, Name, Loud -Server $server
    $script:document = Get-Document $server
    $script:paths = $document.paths
}

AfterAll {
    Remove-Item Function:Get-Greeting
    Clear-Session
}

Describe 'The OpenAPI document' {
    It 'is of version 3.1, with the name of the server' {
        $document.openapi, $document.info.title, $document.info.version | Should -Be '3.1.0', 'Shop', '1.0.0'
    }

    It 'has what comments say' {
        $operation = $paths.'/items/{id}'.get
        $operation.summary, $operation.description | Should -Be 'Gives an item.', 'Finds the item by <its> "number" & more.'
        $operation.externalDocs.url, $operation.responses.'200'.description | Should -Be 'https://example.org/items', 'The item.'
        (Get-Parameter $operation id).description, (Get-Parameter $operation Detail).description | Should -Be 'The number of the item.', 'How much to tell.'
        $paths.'/items/{id}'.put.requestBody.content.'application/json'.schema.properties.Name.description | Should -Be 'The new name.'
    }

    It 'has types, what validates them, and defaults of <Name>' -ForEach @(
        @{ Name = 'Tag'; Schema = '{"type":"array","items":{"type":"string","minLength":1,"maxLength":20},"minItems":1,"maxItems":5,"default":["a","b"]}' }
        @{ Name = 'Top'; Schema = '{"type":"integer","format":"int32","exclusiveMinimum":0,"default":10}' }
        @{ Name = 'Sort'; Schema = '{"type":"string","pattern":"^[a-z]+$"}' }
        @{ Name = 'Odd'; Schema = '{"type":"string","description":"Matches \\A(?>a), an expression of .NET."}' }
        @{ Name = 'Since'; Schema = '{"type":"string","format":"date-time"}' }
        @{ Name = 'All'; Schema = '{"type":"boolean"}' }
        @{ Name = 'Guid'; Schema = '{"type":"string","format":"uuid"}' }
        @{ Name = 'Version'; Schema = '{"type":"string"}' }
        @{ Name = 'Day'; Schema = '{"type":"string","enum":["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"],"default":"Monday"}' }
        @{ Name = 'Small'; Schema = '{"type":"integer","minimum":0,"maximum":255}' }
        @{ Name = 'Made'; Schema = '{"type":"string"}' }
    ) {
        $parameter = Get-Parameter $paths.'/items'.get $Name
        $parameter.in | Should -Be query
        $parameter.schema | ConvertTo-Json -Compress -Depth 9 | Should -Be ($Schema | ConvertFrom-Json -AsHashtable | ConvertTo-Json -Compress -Depth 9)
    }

    It 'leaves out a parameter that is not to be shown' {
        Get-Parameter $paths.'/items'.get Internal | Should -BeNullOrEmpty
    }

    It 'has the parameters of the path, which are required' {
        $id = Get-Parameter $paths.'/items/{id}'.get id
        $id.in, $id.required, $id.schema.type, $id.schema.minimum, $id.schema.maximum | Should -Be path, $true, integer, 1, 100
        # Of one path the names are those of its first handler.
        (Get-Parameter $paths.'/items/{id}'.put id).schema.type | Should -Be string
        $paths.Keys | Should -Not -Contain '/items/{key}'
        (Get-Parameter $paths.'/files/{path}'.get path).description | Should -Be 'The rest of the path, with its slashes.'
    }

    It 'escapes what a path cannot have' {
        $paths.Keys | Should -Contain '/a%20b/%7Bx%7D/%C3%BC/{any}.json'
    }

    It 'has the body: an object of the parameters, a class, a form with files, or anything' {
        $members = $paths.'/items/{id}'.put.requestBody
        $members.required, ($members.content.Keys -join ' ') | Should -Be $true, 'application/json application/x-www-form-urlencoded'
        $schema = $members.content.'application/json'.schema
        $schema.required, $schema.properties.Name.minLength, $schema.properties.Price.default | Should -Be 'Name', 1, 1.5
        $paths.'/items'.post.requestBody.content.'application/json'.schema.'$ref' | Should -Be '#/components/schemas/Item'
        (Get-Parameter $paths.'/items'.post DryRun).in | Should -Be query
        $form = $paths.'/upload'.post.requestBody.content
        $form.Keys | Should -Be 'multipart/form-data'
        $form.'multipart/form-data'.schema.properties.File.items.contentMediaType | Should -Be 'application/octet-stream'
        $paths.'/raw'.post.requestBody.content.Keys | Should -Be '*/*'
        $paths.'/items'.get.ContainsKey('requestBody') | Should -BeFalse
    }

    It 'has classes with their properties, also those that lead back to themselves' {
        $schemas = $document.components.schemas
        $schemas.Item.properties.Keys | Should -Be Id, Name, Made, Tags, Parent, Price
        $schemas.Item.properties.Name.minLength, $schemas.Item.properties.Price.maximum | Should -Be 1, 1000
        $schemas.Item.properties.Made.type | Should -Be string, null
        $schemas.Item.properties.Tags.items.'$ref', $schemas.Item.properties.Parent.anyOf[0].'$ref' | Should -Be '#/components/schemas/Tag', '#/components/schemas/Item'
        $schemas.Tag.properties.Owner.anyOf[0].'$ref' | Should -Be '#/components/schemas/Item'
    }

    It 'has the forms of the output' {
        $content = $paths.'/items'.get.responses.'200'.content
        $content.Keys | Should -Be 'application/json', 'text/html', 'text/plain', 'text/csv', 'application/xml'
        $content.'application/json'.schema.items.'$ref' | Should -Be '#/components/schemas/Item'
        $paths.'/items'.get.parameters.'$ref' | Should -Contain '#/components/parameters/format'
        $paths.'/a%20b/%7Bx%7D/%C3%BC/{any}.json'.get.responses.'200'.content.Keys | Should -Be 'application/json'
        $paths.'/greet'.get.responses.'200'.content.Keys | Should -Be 'text/plain'
        $paths.'/items/{id}'.put.responses.Keys | Should -Be '204', '400', 'default'
    }

    It 'has who may call, and what refuses others' {
        $operation = $paths.'/items'.post
        $operation.operationId, $operation.summary | Should -Be 'addItem', 'add item'
        $operation.security | ConvertTo-Json -Compress -Depth 5 | Should -Be '[{"Keys":["ops","admin"]},{"Keys2":["ops","admin"]},{"To_kens":["ops","admin"]}]'
        $operation.responses.Keys | Should -Be '200', '400', '401', '403', '429', 'default'
        $operation.description | Should -Be 'Users need one of the roles ops, admin.'
        $schemes = $document.components.securitySchemes
        $schemes.Keys.type, $schemes.Keys.in, $schemes.Keys.name, $schemes.Keys2.in | Should -Be apiKey, header, X-Key, cookie
        $schemes.To_kens.scheme, $schemes.To_kens.bearerFormat, $schemes.To_kens.description | Should -Be bearer, JWT, 'To kens'
        $paths.'/items'.get.responses.Keys | Should -Be '200', '400', 'default'
        $paths.'/items'.get.ContainsKey('security') | Should -BeFalse
        $document.components.responses.BadRequest.content.Keys | Should -Be 'application/problem+json'
        $document.components.responses.TooManyRequests.headers.Keys | Should -Be 'Retry-After'
    }

    It 'has a published command, with its help' {
        $operation = $paths.'/greet'.get
        $operation.summary, (Get-Parameter $operation Name).description | Should -Be 'Greets somebody.', 'Whom to greet.'
        (Get-Parameter $operation Name).required | Should -BeTrue
        (Get-Parameter $operation Word).schema.enum | Should -Be 'Hello', 'Bye'
    }

    It 'has methods that OpenAPI has no place for, and those that are mostly used for a handler of all' {
        $paths.'/spam'.'x-additionalOperations'.Keys | Should -Be SPAM
        $paths.'/any'.Keys | Should -Be get, put, post, delete, patch
    }

    It 'leaves hidden handlers out, and describes one whose types are not there as far as it can' {
        $paths.Keys | Should -Not -Contain '/hidden'
        (Invoke-Http "$($server.Uri)hidden").Text | Should -Be x
        (Get-Parameter $paths.'/broken'.get x).in | Should -Be query
        Wait-Log $server { $_.Message -match 'No.Such.Type' } | Should -Not -BeNullOrEmpty
        (Get-HttpHandler -Path /hidden).Hidden | Should -BeTrue
        Register-HttpHandler -Route @{ Method = 'GET'; Path = '/alsohidden'; Hidden = $true; ScriptBlock = { 'x' }; Server = $server }
        Publish-HttpCommand Get-Date /date -Hidden -Server $server
        (Get-Document $server).paths.Keys | Should -Not -Contain '/alsohidden'
        (Get-Document $server).paths.Keys | Should -Not -Contain '/date'
    }
}

Describe 'A server with -OpenApi' {
    BeforeAll {
        $script:small = Open-Server -NoFiles -OpenApi -Name Small
    }

    AfterEach {
        Get-HttpHandler -Server $small | Unregister-HttpHandler
    }

    It 'has the document without a handler, and makes it anew only when handlers have changed' {
        $first = Invoke-Http "$($small.Uri)openapi.json"
        $first.Status, $first.Type, $first.Headers.'Cache-Control' | Should -Be 200, 'application/json; charset=utf-8', 'no-cache'
        $again = Invoke-Http "$($small.Uri)openapi.json" -Header @{ 'If-None-Match' = $first.Headers.ETag }
        $again.Status, $again.Text | Should -Be 304, ''
        Register-HttpHandler GET /new { 'x' } -Server $small
        $changed = Invoke-Http "$($small.Uri)openapi.json" -Header @{ 'If-None-Match' = $first.Headers.ETag }
        $changed.Status, ($changed.Text -match '"/new"') | Should -Be 200, $true
    }

    It 'answers HEAD and OPTIONS, and refuses other methods' {
        $head = Invoke-Http "$($small.Uri)openapi.json" -Method HEAD
        $head.Status, ([int]$head.Headers.'Content-Length' -gt 100), $head.Text | Should -Be 200, $true, ''
        (Invoke-Http "$($small.Uri)openapi" -Method OPTIONS).Headers.Allow | Should -Be 'GET, HEAD, OPTIONS'
        $post = Invoke-Http "$($small.Uri)openapi.json" -Method POST
        $post.Status, $post.Headers.Allow | Should -Be 405, 'GET, HEAD, OPTIONS'
    }

    It 'goes before handlers for other paths too, and behind one for just this path' {
        Register-HttpHandler GET '/{name}' { 'any' } -Server $small
        Register-HttpHandler GET { 'every' } -Server $small
        (Invoke-Http "$($small.Uri)openapi.json").Type | Should -Be 'application/json; charset=utf-8'
        Register-HttpHandler GET /OpenApi.json { 'own' } -Server $small
        (Invoke-Http "$($small.Uri)openapi.json").Text | Should -Be own
        (Invoke-Http "$($small.Uri)openapi").Type | Should -Be 'text/html; charset=utf-8'
    }

    It 'tells of a path with several handlers which values each takes' {
        Register-HttpHandler GET '/x/{id:int}' { 'number' } -Server $small
        Register-HttpHandler GET '/x/{name}' { 'name' } -Server $small
        $operation = (Get-Document $small).paths.'/x/{id}'.get
        $operation.parameters[0].schema.anyOf.type | Should -Be integer, string
        $operation.description | Should -Be 'A path that does not fit this goes to the handler for /x/{name}.'
    }

    It 'has filters of files see requests for it' {
        Register-HttpFilter -Path '/openapi*' -IncludeFiles -Name Sees -Server $small -ScriptBlock { $Response.Headers['X-Seen'] = 'yes' }
        try {
            (Invoke-Http "$($small.Uri)openapi.json").Headers.'X-Seen' | Should -Be yes
        }
        finally {
            Unregister-HttpFilter Sees
        }
    }

    It 'asks for the users of the server, and not for those of handlers' {
        Register-HttpHandler GET '/{*all}' -Authentication Keys { 'x' } -Server $small
        (Invoke-Http "$($small.Uri)openapi.json").Status | Should -Be 200
        $closed = Open-Server -NoFiles -OpenApi -Authentication Keys
        (Invoke-Http "$($closed.Uri)openapi.json").Status, (Invoke-Http "$($closed.Uri)openapi").Status | Should -Be 401, 401
        (Invoke-Http "$($closed.Uri)openapi.json" -Header @{ 'X-Key' = 'secret' }).Status | Should -Be 200
        Stop-HttpServer $closed.Name -Force
    }

    It 'tells whom rules let in' {
        $users = Join-Path $TestDrive users
        Set-Content $users (New-HttpPasswordHash anna (ConvertTo-SecureString secret -AsPlainText -Force))
        $ruled = Open-Server -NoFiles -OpenApi -CredentialPath $users -AccessRule '* /public:r', '@ops /logs:r', 'anna /:rw'
        foreach ($path in '/public/a', '/logs/a', '/other') { Register-HttpHandler GET, POST $path { 'x' } -Server $ruled }
        $document = (Invoke-Http "$($ruled.Uri)openapi.json" -Header @{
                Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes('anna:secret')) }).Text | ConvertFrom-Json -AsHashtable
        $public = $document.paths.'/public/a'.get
        $public.description, $public.security[-1].Count | Should -Be 'By the rules of the path, these may: everybody.', 0
        $public.responses.Keys | Should -Be '200', 'default'
        $document.paths.'/public/a'.post.description | Should -Be 'By the rules of the path, nobody may.'
        $document.paths.'/logs/a'.get.description | Should -Be 'By the rules of the path, these may: users with the role ops.'
        $document.paths.'/other'.post.description | Should -Be 'By the rules of the path, these may: the user anna.'
        $document.paths.'/other'.post.responses.Keys | Should -Be '200', '401', '403', 'default'
        Stop-HttpServer $ruled.Name -Force
    }

    It 'is not for a class, which answers every path' {
        $failure = Get-Failure { Open-Server -OpenApi -HandlerType ([Http.Server.SimpleHttpRequestHandler]) }
        $failure.Id, $failure.Message | Should -Be 'HandlerTypeInvalid', ('-HandlerType: -OpenApi describes handlers, and the class ' +
            'SimpleHttpRequestHandler answers every path: leave one of them out.')
    }

    It 'is none without the switch' {
        $without = Open-Server -NoFiles
        (Invoke-Http "$($without.Uri)openapi.json").Status, (Invoke-Http "$($without.Uri)openapi").Status | Should -Be 404, 404
        Stop-HttpServer $without.Name -Force
    }

    It 'tells of Kerberos' {
        Register-HttpAuthentication Corp -Negotiate
        $lone = Open-Server -NoFiles -OpenApi -Name Lone
        Register-HttpHandler GET /who -Authentication Corp -Server $lone { 'in' }
        $described = Get-Document $lone
        $described.paths.'/who'.get.security | ConvertTo-Json -Compress -Depth 5 | Should -Be '{"Corp":[]}'
        $schemes = $described.components.securitySchemes
        $schemes.Corp.type, $schemes.Corp.scheme | Should -Be http, negotiate
        (Invoke-Http "$($lone.Uri)openapi").Text | Should -Match 'negotiate'
        Stop-HttpServer Lone -Force
        Unregister-HttpAuthentication Corp
    }
}

Describe 'The page of the document' {
    BeforeAll {
        $script:page = Invoke-Http "$($server.Uri)openapi"
    }

    It 'loads nothing but its own style' {
        $page.Status, $page.Type | Should -Be 200, 'text/html; charset=utf-8'
        $page.Headers.'Content-Security-Policy' | Should -Match "^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$"
        $page.Text | Should -Not -Match '<script|<link|<img|@import|url\('
        $style = [regex]::Match($page.Text, '(?s)<style>(.*?)</style>').Groups[1].Value
        $hash = [Convert]::ToBase64String([Security.Cryptography.SHA256]::HashData([Text.Encoding]::UTF8.GetBytes($style)))
        $page.Headers.'Content-Security-Policy' | Should -Match ([regex]::Escape("'sha256-$hash'"))
    }

    It 'is one page, with a slash at its end too: its links are relative' {
        $answer = Invoke-Http "$($server.Uri)openapi/?a=b"
        $answer.Status | Should -Be 301
        $answer.Headers.Location | Should -Be '../openapi'
        (Invoke-Http "$($server.Uri)openapi?a=b").Text | Should -BeLike '*<a href="openapi.json">*'
    }

    It 'shows each operation, with text as text' {
        foreach ($path in '/items/{id}', '/files/{path}', '/greet', '/spam') { $page.Text | Should -Match ([regex]::Escape("<code>$path</code>")) }
        $page.Text | Should -Match ([regex]::Escape('Finds the item by &lt;its&gt; &quot;number&quot; &amp; more.'))
        $page.Text | Should -Match 'id="schema-Item"'
        $page.Text | Should -Not -Match '/hidden'
    }

    It 'shows names with odd characters as they are' {
        $odd = Open-Server -NoFiles -OpenApi -Name '<b>"&''</b>'
        Register-HttpHandler GET '/<i>/{x}' -Name "<u>`u{1b}$([char]0xd800)" -Server $odd {
            param([ValidateSet('</code>', 'a"b')] [string] ${od-d<s>} = '</code>') 'x'
        }
        $text = (Invoke-Http "$($odd.Uri)openapi").Text
        $text | Should -Not -Match '<b>"|<i>/|<u>|<s>|</code></code>'
        $text | Should -Match ([regex]::Escape('<title>&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;</title>'))
        $operation = (Get-Document $odd).paths.'/%3Ci%3E/{x}'.get
        $operation.summary[0..2] -join '' | Should -Be '<u>'
        (Get-Parameter $operation 'od-d<s>').schema.enum | Should -Be '</code>', 'a"b'
        Stop-HttpServer $odd.Name -Force
    }
}

Describe 'Programs that read OpenAPI' {
    It 'find the document valid' {
        $folder = Initialize-Node
        [IO.File]::WriteAllText((Join-Path $folder openapi.json), (Invoke-Http "$($server.Uri)openapi.json").Text)
        Invoke-Node $folder 'validate.mjs', 'openapi.json' | Should -Be valid
    }

    It 'make a client of it that talks to the server' {
        $folder = Initialize-Node
        [IO.File]::WriteAllText((Join-Path $folder openapi.json), (Invoke-Http "$($server.Uri)openapi.json").Text)
        $null = Invoke-Node $folder 'node_modules/openapi-typescript/bin/cli.js', 'openapi.json', '-o', 'api.d.ts'
        $null = Invoke-Node $folder 'node_modules/typescript/bin/tsc', '--strict', '--target', 'es2022', '--lib', 'es2022,dom', '--module', 'es2022',
        '--moduleResolution', 'bundler', 'client.ts'
        Invoke-Node $folder 'client.js', "$($server.Uri)" | Should -Be talked
    }
}
