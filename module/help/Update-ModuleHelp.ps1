#!/usr/bin/env pwsh
#requires -Version 7.6
<#
.SYNOPSIS
    Makes the help files of the module from the Markdown in this folder.
.DESCRIPTION
    The help of the commands becomes HttpServer.PowerShell.dll-Help.xml, which Get-Help reads, and each about topic a text of 80 columns.
    Run this after a change of the Markdown, and commit what it makes. It needs the module Microsoft.PowerShell.PlatyPS.

    A parameter that is new needs a section of its own in the Markdown, and its place in the syntax: 'New-MarkdownCommandHelp -CommandInfo
    (Get-Command Start-HttpServer) -OutputFolder x' of that module writes both.
.EXAMPLE
    ./module/help/Update-ModuleHelp.ps1
    Makes the files in module/en-US; the next build copies them to module/bin/en-US.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # Where the files are left.
    [string] $OutputPath = (Join-Path $PSScriptRoot '../en-US')
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$Width = 80
$MamlNamespaces = @{
    maml    = 'http://schemas.microsoft.com/maml/2004/10'
    command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'
    dev     = 'http://schemas.microsoft.com/maml/dev/2004/10'
}

# Text as a reader without Markdown wants it: the content of code, links as their text, no stars and no escapes.
function ConvertFrom-InlineMarkdown {
    [OutputType([string])]
    param([string] $Text)

    $pattern = '`(?<code>[^`]+)`|\*\*(?<bold>.+?)\*\*|\[(?<text>[^\]]+)\]\((?<link>[^)]+)\)|\\(?<escaped>[\\`*_{}\[\]()<>#+.!|-])'
    [regex]::Replace($Text, $pattern, {
            param($match)
            $group = $match.Groups.Where({ $_.Success -and $_.Name -in 'code', 'bold', 'text', 'escaped' })[0]
            $link = $match.Groups['link'].Value
            $link -match '^https?:' ? "$($group.Value) ($link)" : $group.Value
        })
}

# Markdown as objects with Kind and, by that, Level, Text, Language, Lines, Items or Rows.
function ConvertFrom-HelpMarkdown {
    [OutputType([pscustomobject])]
    param([string] $Markdown)

    $lines = $Markdown -split '\r?\n'
    for ($at = 0; $at -lt $lines.Count; $at++) {
        $line = $lines[$at]
        if ($line -match '^\s*$') { continue }
        if ($line -match '^```(\w*)') {
            $language = $Matches[1]
            $code = for ($at++; $lines[$at] -notmatch '^```'; $at++) { $lines[$at] }
            [pscustomobject]@{ Kind = 'Code'; Language = $language; Lines = @($code) }
        }
        elseif ($line -match '^(#+) (.+)') {
            [pscustomobject]@{ Kind = 'Heading'; Level = $Matches[1].Length; Text = ConvertFrom-InlineMarkdown $Matches[2] }
        }
        else {
            # All lines to the next empty one, or to code.
            $block = @(for (; $at -lt $lines.Count -and $lines[$at] -notmatch '^\s*$|^```'; $at++) { $lines[$at] })
            $at--
            if ($line.StartsWith('|')) {
                $rows = foreach ($row in $block -notmatch '^\|[-|: ]+$') {
                    , @($row.Trim('|') -split '\|' | ForEach-Object { ConvertFrom-InlineMarkdown $_.Trim() })
                }
                [pscustomobject]@{ Kind = 'Table'; Rows = @($rows) }
            }
            elseif ($line.StartsWith('- ')) {
                $items = ($block -join "`n") -split '(?m)^- ' -ne '' | ForEach-Object { ConvertFrom-InlineMarkdown ($_.Trim() -replace '\s+', ' ') }
                [pscustomobject]@{ Kind = 'List'; Items = @($items) }
            }
            else {
                [pscustomobject]@{ Kind = 'Paragraph'; Text = ConvertFrom-InlineMarkdown ($block.Trim() -join ' ') }
            }
        }
    }
}

# Lines of at most that many characters; a longer word stays whole.
function Format-Line {
    [OutputType([string])]
    param([string] $Text, [int] $Length, [string] $First = '', [string] $Next = $First)

    $line = $First
    $isEmpty = $true
    foreach ($word in $Text -split ' ') {
        if (-not $isEmpty -and $line.Length + 1 + $word.Length -gt $Length) {
            $line
            $line = $Next
            $isEmpty = $true
        }
        $line += $isEmpty ? $word : " $word"
        $isEmpty = $false
    }
    $line
}

# The widest column gives way until the table fits, but no word is cut.
function Format-MarkdownTable {
    [OutputType([string])]
    param([object[]] $Rows, [string] $Indent)

    $count = $Rows[0].Count
    $cells = @(foreach ($column in 0..($count - 1)) { , @($Rows | ForEach-Object { $_[$column] }) })
    $words = @($cells | ForEach-Object { ($_ -split ' ' | Measure-Object -Property Length -Maximum).Maximum })
    $widths = @($cells | ForEach-Object { ($_ | Measure-Object -Property Length -Maximum).Maximum })
    while (($widths | Measure-Object -Sum).Sum + 2 * ($count - 1) + $Indent.Length -gt $Width) {
        $widest = 0..($count - 1) | Where-Object { $widths[$_] -gt $words[$_] } | Sort-Object -Stable { -$widths[$_] } | Select-Object -First 1
        if ($null -eq $widest) { break }
        $widths[$widest]--
    }
    $underline = @(foreach ($column in 0..($count - 1)) { '-' * [Math]::Min($Rows[0][$column].Length, $widths[$column]) })
    foreach ($row in @(, $Rows[0]) + @(, $underline) + $Rows[1..($Rows.Count - 1)]) {
        $cells = @(foreach ($column in 0..($count - 1)) { , @(Format-Line $row[$column] -Length $widths[$column]) })
        foreach ($line in 0..(($cells | ForEach-Object Count | Measure-Object -Maximum).Maximum - 1)) {
            $parts = foreach ($column in 0..($count - 1)) {
                ($line -lt $cells[$column].Count ? $cells[$column][$line] : '').PadRight($widths[$column])
            }
            ($Indent + ($parts -join '  ')).TrimEnd()
        }
    }
}

# An about topic; the fifth line, the short description, is what a list of topics shows.
function ConvertTo-AboutText {
    [OutputType([string])]
    param([string] $Markdown)

    $indent = ' ' * 4
    $lines = foreach ($block in ConvertFrom-HelpMarkdown $Markdown) {
        switch ($block.Kind) {
            'Heading' { $block.Level -eq 1 ? @('TOPIC', "$indent$($block.Text)") : $block.Text.ToUpperInvariant() }
            'Paragraph' { Format-Line $block.Text -Length $Width -First $indent }
            'List' { $block.Items | ForEach-Object { Format-Line $_ -Length $Width -First "$indent- " -Next "$indent  " } }
            'Table' { Format-MarkdownTable $block.Rows $indent }
            'Code' {
                if ($block.Language -eq 'Output') { "${indent}Output:", '' }
                $block.Lines | ForEach-Object { "$indent$indent$_".TrimEnd() }
            }
        }
        if ($block.Kind -ne 'Heading' -or $block.Level -eq 1) { '' }
    }
    ($lines -join "`n").TrimEnd() + "`n"
}

# Markdown as paragraphs, which Get-Help fits to the window by itself.
function ConvertTo-MamlParagraph {
    [OutputType([string])]
    param([object[]] $Blocks)

    foreach ($block in $Blocks) {
        switch ($block.Kind) {
            'Paragraph' { $block.Text }
            'List' { ($block.Items | ForEach-Object { "- $_" }) -join "`n" }
            'Code' {
                if ($block.Language -eq 'Output') { 'Output:' }
                $block.Lines -join "`n"
            }
            default { throw "A $($block.Kind.ToLowerInvariant()) cannot be shown by Get-Help." }
        }
    }
}

function Set-MamlParagraph {
    [CmdletBinding(SupportsShouldProcess)]
    param([System.Xml.XmlElement] $Element, [string[]] $Paragraph)

    if (-not $PSCmdlet.ShouldProcess($Element.Name)) { return }
    $Element.RemoveAll()
    foreach ($text in $Paragraph) {
        $Element.AppendChild($Element.OwnerDocument.CreateElement('maml:para', $MamlNamespaces.maml)).InnerText = $text
    }
}

# PlatyPS takes Markdown over as it is, examples as one text, and leaves out default values.
function Repair-CommandMaml {
    param([System.Xml.XmlDocument] $Document, [object[]] $CommandHelp)

    $names = [System.Xml.XmlNamespaceManager]::new($Document.NameTable)
    foreach ($prefix in $MamlNamespaces.Keys) { $names.AddNamespace($prefix, $MamlNamespaces[$prefix]) }
    foreach ($element in $Document.SelectNodes('//maml:description[maml:para] | //maml:alert[maml:para]', $names)) {
        $text = $element.SelectNodes('maml:para', $names).InnerText -join "`n`n"
        Set-MamlParagraph $element @(ConvertTo-MamlParagraph @(ConvertFrom-HelpMarkdown $text))
    }

    foreach ($command in $Document.SelectNodes('//command:command', $names)) {
        $source = $CommandHelp | Where-Object Title -EQ $command.SelectSingleNode('command:details/command:name', $names).InnerText
        foreach ($parameter in $command.SelectNodes('command:parameters/command:parameter', $names)) {
            $name = $parameter.SelectSingleNode('maml:name', $names).InnerText
            $default = ($source.Parameters | Where-Object Name -EQ $name).DefaultValue
            $parameter.AppendChild($Document.CreateElement('dev:defaultValue', $MamlNamespaces.dev)).InnerText = $default ? $default : 'None'
            # The type as the syntax has it.
            $short = $command.SelectSingleNode("command:syntax/*/command:parameter[maml:name='$name']/command:parameterValue", $names)
            if ($short) { $parameter.SelectSingleNode('command:parameterValue', $names).InnerText = $short.InnerText }
        }

        $examples = $command.SelectNodes('command:examples/command:example', $names)
        for ($number = 0; $number -lt $examples.Count; $number++) {
            $blocks = @(ConvertFrom-HelpMarkdown $source.Examples[$number].Remarks)
            $at = [array]::IndexOf(@($blocks.Kind), 'Code')
            $example = $examples[$number]
            Set-MamlParagraph $example.SelectSingleNode('maml:introduction', $names) @(ConvertTo-MamlParagraph @($blocks | Select-Object -First $at))
            $example.SelectSingleNode('dev:code', $names).InnerText = $blocks[$at].Lines -join "`n"
            # The empty paragraph keeps the next example apart.
            $remarks = @(ConvertTo-MamlParagraph @($blocks | Select-Object -Skip ($at + 1))) + ''
            Set-MamlParagraph $example.SelectSingleNode('dev:remarks', $names) $remarks
        }

        foreach ($link in $command.SelectNodes('command:relatedLinks/maml:navigationLink', $names)) {
            $uri = $link.SelectSingleNode('maml:uri', $names)
            if ($link.SelectSingleNode('maml:linkText', $names).InnerText -eq 'Online Version' -and -not $uri.InnerText) {
                $null = $link.ParentNode.RemoveChild($link)
            }
            elseif ($uri.InnerText -like '*.md') {
                $uri.InnerText = ''
            }
        }
    }
}

if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PlatyPS)) {
    throw 'Microsoft.PowerShell.PlatyPS is not installed: Install-PSResource Microsoft.PowerShell.PlatyPS'
}

Import-Module Microsoft.PowerShell.PlatyPS
$OutputPath = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputPath)
if (-not $PSCmdlet.ShouldProcess($OutputPath, 'Make the help files')) { return }
$null = New-Item -ItemType Directory -Path $OutputPath -Force

$temporary = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
try {
    $help = Get-ChildItem -Path $PSScriptRoot -Filter *-Http*.md | Sort-Object Name | ForEach-Object { Import-MarkdownCommandHelp -Path $_.FullName }
    $file = $help | Export-MamlCommandHelp -OutputFolder $temporary -Force
    $maml = [System.Xml.XmlDocument]::new()
    $maml.Load($file.FullName)
    Repair-CommandMaml $maml $help
    $settings = [System.Xml.XmlWriterSettings]@{ Indent = $true; NewLineChars = "`n"; Encoding = [System.Text.UTF8Encoding]::new($false) }
    $path = Join-Path $OutputPath $file.Name
    $writer = [System.Xml.XmlWriter]::Create($path, $settings)
    $maml.Save($writer)
    $writer.Dispose()
    [System.IO.File]::AppendAllText($path, "`n")
}
finally {
    if (Test-Path $temporary) { Remove-Item $temporary -Recurse }
}

foreach ($topic in Get-ChildItem -Path $PSScriptRoot -Filter about_*.md) {
    $text = ConvertTo-AboutText (Get-Content -Path $topic.FullName -Raw)
    [System.IO.File]::WriteAllText((Join-Path $OutputPath "$($topic.BaseName).help.txt"), $text)
}
