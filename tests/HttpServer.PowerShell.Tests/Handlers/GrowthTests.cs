using System.Text;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Handlers.Json;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers;

/// <summary>
/// What a client can repeat is read with memory that doubles with it: a value joined anew for each repetition, or a list copied for each, would
/// take four times as much.
/// </summary>
public sealed class GrowthTests
{
    private static readonly HttpServerOptions Unlimited = new() { MaxFormFields = int.MaxValue };

    private static readonly Dictionary<string, Func<int, Action>> Readers = new()
    {
        ["a field of one name"] = static count => Form(string.Concat(Enumerable.Repeat("k=v&", count))),
        ["fields of many names"] = static count => Form(string.Concat(Enumerable.Range(0, count).Select(static number => $"k{number}=v&"))),
        ["names that differ in case"] = static count => Form(string.Concat(Enumerable.Range(0, count).Select(static number => number % 2 == 0 ? "k=v&" : "K=v&"))),
        ["escapes"] = static count => Form("k=" + string.Concat(Enumerable.Repeat("%41", count))),
        ["plus signs"] = static count => Form(new string('+', count)),
        ["separators"] = static count => Form(new string('&', count)),
        ["parts of one name"] = static count => Multipart(string.Concat(Enumerable.Repeat(Part("name=k", "v"), count))),
        ["parts of many names"] = static count => Multipart(string.Concat(Enumerable.Range(0, count).Select(static number => Part($"name=k{number}", "v")))),
        ["parts without a file"] = static count => Multipart(string.Concat(Enumerable.Repeat(Part("name=k; filename=\"\"", ""), count))),
        ["a part that is long"] = static count => Multipart(Part("name=k", new string('v', 100 * count))),
        ["JSON of many members"] = static count => Json("{" + string.Join(',', Enumerable.Range(0, count).Select(static number => $"\"k{number}\":1")) + "}"),
        ["JSON of many items"] = static count => Json("[" + string.Join(',', Enumerable.Repeat("1", count)) + "]"),
        ["JSON of many levels"] = static count => Json(new string('[', count) + new string(']', count)),
        ["JSON of many escapes"] = static count => Json("\"" + string.Concat(Enumerable.Repeat("\\u0041", count)) + "\""),
        ["JSON of a long fraction"] = static count => Json("1." + new string('1', count)),
        ["a header that is repeated"] = static count => Headers(static headers => HeaderTables.Headers(headers), count, static _ => ("X-A", "value")),
        ["headers of many names"] = static count => Headers(static headers => HeaderTables.Headers(headers), count, static number => ($"X-{number}", "value")),
        ["a Cookie header that is repeated"] = static count => Headers(static headers => HeaderTables.Headers(headers), count, static _ => ("Cookie", "a=b")),
        ["cookies of a header"] = static count => Headers(static headers => HeaderTables.Cookies(headers), 1, _ => ("Cookie", string.Concat(Enumerable.Repeat("a=b; ", count)))),
        ["cookies of many names"] = static count =>
            Headers(static headers => HeaderTables.Cookies(headers), 1, _ => ("Cookie", string.Concat(Enumerable.Range(0, count).Select(static number => $"a{number}=b; ")))),
        ["cookies of many headers"] = static count => Headers(static headers => HeaderTables.Cookies(headers), count, static number => ("Cookie", $"a{number}=%41")),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    [EngineTheory]
    [MemberData(nameof(Names))]
    public void Twice_as_much_takes_twice_the_memory(string name)
    {
        var read = Readers[name];
        // What is made once is made before it is measured.
        read(4)();
        var (once, twice) = (Measure(read(2_000)), Measure(read(4_000)));
        Assert.True(twice <= (once * 2.5) + 4096, $"{name}: {once} bytes for 2,000, {twice} bytes for 4,000.");
    }

    /// <summary>The least of three: a buffer of a pool is made when the pool has none, because of other tests too.</summary>
    private static long Measure(Action read) => Enumerable.Range(0, 3).Min(_ =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        read();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    private static Action Form(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return () => FormFields.Parse(bytes, Encoding.UTF8);
    }

    private static Action Json(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return () => JsonInput.Read(bytes, int.MaxValue);
    }

    private static Action Multipart(string parts)
    {
        var bytes = Encoding.UTF8.GetBytes(parts + "--x--\r\n");
        return () => FormData.Read(new MultipartReader(new MemoryStream(bytes), "x"), Unlimited).Dispose();
    }

    private static Action Headers(Func<HttpHeaders, object> read, int count, Func<int, (string Name, string Value)> make)
    {
        var headers = new HttpHeaders();
        for (var number = 0; number < count; number++)
            headers.Add(make(number).Name, make(number).Value);
        return () => read(headers);
    }

    private static string Part(string disposition, string content) => $"--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n";
}
