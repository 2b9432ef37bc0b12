using System.Reflection;
using System.Text.RegularExpressions;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>
/// Who may know whom: Cli, server, handlers, Content and Dispatch, Transport, Text, each knowing what comes after it. The sources are
/// read as words, without comments and texts; one type a file makes a file's name a type's name.
/// </summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Folders = ["Text", "Interop", "Transport", "Content", "Dispatch", "Cgi", "Tls", "Authentication", "Qr", "Resources", "Telemetry", "Work"];

    /// <summary>What a server or a handler is told and tells: no behaviour of their own, so that everybody may know them.</summary>
    private static readonly string[] Data =
    [
        "CompressionPolicy", "HttpReason", "HttpReasons", "HttpServerOptions", "IHttpLog", "IHttpServer", "LogFormat", "LogLevel", "NullLog",
        "RequestFaultException", "RequestRecord", "ServerStartException", "SymlinkPolicy", "TextLog", "TrailingSlashPolicy",
    ];

    private static readonly IReadOnlyList<Source> Library = Read("HttpServer");

    public static TheoryData<string, string[]> Arrows => new()
    {
        // Text is pure: it knows nobody.
        { "Text", ["Text"] },
        { "Interop", ["Interop", "Text"] },
        { "Resources", ["Resources", "IHttpLog", "LogLevel", "RequestFaultException", "ServerStartException"] },
        { "Transport", ["Transport", "Interop", "Resources", "Text", "HttpServerOptions", "IHttpLog", "LogFormat", "LogLevel", "RequestFaultException", "RequestRecord", "ServerStartException", "TrustedProxy"] },
        { "Work", ["Work"] },
        { "Content", ["Content", "Work", "Interop", "Transport", "Resources", "Text", "SymlinkPolicy", "FileContent", "RequestFaultException"] },
        // The methods that are looked for are those of a handler.
        { "Dispatch", ["Dispatch", "BaseHttpRequestHandler", "SimpleHttpRequestHandler"] },
        { "Cgi", ["Cgi", "Transport", "Resources", "Text", "HttpHeaders", "IHttpServer", "RequestFaultException"] },
        { "Tls", ["Tls", "Transport", "Text", "HttpServerOptions", "IHttpLog", "LogLevel", "ServerCertificate", "ServerStartException"] },
        { "Authentication", ["Text", "Work", "ServerStartException"] },
        { "BasicAuthentication", ["Authentication", "Transport", "Text", "IHttpLog", "LogLevel", "ServerStartException"] },
        { "ServerCertificate", ["Tls", "ServerStartException"] },
        { "IHttpServer", ["HttpServerOptions"] },
        { "HttpServerOptions", ["IHttpLog", "TextLog", "TrustedProxy"] },
        { "TrustedProxy", ["Text"] },
        { "Telemetry", ["Telemetry"] },
        { "IHttpLog", ["LogLevel", "RequestRecord"] },
        { "TextLog", ["Transport", "IHttpLog", "LogFormat", "LogLevel", "RequestRecord"] },
        { "FileContent", ["Content", "Transport", "Text", "Work"] },
        { "HttpHeaders", [] },
        { "MimeTypes", ["Text"] },
        { "Qr", [] },
        { "QrCode", ["Qr"] },
        { "WebBrowser", [] },
        { "MultipartPart", ["Text", "HttpHeaders"] },
        { "MultipartReader", ["MultipartPart", "Transport", "Text", "HttpHeaders"] },
        { "BindAddress", ["ServerStartException"] },
        { "BaseHttpRequestHandler", ["Authentication", "Resources", "Telemetry", "BasicAuthentication", "Dispatch", "Transport", "Text", "HttpHeaders", .. Data] },
        { "SimpleHttpRequestHandler", ["BaseHttpRequestHandler", "Content", "Work", "Dispatch", "Transport", "Text", "FileContent", "MimeTypes", "MultipartPart", "MultipartReader", "HttpHeaders", .. Data] },
        { "CgiHttpRequestHandler", ["SimpleHttpRequestHandler", "BaseHttpRequestHandler", "Resources", "Cgi", "Content", "Dispatch", "Transport", "Text", "FileContent", "HttpHeaders", "MimeTypes", .. Data] },
        { "HttpServer", ["BaseHttpRequestHandler", "Resources", "ServerCertificate", "Tls", "Transport", .. Data] },
        { "ThreadingHttpServer", ["HttpServer", "BaseHttpRequestHandler", .. Data] },
        { "HttpsServer", ["HttpServer", "ThreadingHttpsServer", "BaseHttpRequestHandler", "ServerCertificate", .. Data] },
        { "ThreadingHttpsServer", ["HttpServer", "BaseHttpRequestHandler", "ServerCertificate", .. Data] },
    };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void A_part_knows_only_what_lies_below_it(string part, string[] known)
    {
        var own = Library.Where(source => source.Folder == part || source.Type == part).ToList();
        Assert.NotEmpty(own);
        Assert.All(known, name => Assert.True(Folders.Contains(name) || Library.Any(source => source.Type == name), $"There is no {name}."));
        var allowed = known.Append(part).ToHashSet();
        var forbidden = Library.Where(source => !allowed.Contains(source.Type) && !allowed.Contains(source.Folder)).Select(source => source.Type).ToHashSet();
        Assert.Empty(own.SelectMany(source => source.Uses.Where(forbidden.Contains).Select(used => $"{source.Name} uses {used}")));
    }

    [Fact]
    public void Every_public_type_with_behaviour_has_its_arrows_written_down()
    {
        var written = Arrows.Select(row => row.Data.Item1).Concat(Data).ToHashSet();
        Assert.DoesNotContain(Library.Where(source => source.Folder == "").Select(source => source.Type), type => !written.Contains(type));
        Assert.Equal(Folders.Order(), Library.Select(source => source.Folder).Where(folder => folder != "").Distinct().Order());
    }

    [Fact]
    public void A_files_folder_is_its_namespace_and_internal_but_for_the_root()
    {
        Assert.All(Library, source => Assert.Contains($"\nnamespace {string.Join('.', new[] { "Http.Server", source.Folder }.Where(part => part != ""))};", "\n" + source.Code));
        Assert.All(typeof(HttpServer).Assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Http.Server.", StringComparison.Ordinal) == true),
            type => Assert.False(type.IsVisible, $"{type} is public but not at the root."));
    }

    [Fact]
    public void A_file_has_one_type_of_its_name() => Assert.All(
        Library, source => Assert.Equal(source.Type, Assert.Single(TopLevelType().Matches(source.Code)).Groups[1].Value));

    [Fact]
    public void Every_class_is_sealed_or_static_or_made_to_be_derived_from() => Assert.Equal(
        ["BaseHttpRequestHandler", "BodyStream", "CgiHttpRequestHandler", "CgiProcess", "HttpHeaders", "HttpServer", "SimpleHttpRequestHandler"],
        typeof(HttpServer).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsNested: false } && type.Namespace?.StartsWith("Http.Server", StringComparison.Ordinal) == true)
            .Select(type => type.Name).Order());

    [Fact]
    public void The_library_references_the_base_class_library_alone() => Assert.All(
        typeof(HttpServer).Assembly.GetReferencedAssemblies(),
        name => Assert.True(name.Name!.StartsWith("System.", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal), name.Name));

    /// <summary>The program has the library's sources compiled in, so the compiler lets it see the internals.</summary>
    [Fact]
    public void The_program_uses_the_public_surface_alone()
    {
        var internals = typeof(HttpServer).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetMembers(BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(member => member is MethodInfo { IsAssembly: true, IsSpecialName: false } or FieldInfo { IsAssembly: true }
                or PropertyInfo { GetMethod.IsAssembly: true })
            .Select(member => member.Name).ToHashSet();
        Assert.Contains("Validate", internals);
        var program = Read("HttpServer.Cli");
        // Settings of the program's own may have the same names.
        internals.ExceptWith(program.Single(source => source.Type == "ServeSettings").Uses);
        foreach (var source in program)
        {
            Assert.DoesNotMatch($@"(?<!System\.)\b({string.Join('|', Folders)})\s*\.\s*[A-Z]", source.Code);
            Assert.DoesNotMatch(@"using\s+(static\s+)?(\w+\s*=\s*)?Http\.Server\.(?!Cli\b)", source.Code);
            Assert.DoesNotContain(MemberAccess().Matches(source.Code).Select(match => match.Groups[1].Value), internals.Contains);
        }
    }

    private static List<Source> Read(string project)
    {
        var root = Path.Combine(Repository.Root, "src", project);
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(name => !name.StartsWith("bin/", StringComparison.Ordinal) && !name.StartsWith("obj/", StringComparison.Ordinal))
            .Select(name => new Source(name, NotCode().Replace(File.ReadAllText(Path.Combine(root, name)), " ")))];
    }

    [GeneratedRegex(""" "{3}[\s\S]*?"{3} | @"(?:""|[^"])*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | //[^\n]* | /\*[\s\S]*?\*/ """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NotCode();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Word();

    [GeneratedRegex(@"\.\s*([A-Z]\w*)")]
    private static partial Regex MemberAccess();

    [GeneratedRegex(@"^(?:public |internal |sealed |static |abstract |partial |readonly |unsafe |ref )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    private sealed record Source(string Name, string Code)
    {
        public string Folder { get; } = Path.GetDirectoryName(Name)!;

        public string Type { get; } = Path.GetFileName(Name).Split('.')[0];

        /// <summary>The words that may name a type: those behind a dot name a member.</summary>
        public IEnumerable<string> Uses => Word().Matches(Code).Where(match => match.Index == 0 || Code[match.Index - 1] != '.').Select(match => match.Value).Distinct();
    }
}
