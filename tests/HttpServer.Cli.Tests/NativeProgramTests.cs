using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>What is promised of the native program's file.</summary>
public sealed class NativeProgramTests
{
    private const int MaxBytes = 12_000_000;

    [Fact]
    public void It_has_at_most_twelve_megabytes()
    {
        Assert.SkipWhen(ServerProgram.IsLibrary, "publish the native program and name its file by HTTPSERVER_TEST_PROGRAM");
        Assert.InRange(new FileInfo(ServerProgram.File).Length, 1, MaxBytes);
    }
}
