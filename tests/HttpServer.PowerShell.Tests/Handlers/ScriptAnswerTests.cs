using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

/// <summary>What a scriptblock puts out as JSON: plain data to its ground, objects of .NET with their properties and no further.</summary>
public sealed class ScriptAnswerTests
{
    [EngineTheory]
    [InlineData("@{ a = 1 }", """{"a":1}""")]
    [InlineData("[ordered]@{ b = 1; a = 'x' }", """{"b":1,"a":"x"}""")]
    [InlineData("[pscustomobject]@{ a = $null; b = $true }", """{"a":null,"b":true}""")]
    [InlineData("1", "1")]
    [InlineData("1.5", "1.5")]
    [InlineData("$false", "false")]
    [InlineData("1, 2", "[1,2]")]
    [InlineData("'a', 1", """["a",1]""")]
    [InlineData(", @(1)", "[1]")]
    [InlineData(", @()", "[]")]
    [InlineData("@{ a = @() }", """{"a":[]}""")]
    [InlineData("@{ a = @(1) }", """{"a":[1]}""")]
    [InlineData("@{ }, @{ }", "[{},{}]")]
    [InlineData("@{ a = [DayOfWeek]::Monday }", """{"a":"Monday"}""")]
    [InlineData("@{ a = 'x' | Add-Member note 1 -PassThru }", """{"a":"x"}""")]
    [InlineData("@{ a = [char] 'x' }", """{"a":"x"}""")]
    [InlineData("@{ a = [guid]::Empty }", """{"a":"00000000-0000-0000-0000-000000000000"}""")]
    public async Task Values_are_what_they_are(string script, string json)
    {
        await using var site = new ScriptSite();
        Assert.Equal(json, await site.ReadAsync(script));
    }

    [EngineTheory]
    [InlineData("@{ value = $inner }", """{"value":""", "}")]
    [InlineData("[pscustomobject]@{ value = $inner }", """{"value":""", "}")]
    [InlineData("[ordered]@{ value = $inner }", """{"value":""", "}")]
    [InlineData(", @($inner, 1)", "[", ",1]")]
    [InlineData("[Collections.Generic.List[object]] $list = @($inner, 1); , $list", "[", ",1]")]
    [InlineData("$object = [Nested]::new(); $object.Value = $inner; $object", """{"Value":""", "}")]
    public async Task Plain_data_goes_down_to_its_ground(string wrap, string before, string after)
    {
        await using var site = new ScriptSite();
        var script = $$"""
            class Nested { [object] $Value }
            $inner = @{ bottom = 'x' }
            foreach ($level in 1..30) { $inner = & { {{wrap}} } }
            , $inner
            """;
        var expected = string.Concat(Enumerable.Repeat(before, 30)) + """{"bottom":"x"}""" + string.Concat(Enumerable.Repeat(after, 30));
        Assert.Equal(expected, await site.ReadAsync(script));
    }

    [EngineFact]
    public async Task What_is_deeper_than_anybody_needs_is_text()
    {
        await using var site = new ScriptSite();
        var json = await site.ReadAsync("$inner = 'x'; foreach ($level in 1..80) { $inner = @{ a = $inner } }; $inner");
        Assert.Equal(65, json.Split("""{"a":""").Length - 1);
        Assert.Contains("System.Collections.Hashtable", json, StringComparison.Ordinal);
    }

    [EngineTheory]
    [InlineData("[version] '1.2'")]
    [InlineData("@{ a = [version] '1.2' }")]
    [InlineData("@{ a = [uri] 'http://x/' }")]
    [InlineData("Get-Item .")]
    [InlineData("@{ a = Get-Item . }")]
    [InlineData("Get-Process -Id $PID | Select-Object Name, Modules")]
    [InlineData("@{ a = $this }")]
    public async Task An_object_of_NET_shows_its_properties_and_no_further(string script)
    {
        await using var site = new ScriptSite();
        Assert.InRange((await site.ReadAsync(script)).Length, 1, 100_000);
    }

    [EngineTheory]
    [InlineData("$one = @{ name = 'one' }; $one.self = $one; $one", """{"name":"one","self":"System.Collections.Hashtable"}""", """{"self":"System.Collections.Hashtable","name":"one"}""")]
    [InlineData("$list = [Collections.ArrayList]::new(); $null = $list.Add($list); , $list", """[""]""", """["System.Collections.ArrayList"]""")]
    public async Task What_contains_itself_ends_where_it_comes_again(string script, params string[] either)
    {
        await using var site = new ScriptSite();
        Assert.Contains(await site.ReadAsync(script), either);
    }

    [EngineFact]
    public async Task A_tree_whose_nodes_know_their_parents_is_written_once()
    {
        await using var site = new ScriptSite();
        var json = await site.ReadAsync("""
            function Add-Children($Parent, $Depth) {
                if ($Depth -eq 0) { return }
                $Parent.Children = @(foreach ($number in 1..3) { [pscustomobject]@{ Name = "$Depth$number"; Parent = $Parent; Children = @() } })
                foreach ($child in $Parent.Children) { Add-Children $child ($Depth - 1) }
            }
            $root = [pscustomobject]@{ Name = 'root'; Parent = $null; Children = @() }
            Add-Children $root 4
            $root
            """);
        Assert.StartsWith("""{"Name":"root","Parent":null,"Children":[{"Name":"41","Parent":""", json, StringComparison.Ordinal);
        Assert.InRange(json.Length, 1, 100_000);
    }

    [EngineFact]
    public async Task A_property_that_cannot_be_read_is_null()
    {
        await using var site = new ScriptSite();
        Assert.Equal("""{"a":1,"b":null}""", await site.ReadAsync(
            "$object = [pscustomobject]@{ a = 1 }; $object | Add-Member ScriptProperty b { throw 'no' }; $object"));
    }
}
