using System.Reflection;
using System.Text.RegularExpressions;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>
/// Rooms and public types have ranks, and each uses only what ranks below it. The sources are read as words, without comments and texts;
/// one type a file makes a file's name a type's name.
/// </summary>
public sealed partial class ArchitectureTests
{
    /// <summary>From the lowest up: rooms, which are folders, and the public types, which lie in the library's folder itself.</summary>
    private static readonly string[] Ranks =
    [
        "Interop",
        // What a server or a handler is told and tells, without a behaviour of its own.
        "SymlinkPolicy", "TrailingSlashPolicy", "CompressionPolicy", "LogLevel", "LogFormat", "HttpReason", "HttpReasons", "HttpUser",
        "ServerStartException", "RequestRecord", "IHttpLog", "NullLog", "HttpHeaders", "WebBrowser", "BindAddress",
        // Bytes and text, without sockets and files.
        "Protocol", "RequestFaultException", "Headers", "Proxies", "TrustedProxy", "MediaTypes", "MimeTypes",
        "Resources", "Work", "Pages", "Logging", "TextLog", "RateLimit", "State", "Sessions", "HttpServerOptions", "IHttpServer", "Telemetry",
        // Connections.
        "Transport/FileData", "Transport/Polling", "Transport/Switching", "Transport", "Transport/Listening", "Events", "Multipart", "MultipartPart", "MultipartReader", "Tls", "ServerCertificate",
        "Authentication/Rules", "Authentication", "Authentication/Jwt", "Authentication/Certificates", "Authentication/Negotiate", "BasicAuthentication", "AuthenticationScheme", "AccessPolicy", "Admission", "WebSockets/Frames", "WebSockets",
        // A directory on the network.
        "Files", "Files/Watching", "Files/Bodies", "FileContent", "Compression", "Archives", "Uploads", "Listings", "LiveReload",
        "StaticFiles/Sites", "StaticFiles",
        "Requests", "BaseHttpRequestHandler", "SimpleHttpRequestHandler",
        "Cgi/Unix", "Cgi", "CgiHttpRequestHandler",
        "HttpServer", "ThreadingHttpServer", "HttpsServer", "ThreadingHttpsServer",
    ];

    /// <summary>Rooms with public types, in a namespace of their own: a subject that programs name, and most do not.</summary>
    private static readonly string[] PublicRooms = ["State", "Events", "Sessions", "WebSockets"];

    /// <summary>Members that are called like a type.</summary>
    private static readonly string[] Members = ["RequestRecord uses Connection", "RequestFault uses PartHeader"];

    private static readonly IReadOnlyList<Source> Library = Read("HttpServer");

    [Fact]
    public void Every_room_and_every_public_type_has_its_rank() =>
        Assert.Equal(Ranks.Order(), Library.Select(source => source.Rank).Distinct().Order());

    [Fact]
    public void Each_uses_only_what_ranks_below_it()
    {
        var ranks = Library.GroupBy(source => source.Type).ToDictionary(group => group.Key, group => Array.IndexOf(Ranks, group.First().Rank));
        var upwards = Library.SelectMany(source => source.Uses
            .Where(used => used != source.Type && ranks.TryGetValue(used, out var rank) && rank >= ranks[source.Type]
                && !(rank == ranks[source.Type] && source.Folder != ""))
            .Select(used => $"{source.Type} uses {used}"));
        Assert.Empty(upwards.Except(Members));
    }

    [Fact]
    public void A_files_folder_is_its_namespace_and_internal_but_for_the_root_and_public_rooms()
    {
        Assert.All(Library, source => Assert.Contains($"\nnamespace {string.Join('.', new[] { "Http.Server", source.Folder.Replace('/', '.') }.Where(part => part != ""))};", "\n" + source.Code));
        Assert.All(typeof(HttpServer).Assembly.GetTypes().Where(type => type.Namespace?.StartsWith("Http.Server.", StringComparison.Ordinal) == true && !PublicRooms.Contains(type.Namespace["Http.Server.".Length..])),
            type => Assert.False(type.IsVisible, $"{type} is public but not at the root."));
    }

    [Fact]
    public void No_room_has_more_than_20_files_and_there_are_no_more_than_36_of_public_types() => Assert.All(
        Library.GroupBy(source => source.Folder), room => Assert.InRange(room.Count(), 1, room.Key == "" ? 36 : 20));

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

    /// <summary>The compiler keeps what is made of the library to its public surface, since only tests are let in further.</summary>
    [Fact]
    public void Tests_alone_see_the_internals() => Assert.All(
        typeof(HttpServer).Assembly.GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>(),
        friend => Assert.Contains(friend.AssemblyName, new[] { "HttpServer.Tests", "HttpServer.Benchmarks", "HttpServer.Testing" }));

    [Fact]
    public void No_source_is_compiled_into_two_assemblies() => Assert.All(
        new[] { "src", "module", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories)),
        project => Assert.DoesNotContain("<Compile Include=\"../", File.ReadAllText(project), StringComparison.Ordinal));

    [Fact]
    public void No_line_has_more_than_130_characters() => Assert.Empty(
        new[] { "src", "module" }
            .SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(name => !name.Contains("/bin/", StringComparison.Ordinal) && !name.Contains("/obj/", StringComparison.Ordinal)
                && !name.EndsWith(".Generated.cs", StringComparison.Ordinal))
            .SelectMany(name => File.ReadLines(Path.Combine(Repository.Root, name))
                .Index().Where(static line => line.Item.Length > 130).Select(line => $"{name}:{line.Index + 1}")));

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

    [GeneratedRegex(@"^(?:public |internal |sealed |static |abstract |partial |readonly |unsafe |ref )*(?:class|struct|interface|enum|record(?: struct| class)?|delegate) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    private sealed record Source(string Name, string Code)
    {
        public string Folder { get; } = Path.GetDirectoryName(Name)!;

        public string Type { get; } = Path.GetFileName(Name).Split('.')[0];

        /// <summary>What has a rank: its folder, or the type itself if it lies in none.</summary>
        public string Rank => Folder == "" ? Type : Folder;

        /// <summary>The words that may name a type: those behind a dot name a member.</summary>
        public IEnumerable<string> Uses => Word().Matches(Code).Where(match => match.Index == 0 || Code[match.Index - 1] != '.').Select(match => match.Value).Distinct();
    }
}
