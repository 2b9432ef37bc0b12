using System.Text.RegularExpressions;
using Http.Server.Documentation.Tests.Support;

[assembly: AssemblyFixture(typeof(CSharpSamples))]

namespace Http.Server.Documentation.Tests.Support;

/// <summary>The samples in C#, compiled once into one program, each in a namespace of its own.</summary>
public sealed partial class CSharpSamples : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("httpserver-samples-").FullName;
    private readonly Lazy<Task> _building;

    public CSharpSamples() => _building = new(BuildAsync);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The arguments of <c>dotnet</c> that run a sample: it prints its port, and serves until it is ended.</summary>
    internal async Task<string[]> PrepareAsync(string document, Fence fence)
    {
        await _building.Value;
        return [Path.Combine(_folder, "bin", "Samples.dll"), NameOf(document, fence)];
    }

    private static string NameOf(string document, Fence fence) => $"{NoNamePattern().Replace(document, "_")}_{fence.Line}";

    private async Task BuildAsync()
    {
        var samples = Document.All.SelectMany(static document => document.Sections.SelectMany(static section => section.Fences)
            .Where(static fence => fence is { Runs: true, Language: "csharp" })
            .Select(fence => (Name: NameOf(document.Name, fence), fence.Text))).ToList();
        foreach (var (name, text) in samples)
            await File.WriteAllTextAsync(Path.Combine(_folder, name + ".cs"), Wrap(name, text));
        await File.WriteAllTextAsync(Path.Combine(_folder, "Program.cs"),
            $"await (args[0] switch {{ {string.Concat(samples.Select(static sample => $"\"{sample.Name}\" => {sample.Name}.Sample.RunAsync(), "))}_ => throw new ArgumentException(args[0]) }});");
        await File.WriteAllTextAsync(Path.Combine(_folder, "Samples.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <OutputPath>bin/</OutputPath>
                <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
              </PropertyGroup>
              <ItemGroup><Reference Include="HttpServer" HintPath="{Build.Library}" /></ItemGroup>
            </Project>
            """);
        var (code, output, errors) = await Tool.RunAsync("dotnet", "build", _folder, "--nologo", "-v", "q", "-nodeReuse:false");
        Assert.True(code == 0, $"The samples do not compile: {output}{errors}");
    }

    /// <summary>A program becomes a method: statements stand before types. It listens at a free port of the loopback alone, and tells it.</summary>
    private static string Wrap(string name, string text)
    {
        var usings = string.Join('\n', text.Split('\n').Where(static line => UsingPattern().IsMatch(line)));
        var code = string.Join('\n', text.Split('\n').Where(static line => !UsingPattern().IsMatch(line)));
        var types = TypePattern().Match(code) is { Success: true } first ? first.Index : code.Length;
        var statements = code[..types];
        statements = CreatePattern().Replace(
            statements, "new $1(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), static () => new $2()");
        statements = statements.Replace("await server.ServeForeverAsync();", "Console.WriteLine($\"port {server.ServerPort}\");\nawait server.ServeForeverAsync();", StringComparison.Ordinal);
        return $$"""
            {{usings}}

            namespace {{name}};

            internal static class Sample
            {
                public static async Task RunAsync()
                {
                    {{statements}}
                }
            }

            {{code[types..]}}
            """;
    }

    [GeneratedRegex(@"^using [\w.]+;")]
    private static partial Regex UsingPattern();

    [GeneratedRegex(@"^(public |internal |sealed |static |abstract )*(class|record|struct|interface|enum) ", RegexOptions.Multiline)]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"(Threading\w+)\.Create<(\w+)>\(\d+")]
    private static partial Regex CreatePattern();

    [GeneratedRegex(@"\W")]
    private static partial Regex NoNamePattern();
}
