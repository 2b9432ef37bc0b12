using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

/// <summary>What a scriptblock puts out as JSON: plain data to its ground, objects of .NET with their properties and no further.</summary>
public sealed class ScriptAnswerTests
{
    private const string TableScript = """
        $table = [Data.DataTable]::new('T')
        $null = $table.Columns.Add('a', [int]), $table.Columns.Add('b')
        $null = $table.Rows.Add(1, 'x'), $table.Rows.Add(2, [DBNull]::Value)
        $set = [Data.DataSet]::new()
        $set.Tables.Add($table)

        """;

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

    /// <summary>Tables by other keys than text, and what ConvertTo-Json knows too little of or shows too much of.</summary>
    [EngineTheory]
    [InlineData("@{ 1 = 'a' }", """{"1":"a"}""")]
    [InlineData("@{ a = @{ 1 = @{ 2 = 3 } } }", """{"a":{"1":{"2":3}}}""")]
    [InlineData(", @(@{ 1 = 'a' }, 2)", """[{"1":"a"},2]""")]
    [InlineData("[pscustomobject]@{ a = [ordered]@{ [object] 2 = 1; [object] 1 = 2 } }", """{"a":{"2":1,"1":2}}""")]
    [InlineData("[ordered]@{ [object] 1 = 'a'; '1' = 'b' }", """{"1":"b"}""")]
    [InlineData("'aa', 'b', 'cc' | Group-Object Length -AsHashTable | ForEach-Object { $_[2] = $_[2]; $_.Remove(1); $_ }", """{"2":["aa","cc"]}""")]
    [InlineData("$table = [Collections.Generic.Dictionary[int, string]]::new(); $table[1] = 'x'; $table", """{"1":"x"}""")]
    [InlineData("$table = [Collections.Generic.SortedDictionary[int, object]]::new(); $table[2] = @{ 1 = 2 }; $table[1] = 1; @{ a = $table }", """{"a":{"1":1,"2":{"1":2}}}""")]
    [InlineData("@{ [DayOfWeek]::Monday = 1 }", """{"Monday":1}""")]
    [InlineData("@{ [datetime]::new(2020, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) = 1 }", """{"2020-01-02T03:04:05Z":1}""")]
    [InlineData("@{ [datetimeoffset]::new(2020, 1, 2, 3, 4, 5, [timespan]::FromHours(2)) = 1 }", """{"2020-01-02T03:04:05+02:00":1}""")]
    [InlineData("[cultureinfo]::CurrentCulture = 'de-DE'; @{ 1.5 = 1 }", """{"1.5":1}""")]
    [InlineData("@{ [guid]::Empty = 1 }", """{"00000000-0000-0000-0000-000000000000":1}""")]
    [InlineData("@{ $true = 1 }", """{"True":1}""")]
    [InlineData("@{ '' = 1 }", """{"":1}""")]
    [InlineData("@{ ([pscustomobject]@{ a = 1 }) = 1 }", """{"@{a=1}":1}""")]
    [InlineData("$table = [Dynamic.ExpandoObject]::new(); $table.x = @{ y = 1 }; @{ a = $table }", """{"a":{"x":{"y":1}}}""")]
    [InlineData("$table = [Collections.Specialized.NameValueCollection]::new(); $table.Add('a', 'b'); $table.Add('c', 'd'); $table.Add('c', 'e'); @{ a = $table }", """{"a":{"a":"b","c":["d","e"]}}""")]
    [InlineData("[Text.Json.Nodes.JsonNode]::Parse('{\"a\":[1,2.50,{\"b\":null}],\"c\":\"grün\"}')", """{"a":[1,2.50,{"b":null}],"c":"grün"}""")]
    [InlineData("[Text.Json.Nodes.JsonNode]::Parse('{\"a\":null,\"b\":1}'); [Text.Json.Nodes.JsonNode]::Parse('{\"c\":1}')", """[{"a":null,"b":1},{"c":1}]""")]
    [InlineData("1..2 | ForEach-Object { [Text.Json.Nodes.JsonNode]::Parse('{\"a\":null}') }", """[{"a":null},{"a":null}]""")]
    [InlineData(", [Text.Json.Nodes.JsonNode]::Parse('{}')", "{}")]
    [InlineData(", [Text.Json.Nodes.JsonNode]::Parse('[1]')", "[1]")]
    [InlineData("[Text.Json.Nodes.JsonNode]::Parse('[{\"a\":1},{}]')", """[{"a":1},{}]""")]
    [InlineData("@{ a = [Text.Json.Nodes.JsonNode]::Parse('{\"b\":1e2}') }", """{"a":{"b":1e2}}""")]
    [InlineData("[Text.Json.JsonDocument]::Parse('{\"a\":[1.0]}')", """{"a":[1.0]}""")]
    [InlineData("[Text.Json.JsonDocument]::Parse('{\"a\":[1.0]}').RootElement", """{"a":[1.0]}""")]
    [InlineData("@{ a = [Text.Json.JsonDocument]::Parse('[null]').RootElement, [Text.Json.JsonElement]::new() }", """{"a":[[null],null]}""")]
    [InlineData(TableScript + "$table.Rows[0]", """{"a":1,"b":"x"}""")]
    [InlineData(TableScript + "$table", """[{"a":1,"b":"x"},{"a":2,"b":null}]""")]
    [InlineData(TableScript + ", $table", """[{"a":1,"b":"x"},{"a":2,"b":null}]""")]
    [InlineData(TableScript + "@{ rows = $table }", """{"rows":[{"a":1,"b":"x"},{"a":2,"b":null}]}""")]
    [InlineData(TableScript + "@{ rows = @($table.Rows) }", """{"rows":[{"a":1,"b":"x"},{"a":2,"b":null}]}""")]
    [InlineData(TableScript + "$table.DefaultView", """[{"a":1,"b":"x"},{"a":2,"b":null}]""")]
    [InlineData(TableScript + "@{ set = $set }", """{"set":{"T":[{"a":1,"b":"x"},{"a":2,"b":null}]}}""")]
    [InlineData(TableScript + "$table.CreateDataReader()", """[{"a":1,"b":"x"},{"a":2,"b":null}]""")]
    [InlineData("class Own { [string] $Name = 'n'; hidden [string] $Secret = 's' }; [Own]::new()", """{"Name":"n"}""")]
    [InlineData("class Own { [string] $Name = 'n'; hidden [string] $Secret = 's' }; class Below : Own { [int] $Size = 1; hidden [int] $Hidden }; @{ a = , [Below]::new() }", """{"a":[{"Size":1,"Name":"n"}]}""")]
    [InlineData("class Own { [string] $Name = 'n'; hidden [string] $Secret = 's' }; [Own]::new() | Add-Member NoteProperty Added 1 -PassThru", """{"Name":"n","Added":1}""")]
    [InlineData("@{ a = 1 } | Add-Member NoteProperty b 2 -PassThru", """{"a":1,"b":2}""")]
    [InlineData("@{ a = [xml] '<x>1</x>' }", """{"a":"<x>1</x>"}""")]
    [InlineData("@{ a = [Int128]::MaxValue }", """{"a":170141183460469231731687303715884105727}""")]
    [InlineData("class Own { [string] ToString() { throw 'no' } }; class Holder { [Own] $Own = [Own]::new() }; $Holder = [Holder]::new(); @{ $Holder.Own = 1 }", """{"Own":1}""")]
    public async Task Every_table_and_row_is_an_object(string script, string json)
    {
        await using var site = new ScriptSite();
        Assert.Equal(json, await site.ReadAsync(script));
    }

    [EngineTheory]
    [InlineData("1, -1, 1.5, 1e20, 1e-7, 100d, 1.10d, [float] 1.1, [double]::NaN, [double]::NegativeInfinity, [byte] 1, [bigint]::Pow(10, 30), [long]::MinValue, [ulong]::MaxValue")]
    [InlineData("@{ a = 1.0 }, $true, [char] 'x', [DBNull]::Value, [NullString]::Value")]
    [InlineData("'a\"b\\c/d`t`r`n', 'grün 😀 <&>', \"`u{1}`u{7f}`u{85}\", ''| ForEach-Object { @{ a = $_ } }")]
    [InlineData("@{ a = [datetime]::new(2020, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) }")]
    [InlineData("@{ a = [datetime]::new(637134158451234567) }, @{ a = [datetime]::new(637134158451200000, [DateTimeKind]::Local) }")]
    [InlineData("@{ a = [datetimeoffset]::new(2020, 1, 2, 3, 4, 5, [timespan]::FromHours(-2)) }")]
    [InlineData("@{ a = [uri] 'http://x/ü?q=1' }, @{ a = [guid]::Empty }, @{ a = [timespan]::FromSeconds(1) }, @{ a = [version] '1.2.3' }, @{ a = [ipaddress]::Loopback }")]
    [InlineData("@{ a = [DayOfWeek]::Monday }, @{ a = [IO.FileAttributes] 'Hidden, System' }, @{ a = [Enum]::ToObject([DayOfWeek], 99) }")]
    [InlineData("@{ a = [byte[]](1, 2); b = [Collections.Generic.HashSet[int]]::new([int[]](1, 2)) ; c = [Collections.Queue]::new(@(1, 'x')) }")]
    [InlineData("@{ a = [Tuple]::Create(1, 'a'), [ValueTuple]::Create(1, 'a'), [Collections.Generic.KeyValuePair[string, int]]::new('a', 1), [Collections.DictionaryEntry]::new(1, @{ b = 1 }) }")]
    [InlineData("'a b' | Select-String b | Select-Object Line, LineNumber, Pattern")]
    [InlineData("[pscustomobject]@{ a = 1 } | Add-Member ScriptProperty b { $this.a + 1 } -PassThru | Add-Member AliasProperty c a -PassThru")]
    [InlineData("Get-Item / | Select-Object Name, Attributes, LastWriteTime, PSIsContainer")]
    [InlineData("class Own { [int] $Size = 1; [object] $Inner = @{ a = 1, 2 } }; [Own]::new()")]
    [InlineData("@{ a = { 1 }.Ast.Extent.Text; b = [switch] $true }")]
    public async Task Everything_else_is_as_ConvertTo_Json_writes_it(string script)
    {
        await using var site = new ScriptSite();
        using var shell = Shell.Create();
        shell.AddScript($"$all = @(& {{ {script} }}); ConvertTo-Json -InputObject $(if ($all.Count -eq 1) {{ $all[0] }} else {{ , $all }}) -Depth 10 -Compress -EnumsAsStrings");
        Assert.Equal(shell.Invoke<string>()[0], await site.ReadAsync(script));
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
    public async Task What_is_deeper_than_2048_levels_is_text()
    {
        await using var site = new ScriptSite();
        var json = await site.ReadAsync("$inner = 'x'; foreach ($level in 1..2100) { $inner = @{ a = $inner } }; $inner");
        Assert.Equal(2049, json.Split("""{"a":""").Length - 1);
        Assert.Contains("System.Collections.Hashtable", json, StringComparison.Ordinal);
    }

    [EngineTheory]
    [InlineData("@{ a = [string][char]0xd800 }", """{"a":"\ud800"}""")]
    [InlineData("@{ ([string][char]0xdc00 + 'b') = \"`u{1F600}\" }", """{"\udc00b":"😀"}""")]
    public async Task Half_of_a_surrogate_pair_is_escaped(string script, string json)
    {
        await using var site = new ScriptSite();
        Assert.Equal(json, await site.ReadAsync(script));
    }

    [EngineFact]
    public async Task What_comes_again_beside_itself_is_written_twice()
    {
        await using var site = new ScriptSite();
        Assert.Equal("""{"a":{"x":1},"b":{"x":1},"c":[{"x":1}]}""", await site.ReadAsync("$one = @{ x = 1 }; [ordered]@{ a = $one; b = $one; c = , $one }"));
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
