namespace Http.Server.PowerShell.Tests;

public sealed class ModuleTests
{
    [Fact]
    public void The_assembly_is_named_as_the_manifest_has_it() =>
        Assert.Equal("HttpServer.PowerShell", typeof(ModuleLifetime).Assembly.GetName().Name);
}
