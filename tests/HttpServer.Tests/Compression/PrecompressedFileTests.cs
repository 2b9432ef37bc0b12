using Http.Server.Compression;

namespace Http.Server.Tests.Compression;

public sealed class PrecompressedFileTests
{
    private static readonly DateTime Time = new(2020, 1, 1, 0, 0, 5, DateTimeKind.Utc);

    [Theory]
    [InlineData(0.5, 0.5, false)]
    [InlineData(0.6, 0.5, false)]
    [InlineData(0.4, 0.5, true)]
    // A tool that knows whole seconds only.
    [InlineData(0, 0.5, false)]
    [InlineData(0, 1.0, true)]
    [InlineData(-1, 0.5, true)]
    [InlineData(0.5, 0, false)]
    public void A_compressed_file_that_is_older_is_outdated(double neighbour, double file, bool isOutdated) =>
        Assert.Equal(isOutdated, PrecompressedFile.IsOutdated(Time.AddSeconds(neighbour), Time.AddSeconds(file)));
}
