using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace Http.Server.PowerShell;

/// <summary>
/// Completes classes of handlers: those of the text that is being written, those that are loaded, and the server's
/// own.
/// </summary>
public sealed class HandlerTypeCompleter : IArgumentCompleter
{
    private static readonly Assembly Server = typeof(BaseHttpRequestHandler).Assembly;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(commandAst);
        var word = (wordToComplete ?? "").Trim('\'', '"', '(', '[', ')', ']');
        return Written(commandAst).Concat(Loaded())
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)
                || name[(name.LastIndexOf('.') + 1)..].StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Select(static name => new CompletionResult($"([{name}])", name, CompletionResultType.Type, name));
    }

    /// <summary>Classes above in the same text, which need not have been run yet.</summary>
    private static HashSet<string> Written(Ast ast)
    {
        while (ast.Parent is not null)
            ast = ast.Parent;
        var handlers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var type in ast.FindAll(static found => found is TypeDefinitionAst { IsClass: true },
            searchNestedScriptBlocks: false).Cast<TypeDefinitionAst>())
        {
            if (type.BaseTypes.Any(known => handlers.Contains(known.TypeName.Name)
                || IsHandler(known.TypeName.GetReflectionType())))
                handlers.Add(type.Name);
        }

        return handlers;
    }

    private static IEnumerable<string> Loaded() => AppDomain.CurrentDomain.GetAssemblies()
        .Where(static assembly => assembly.IsDynamic
            || assembly.GetReferencedAssemblies().Any(static name => name.Name == Server.GetName().Name))
        .Where(static assembly => assembly != typeof(HandlerTypeCompleter).Assembly)
        .SelectMany(TypesOf)
        .Concat(Server.GetExportedTypes())
        .Where(static type => IsHandler(type) && !type.IsAbstract && type.GetConstructor(Type.EmptyTypes) is not null)
        .Select(static type => type.FullName!);

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException)
        {
            // A dependency of the assembly is missing, so it has no classes to offer.
            return [];
        }
    }

    private static bool IsHandler(Type? type) => typeof(BaseHttpRequestHandler).IsAssignableFrom(type);
}
