using System.Reflection;
using System.Runtime.Loader;

namespace Http.Server.PowerShell.State;

/// <summary>
/// What the store of Redis needs, in a context of its own: other modules may have other versions of the same assemblies. Of the
/// server there is one copy, by whose types both sides know each other.
/// </summary>
/// <param name="folder">Where the assemblies lie.</param>
internal sealed class StoreContext(string folder) : AssemblyLoadContext("HttpServer.Redis")
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var server = typeof(BaseHttpRequestHandler).Assembly;
        if (assemblyName.Name == server.GetName().Name)
            return server;
        // What is not there is the runtime's own.
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
