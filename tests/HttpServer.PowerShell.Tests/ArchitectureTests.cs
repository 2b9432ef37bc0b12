using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests;

/// <summary>The rooms of the module have ranks, and each uses only those below it; read from its sources.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Verbs of cmdlets that only look, or put out something new and change nothing.</summary>
    private static readonly string[] Reading = ["Get", "New", "Receive", "Send"];

    private static readonly string Bin = Path.Combine(Repository.Root, "module", "bin");

    /// <summary>The rooms, which are folders, from the lowest up. The last is the module's beginning and end.</summary>
    private static readonly string[] Ranks =
    [
        "Routing", "Logging",
        "Engine/Depth", "Engine/Leftovers", "Engine/Arguments", "Engine/Scripts", "Engine",
        "Handlers/Json", "Handlers/Using", "Handlers/Forms", "Handlers/Binding", "Handlers/Output", "Handlers/Filters", "Handlers/Schemes", "Handlers/OpenApi", "Handlers/Tasks",
        "Handlers/Dashboards", "Handlers/Sessions", "Handlers/WebSockets",
        "Handlers", "Handlers/Classes", "Handlers/SocketCalls",
        "State", "Timers", "Servers/WebSockets", "Servers", "Completion", "Completion/Tasks", "Cmdlets/Parameters", "Cmdlets/Starting", "Cmdlets/Foreground",
        "Cmdlets", "Cmdlets/Events", "Cmdlets/Filters", "Cmdlets/Services", "Cmdlets/Tasks", "Cmdlets/WebSockets", "",
    ];

    [Fact]
    public void Every_room_has_its_rank() =>
        Assert.Equal(Ranks.Order(), Source.Module.Select(source => source.Folder).Distinct().Order());

    [Fact]
    public void Each_room_uses_only_those_below_it()
    {
        var ranks = Source.Module.GroupBy(source => source.Type)
            .ToDictionary(group => group.Key, group => Array.IndexOf(Ranks, group.First().Folder));
        Assert.Empty(Source.Module.SelectMany(source => source.Uses
            .Where(used => ranks.TryGetValue(used, out var rank) && rank > ranks[source.Type])
            .Select(used => $"{source.Name} uses {used}")));
    }

    [Fact]
    public void No_room_has_more_than_20_files() => Assert.All(
        Source.Module.GroupBy(source => source.Folder), room => Assert.InRange(room.Count(), 1, 20));

    [Fact]
    public void A_file_has_one_type_of_its_name() => Assert.All(
        Source.Module, source => Assert.Equal(source.Type, Assert.Single(source.TopLevelTypes).Name));

    [Fact]
    public void Users_find_public_types_in_one_namespace_and_all_else_is_in_that_of_its_folder() => Assert.All(Source.Module, source =>
    {
        var isForUsers = source.TopLevelTypes.Any(type => type.Modifiers.StartsWith("public ", StringComparison.Ordinal)) && !source.Folder.StartsWith("Cmdlets", StringComparison.Ordinal);
        var expected = isForUsers || source.Folder == ""
            ? "Http.Server.PowerShell"
            : $"Http.Server.PowerShell.{source.Folder.Replace('/', '.')}";
        // A part of a class may leave its modifiers to another part.
        if (!source.Name.EndsWith($"/{source.Type}.cs", StringComparison.Ordinal) && source.Name != source.Type + ".cs")
            return;
        Assert.True(source.Code.Contains($"namespace {expected};", StringComparison.Ordinal), $"{source.Name} is not in {expected}.");
    });

    [Fact]
    public void Every_class_is_sealed_or_static_or_made_to_be_derived_from()
    {
        var types = Source.Module.SelectMany(source => source.TopLevelTypes).Where(type => type.Modifiers.EndsWith("class", StringComparison.Ordinal) || type.Modifiers.EndsWith("record", StringComparison.Ordinal)).ToList();
        Assert.All(types, type => Assert.Matches(@"\b(sealed|static|abstract)\b", type.Modifiers + " " + type.Name));
        Assert.All(types.Where(type => type.Modifiers.Contains("abstract", StringComparison.Ordinal)),
            type => Assert.Contains(Source.Module, source => Regex.IsMatch(source.Code, $@"class \w+(\([^)]*\))? : {type.Name}\b")));
    }

    [Fact]
    public void The_module_sees_the_public_surface_of_the_server_alone() => Assert.DoesNotContain(
        typeof(BaseHttpRequestHandler).Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), inherit: false).Cast<InternalsVisibleToAttribute>(),
        friend => friend.AssemblyName.Split(',')[0] == "HttpServer.PowerShell");

    [Fact]
    public void The_module_needs_nothing_but_the_server_the_engine_and_the_base_class_library()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Bin, "HttpServer.PowerShell.dll")));
        var metadata = file.GetMetadataReader();
        var references = metadata.AssemblyReferences.Select(reference => metadata.GetString(metadata.GetAssemblyReference(reference).Name));
        Assert.Equal(["HttpServer", "HttpServer.Hosting", "System.Management.Automation"],
            references.Where(name => name is "System.Management.Automation" || !name.StartsWith("System.", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void The_built_module_holds_its_three_assemblies_and_what_describes_them()
    {
        var files = Directory.EnumerateFiles(Bin, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Bin, path).Replace('\\', '/'))
            .Where(name => !name.StartsWith("en-US/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "HttpServer.Help.psd1", "HttpServer.Hosting.dll", "HttpServer.Hosting.pdb", "HttpServer.Hosting.xml",
                "HttpServer.PowerShell.dll", "HttpServer.PowerShell.pdb", "HttpServer.PowerShell.xml",
                "HttpServer.dll", "HttpServer.pdb", "HttpServer.xml",
                // The store that servers share, and what it needs, away from what sessions have loaded.
                "redis/HttpServer.Redis.dll", "redis/Microsoft.Extensions.DependencyInjection.Abstractions.dll",
                "redis/Microsoft.Extensions.Logging.Abstractions.dll", "redis/RESPite.dll", "redis/StackExchange.Redis.dll",
                "redis/System.IO.Hashing.dll",
            ],
            files);
        Assert.All(Directory.EnumerateFiles(Path.Combine(Bin, "en-US")), path => Assert.Contains(Path.GetExtension(path), new[] { ".xml", ".txt" }));
    }

    [Fact]
    public void A_cmdlet_has_a_file_of_its_name_and_is_exported()
    {
        var cmdlets = Cmdlets();
        Assert.All(cmdlets, cmdlet => Assert.Matches($@"^Cmdlets/(\w+/)?{cmdlet.Verb}{cmdlet.Noun}Command\.cs\z", cmdlet.File));
        var exported = Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "HttpServer.psd1")), @"CmdletsToExport\s*=\s*@\(([^)]*)\)").Groups[1].Value;
        Assert.Equal(QuotedText().Matches(exported).Select(match => match.Groups[1].Value).Order(), cmdlets.Select(cmdlet => $"{cmdlet.Verb}-{cmdlet.Noun}").Order());
    }

    [Fact]
    public void A_cmdlet_that_changes_something_can_be_asked_what_it_would_do() => Assert.All(
        Cmdlets().Where(cmdlet => !Reading.Contains(cmdlet.Verb)),
        cmdlet =>
        {
            Assert.Contains("SupportsShouldProcess = true", cmdlet.Arguments, StringComparison.Ordinal);
            Assert.Contains(Source.Module, source => source.Name == cmdlet.File && Regex.IsMatch(source.Code, @"\bShouldProcess\("));
        });

    [EngineFact]
    public void Every_verb_is_approved()
    {
        using var shell = Shell.Create();
        var verbs = shell.AddCommand("Get-Verb").Invoke().Select(verb => (string)verb.Properties["Verb"].Value).ToHashSet();
        Assert.Contains("Get", verbs);
        Assert.All(Cmdlets(), cmdlet => Assert.Contains(cmdlet.Verb, verbs));
    }

    private static List<(string File, string Verb, string Noun, string Arguments)> Cmdlets()
    {
        var cmdlets = Source.Module
            .SelectMany(source => CmdletAttribute().Matches(source.Text).Select(match => (source.Name, match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value)))
            .ToList();
        Assert.NotEmpty(cmdlets);
        return cmdlets;
    }

    [GeneratedRegex(@"^\[Cmdlet\(Verbs\w+\.(\w+), ""(\w+)""([^\]]*)\)\]", RegexOptions.Multiline)]
    private static partial Regex CmdletAttribute();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex QuotedText();
}
