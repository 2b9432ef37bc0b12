using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers.Json;

/// <summary>JSON as scriptblocks see it: what <c>ConvertFrom-Json -AsHashtable</c> makes of it, and 400 for what is none.</summary>
public sealed class JsonInputTests
{
    public static TheoryData<string> Values =>
    [
        "1", "-0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "123456789012345678901234567890",
        "1.0", "-0.0", "1e3", "1E400", "-1e400", "1.12345678901234567890", "0.1", "5e-324",
        "true", "false", "null", "\"\"", "\"x\"", "\"\\u0041\\n\\/\\\\\\\"\\b\\f\\r\\t\"", "\"grün \\ud83d\\ude00 😀\"",
        "[]", "{}", "[[]]", "[{}]", "[1,[2,[3]],\"a\"]", "{\"a\":{\"b\":[{}]},\"c\":null}", "{\"Id\":1,\"id\":2}", "{\"\":1}",
        "{\"b\":1,\"a\":2,\"Keys\":3,\"Count\":4}", " \r\n\t[ 1 , 2 ] \n",
        "\"2020-01-02T03:04:05\"", "\"2020-01-02T03:04:05Z\"", "\"2020-01-02T03:04:05.1Z\"", "\"2020-01-02T03:04:05.1234567+01:30\"",
        "\"2020-01-02T03:04:05+02:00\"", "\"2020-01-02T03:04:05+0200\"", "\"2020-01-02T03:04:05-02\"", "\"2020-01-02T03:04:05-00:00\"",
        "\"2020-01-02T03:04:05.123456789Z\"", "\"2020-01-02T03:04:05.Z\"", "\"2020-01-02T03:04:05 Z\"", "\"2020-01-02t03:04:05z\"", "\" 2020-01-02T03:04:05\"",
        "\"2020-13-02T03:04:05Z\"", "\"2020-01-02T03:04:60Z\"", "\"2020-01-02T03:04\"", "\"2020-01-02 03:04:05\"", "\"2020-01-02\"", "\"20:30\"", "\"P1D\"",
        "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"",
        "\"\\/Date(1198908717056)\\/\"", "\"/Date(1198908717056+0200)/\"", "\"/Date(-1)/\"", "\"/Date(-1-0100)/\"", "\"/Date(x)/\"", "\"/Date()/\"", "\"/Date(\"",
    ];

    [EngineTheory]
    [MemberData(nameof(Values))]
    public void Is_what_ConvertFrom_Json_makes_of_it(string json)
    {
        using var shell = Shell.Create();
        var expected = shell.AddCommand("ConvertFrom-Json").AddParameter("InputObject", json).AddParameter("AsHashtable").AddParameter("NoEnumerate").Invoke();
        Assert.Equal(Describe(expected.Count == 0 ? null : expected[0]), Describe(Read(json)));
    }

    [EngineFact]
    public void Tables_keep_the_order_and_the_case_of_their_names()
    {
        var table = Assert.IsAssignableFrom<Hashtable>(Read("""{"b":1,"Id":2,"id":3,"":4,"a":5}"""));
        Assert.Equal(["b", "Id", "id", "", "a"], table.Keys.Cast<string>());
        Assert.Equal([2L, 3L, 4L, null], new[] { table["Id"], table["id"], table[""], table["ID"] });
    }

    [EngineFact]
    public void Of_a_name_that_comes_twice_the_last_value_counts()
    {
        var table = Assert.IsAssignableFrom<Hashtable>(Read("""{"a":1,"b":2,"a":3}"""));
        Assert.Equal([3L, 2L], new[] { table["a"], table["b"] });
        Assert.Equal(["a", "b"], table.Keys.Cast<string>());
    }

    [EngineTheory]
    [InlineData("{", "line 1, column 2, where it ends")]
    [InlineData("[1", "line 1, column 3, where it ends")]
    [InlineData("\"a", "line 1, column 3, where it ends")]
    [InlineData("{\"a\":}", "line 1, column 6")]
    [InlineData("{'a':1}", "line 1, column 2")]
    [InlineData("{a:1}", "line 1, column 2")]
    [InlineData("[1,]", "line 1, column 4")]
    [InlineData("{\"a\":1,}", "line 1, column 8")]
    [InlineData("[1] // note", "line 1, column 5")]
    [InlineData("/* note */ 1", "line 1, column 1")]
    [InlineData("1 2", "line 1, column 3")]
    [InlineData("{}{}", "line 1, column 3")]
    [InlineData("NaN", "line 1, column 1")]
    [InlineData("undefined", "line 1, column 1")]
    [InlineData("tru", "line 1, column 4, where it ends")]
    [InlineData("01", "line 1, column 2")]
    [InlineData("+1", "line 1, column 1")]
    [InlineData("1.", "line 1, column 3, where it ends")]
    [InlineData(".5", "line 1, column 1")]
    [InlineData("0x10", "line 1, column 2")]
    [InlineData("\"\\x\"", "line 1, column 3")]
    [InlineData("\"\\u12\"", "line 1, column 6")]
    [InlineData("\"a\tb\"", "line 1, column 3")]
    [InlineData("a=b", "line 1, column 1")]
    [InlineData("<a/>", "line 1, column 1")]
    [InlineData("{\r\n  \"grün\": \"😀\",\n  \"b\": oops\n}", "line 3, column 8")]
    [InlineData("[\"grün😀\" x]", "line 1, column 11")]
    public void What_is_no_JSON_is_400_with_the_position(string json, string place)
    {
        var fault = Assert.Throws<RequestFaultException>(() => Read(json));
        Assert.Equal(400, fault.Status);
        Assert.Equal($"The request body is not JSON: {place}", fault.Message);
    }

    [EngineTheory]
    [InlineData("5b 22 ff 22 5d", "line 1, column 2")]
    [InlineData("5b 22 5c 6e c3 22 5d", "line 1, column 2")]
    [InlineData("7b 22 ed a0 80 22 3a 31 7d", "line 1, column 2")]
    public void Neither_is_what_is_not_UTF_8(string bytes, string place)
    {
        var fault = Assert.Throws<RequestFaultException>(() => JsonInput.Read(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), 10));
        Assert.Equal($"The request body is not JSON, for it is not UTF-8: {place}", fault.Message);
    }

    [EngineFact]
    public void Half_of_a_surrogate_pair_is_text()
    {
        Assert.Equal([0xd800], Assert.IsType<string>(Read("\"\\ud800\"")).Select(static letter => (int)letter));
        Assert.Equal([0xfc, 0xdc00, 'b', 0xd83d, 0xde00, 0], Assert.IsType<string>(Read("\"ü\\uDC00b\\ud83d\\ude00\\u0000\"")).Select(static letter => (int)letter));
    }

    [EngineTheory]
    [InlineData("[", "]", 1100)]
    [InlineData("{\"a\":", "}", 1100)]
    [InlineData("[{\"a\":", "}]", 1000)]
    [InlineData("[", "]", 100_000)]
    public void Depth_is_what_the_limit_says(string before, string after, int levels)
    {
        var json = string.Concat(Enumerable.Repeat(before, levels)) + "1" + string.Concat(Enumerable.Repeat(after, levels));
        var depth = json.Count(static letter => letter is '[' or '{');
        Assert.NotNull(JsonInput.Read(Encoding.UTF8.GetBytes(json), depth));
        Assert.NotNull(JsonInput.Read(Encoding.UTF8.GetBytes(json), int.MaxValue));
        var fault = Assert.Throws<RequestFaultException>(() => JsonInput.Read(Encoding.UTF8.GetBytes(json), depth - 1));
        Assert.StartsWith($"The JSON of the request body is nested deeper than {depth - 1} levels: line 1, column ", fault.Message, StringComparison.Ordinal);
    }

    [EngineFact]
    public void A_number_may_have_4300_digits()
    {
        Assert.Equal(BigInteger.Pow(10, 4299), Read("1" + new string('0', 4299)));
        Assert.Equal(1d, Read("1." + new string('0', 100_000)));
        var fault = Assert.Throws<RequestFaultException>(() => Read("[1" + new string('0', 4300) + "]"));
        Assert.Equal("The JSON of the request body has a number of more than 4300 digits: line 1, column 2", fault.Message);
    }

    private static object? Read(string json) => JsonInput.Read(Encoding.UTF8.GetBytes(json), 64);

    private static string Describe(object? value) => value switch
    {
        PSObject wrapped => Describe(wrapped.BaseObject),
        null => "null",
        Hashtable table => "{" + string.Join(", ", table.Keys.Cast<string>().Select(name => $"{name} = {Describe(table[name])}")) + "}",
        object[] list => "[" + string.Join(", ", list.Select(Describe)) + "]",
        DateTime date => $"DateTime {date:O} {date.Kind}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
    };
}
