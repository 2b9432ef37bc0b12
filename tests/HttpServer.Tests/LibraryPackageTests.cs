using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>The library as a package: what lies in it, and a program that refers to it.</summary>
public sealed class LibraryPackageTests : IDisposable
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="HttpServer.Library" Version="{version}" />
          </ItemGroup>
        </Project>
        """;

    private const string Source = """
        using Http.Server;

        await using var server = ThreadingHttpServer.Create<Hello>(0);
        _ = server.ServeForeverAsync();
        using var client = new HttpClient();
        Console.WriteLine(await client.GetStringAsync($"http://127.0.0.1:{server.ServerPort}/sample"));

        sealed class Hello : BaseHttpRequestHandler
        {
            public void DoGet() => SendText($"hello {Path}");

            public override void LogMessage(string format, params object?[] args)
            {
            }
        }
        """;

    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_program_that_refers_to_it_serves()
    {
        var dotnet = DotnetSdk.Require();
        var (packages, package) = await PackAsync();
        AssertContent(package);

        DotnetSdk.WriteConfiguration(_folder.Path, packages);
        var project = _folder.Write("sample.csproj", Project.Replace("{version}", Version, StringComparison.Ordinal));
        _folder.Write("Program.cs", Source);
        var output = Path.Combine(_folder.Path, "out");
        await DotnetSdk.RunAsync("build", project, "-o", output);
        var (exitCode, said, errors) = await Tool.RunAsync(dotnet, Path.Combine(output, "sample.dll"));
        Assert.Equal((0, "hello /sample" + Environment.NewLine, ""), (exitCode, said, errors));
    }

    private static string Version { get; } =
        typeof(BaseHttpRequestHandler).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    private async Task<(string Packages, string Package)> PackAsync()
    {
        var packages = _folder.MakeDirectory("packages");
        await DotnetSdk.PackBuiltAsync("src/HttpServer", packages);
        var package = Assert.Single(Directory.GetFiles(packages));
        Assert.Equal($"HttpServer.Library.{Version}.nupkg", Path.GetFileName(package));
        return (packages, package);
    }

    /// <summary>The assembly with its documentation and its symbols, the readme and the licence, no icon, and nothing that it depends upon.</summary>
    private static void AssertContent(string package)
    {
        using var archive = ZipFile.OpenRead(package);
        Assert.Equal(
            ["HttpServer.Library.nuspec", "README.md", "lib/net10.0/HttpServer.dll", "lib/net10.0/HttpServer.pdb", "lib/net10.0/HttpServer.xml"],
            archive.Entries.Select(static entry => entry.FullName)
                .Where(static name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
                .Order(StringComparer.Ordinal));
        using var documentation = archive.GetEntry("lib/net10.0/HttpServer.xml")!.Open();
        Assert.Contains(XDocument.Load(documentation).Descendants("member"), static member => member.Attribute("name")?.Value == "T:Http.Server.HttpServer");
        using var specification = archive.GetEntry("HttpServer.Library.nuspec")!.Open();
        var metadata = XDocument.Load(specification).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
        var values = metadata.Elements().ToDictionary(static element => element.Name.LocalName, static element => element);
        Assert.Equal("README.md", values["readme"].Value);
        Assert.Equal("MIT", values["license"].Value);
        Assert.DoesNotContain("icon", values.Keys);
        Assert.DoesNotContain("iconUrl", values.Keys);
        Assert.DoesNotContain(metadata.Descendants(), static element => element.Name.LocalName == "dependency");
    }
}
