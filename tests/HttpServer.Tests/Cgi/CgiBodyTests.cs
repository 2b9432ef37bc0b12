using Http.Server.Cgi;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>Alone, since the temporary files of the whole process are looked at.</summary>
[Collection(nameof(Alone))]
public sealed class CgiBodyTests
{
    private const int MaxInMemory = 1024 * 1024;

    [Theory]
    [InlineData(0, false)]
    [InlineData(MaxInMemory, false)]
    [InlineData(MaxInMemory + 1, true)]
    [InlineData(3 * MaxInMemory, true)]
    public async Task A_chunked_body_above_1_MiB_goes_to_a_file_that_does_not_stay(int size, bool hasFile)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open files are looked for in /proc.");
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        using var input = new MemoryStream();
        await using (var body = await CgiBody.PrepareAsync(new MemoryStream(bytes), -1, isChunked: true))
        {
            Assert.Equal(size, body.Length);
            Assert.Equal(hasFile, HasOpenFile());
            // It has no name: whatever happens to the process, nothing is left.
            Assert.Empty(Names());
            await body.CopyToAsync(new Kept(input), () => { }, CancellationToken.None);
        }

        Assert.Equal(bytes, input.ToArray());
        Assert.False(HasOpenFile());
    }

    [Fact]
    public async Task A_broken_body_leaves_no_file()
    {
        var broken = new RepeatingBroken(2 * MaxInMemory);
        await Assert.ThrowsAsync<IOException>(() => CgiBody.PrepareAsync(broken, -1, isChunked: true).AsTask());
        Assert.Empty(Names());
        Assert.False(OperatingSystem.IsLinux() && HasOpenFile());
    }

    [Theory]
    [InlineData(-1L, null)]
    [InlineData(0L, 0L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public async Task Nothing_is_allocated_or_read_for_a_declared_length(long declared, long? length)
    {
        await using var body = await CgiBody.PrepareAsync(new RepeatingBroken(0), declared, isChunked: false);
        Assert.Equal(length, body.Length);
    }

    [Fact]
    public async Task A_body_that_ends_early_ends_the_input()
    {
        using var input = new MemoryStream();
        await using var body = await CgiBody.PrepareAsync(new MemoryStream([1, 2, 3]), 9, isChunked: false);
        await body.CopyToAsync(new Kept(input), () => { }, CancellationToken.None);
        Assert.Equal([1, 2, 3], input.ToArray());
    }

    private static IEnumerable<string> Names() => Directory.EnumerateFiles(Path.GetTempPath(), "httpserver-*.tmp");

    /// <summary>A file of the directory for such files that has no name, or has lost it.</summary>
    private static bool HasOpenFile() => Directory.EnumerateFiles("/proc/self/fd").Select(static link => new FileInfo(link).LinkTarget ?? "").Any(static target =>
        target.Contains("/httpserver-", StringComparison.Ordinal)
        || (target.StartsWith(Path.GetTempPath() + "#", StringComparison.Ordinal) && target.EndsWith(" (deleted)", StringComparison.Ordinal)));

    /// <summary>Gives zeros and then fails.</summary>
    private sealed class RepeatingBroken(int left) : MemoryStream
    {
        private int _left = left;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left <= 0)
                throw new IOException("broken");
            _left -= buffer.Length;
            return new(buffer.Length);
        }
    }

    /// <summary>Passes on what is written, and its end not.</summary>
    private sealed class Kept(Stream inner) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);
    }
}
