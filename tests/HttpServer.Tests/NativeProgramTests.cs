using System.Runtime.InteropServices;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>A program of a user that is compiled ahead of time: trimming must leave what is found by name.</summary>
public sealed class NativeProgramTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <PublishAot>true</PublishAot>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TrimmerSingleWarn>false</TrimmerSingleWarn>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <Deterministic>true</Deterministic>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="HttpServer" HintPath="{library}" />
          </ItemGroup>
        </Project>
        """;

    private const string Source = """
        using System.Net;
        using Http.Server;

        await using var made = ThreadingHttpServer.Create<Greeter>(0);
        await using var given = new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), () => new Told("factory"));
        await using var files = new ThreadingHttpServer(new IPEndPoint(IPAddress.Loopback, 0), () => new Files());
        _ = made.ServeForeverAsync();
        _ = given.ServeForeverAsync();
        _ = files.ServeForeverAsync();
        await AskAsync(made, "GET");
        await AskAsync(made, "PUT");
        await AskAsync(made, "SPAM");
        await AskAsync(made, "POST");
        await AskAsync(given, "GET");
        await AskAsync(given, "PUT");
        await AskAsync(files, "GET");
        await AskAsync(files, "DELETE");

        async Task AskAsync(HttpServer server, string verb)
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), $"http://127.0.0.1:{server.ServerPort}/sample");
            // HTTP/1.0 ends each connection, which HttpClient learns only when it tries the next request there.
            using var client = new HttpClient();
            using var answer = await client.SendAsync(request);
            Console.WriteLine($"{(int)answer.StatusCode} {(answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : verb)}");
        }

        class Greeter : BaseHttpRequestHandler
        {
            public void DoGet() => SendText("void");

            public async Task DoPut()
            {
                await Task.Yield();
                SendText("task");
            }

            public ValueTask DoSpam()
            {
                SendText("value task");
                return default;
            }

            public override void LogMessage(string format, params object?[] args) => Console.WriteLine("logged");
        }

        sealed class Told(string text) : Greeter
        {
            public new void DoGet() => SendText(text);
        }

        sealed class Files : SimpleHttpRequestHandler
        {
            public void DoDelete() => SendText("deleted");

            protected override string? TranslatePath(string path) => Environment.ProcessPath + ".txt";

            public override void LogMessage(string format, params object?[] args)
            {
            }
        }
        """;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Methods_and_overrides_of_its_own_handlers_are_found()
    {
        Assert.SkipUnless(RuntimeInformation.RuntimeIdentifier == "linux-x64", "The program is compiled for linux-x64, which links only there.");
        if (!File.Exists("/usr/bin/clang"))
            Tool.Require("gcc", "gcc");
        DotnetSdk.Require();
        _folder.Write("sample.csproj", Project.Replace("{library}", typeof(BaseHttpRequestHandler).Assembly.Location, StringComparison.Ordinal));
        _folder.Write("Program.cs", Source);
        var output = Path.Combine(_folder.Path, "out");
        var said = await DotnetSdk.RunAsync("publish", Path.Combine(_folder.Path, "sample.csproj"), "-c", "Release", "-o", output);
        Assert.DoesNotContain(": warning ", said, StringComparison.Ordinal);

        var program = Path.Combine(output, "sample");
        await File.WriteAllTextAsync(program + ".txt", "a file", TestContext.Current.CancellationToken);
        var (end, lines, errors) = await Tool.RunAsync(program);
        Assert.Equal((0, ""), (end, errors));
        string[] answers = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line != "logged")];
        Assert.Equal(["200 void", "200 task", "200 value task", "501 POST", "200 factory", "200 task", "200 a file", "200 deleted"], answers);
        Assert.Contains("logged", lines, StringComparison.Ordinal);
    }
}
