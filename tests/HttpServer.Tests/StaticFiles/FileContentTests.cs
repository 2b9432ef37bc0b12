using System.Text;
using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class FileContentTests : IDisposable
{
    private static readonly DateTime Time = new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc).AddTicks(5);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData(1_000_000)]
    public async Task A_file_is_copied_to_its_last_byte(int length)
    {
        var bytes = Bytes(length);
        using var content = Open(bytes);
        Assert.Equal(length, content.Length);
        Assert.Equal(bytes, await CopyAsync(content));
        // As often as one likes: reading has no position.
        Assert.Equal(bytes, await CopyAsync(content));
    }

    [Fact]
    public async Task Memory_is_copied_too()
    {
        using var content = FileContent.OfMemory("hello"u8.ToArray(), Stamp(5));
        Assert.Equal((5, true), (content.Length, content.IsShared));
        Assert.Equal("hello"u8.ToArray(), await CopyAsync(content));
        content.Dispose();
        Assert.Equal("hello"u8.ToArray(), await CopyAsync(content));
    }

    [Fact]
    public void Validators_come_from_the_stamp()
    {
        using var content = Open("hello"u8.ToArray());
        Assert.Equal((Time, "Sun, 06 Nov 1994 08:49:37 GMT"), (content.LastModifiedUtc, content.LastModified));
        Assert.Matches($"^\"5-{Time.Ticks:x}-[0-9a-f]+\"$", content.ETag);
        Assert.Equal("5", content.LengthText);
        Assert.NotEqual(content.ETag, FileContent.OfMemory("hello"u8.ToArray(), Stamp(5) with { Modified = Time.Ticks + 1 }).ETag);
        Assert.NotEqual(content.ETag, FileContent.OfMemory("hello"u8.ToArray(), Stamp(5) with { Inode = 7 }).ETag);
        Assert.NotEqual(content.ETag, FileContent.OfMemory("hello"u8.ToArray(), Stamp(5) with { Changed = Time.Ticks + 1 }).ETag);
        Assert.NotEqual(content.ETag, FileContent.OfMemory("hell"u8.ToArray(), Stamp(4)).ETag);
        Assert.Equal(content.ETag, FileContent.OfMemory("hello"u8.ToArray(), Stamp(5)).ETag);
        // Without the time of the last change the tag says what the date says.
        Assert.Equal($"W/\"5-{Time.Ticks:x}\"", FileContent.OfMemory("hello"u8.ToArray(), Stamp(5) with { Changed = 0 }).ETag);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Parts_are_copied_with_what_goes_before_each(bool inMemory)
    {
        var bytes = Bytes(700_000);
        using var whole = inMemory ? FileContent.OfMemory(bytes, Stamp(bytes.Length)) : Open(bytes);
        using var parts = FileContent.OfParts(whole, [new("<"u8.ToArray(), 10, 3), new("|"u8.ToArray(), 5, 600_000), new(">"u8.ToArray(), 0, 0)]);
        Assert.Equal(3 + 600_000 + 3, parts.Length);
        Assert.Equal((whole.ETag, whole.LastModifiedUtc, "600006"), (parts.ETag, parts.LastModifiedUtc, parts.LengthText));
        byte[] expected = [(byte)'<', .. bytes[10..13], (byte)'|', .. bytes[5..600_005], (byte)'>'];
        Assert.Equal(expected, await CopyAsync(parts));
    }

    [Fact]
    public async Task A_file_that_has_become_shorter_throws_after_what_there_is()
    {
        using var content = Open(Bytes(1000));
        using (var file = new FileStream(Path.Combine(_directory.Path, "file"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(600);
        using var output = new MemoryStream();
        await Assert.ThrowsAnyAsync<EndOfStreamException>(async () => await content.CopyToAsync(output));
        Assert.Equal(600, output.Length);
        Assert.Null(content.Load());
    }

    [Fact]
    public async Task A_file_that_has_grown_is_sent_as_long_as_it_was()
    {
        var bytes = Bytes(1000);
        using var content = Open(bytes);
        File.AppendAllText(Path.Combine(_directory.Path, "file"), "more");
        Assert.Equal(bytes, await CopyAsync(content));
    }

    [Fact]
    public async Task Loaded_content_is_the_same_without_the_file()
    {
        var bytes = Bytes(100_000);
        using var content = Open(bytes);
        var loaded = content.Load()!;
        Assert.Equal((content.ETag, content.LastModified, content.Length, true), (loaded.ETag, loaded.LastModified, loaded.Length, loaded.IsShared));
        content.Dispose();
        Assert.Equal(bytes, await CopyAsync(loaded));
    }

    [Fact]
    public async Task A_failure_of_the_output_is_passed_on_and_null_is_refused()
    {
        using var content = Open(Bytes(10));
        using var output = new MemoryStream([], writable: false);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await content.CopyToAsync(output));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await content.CopyToAsync(null!));
    }

    [Fact]
    public void Disposal_closes_the_file_for_content_and_for_parts()
    {
        var content = Open(Bytes(10), out var handle);
        FileContent.OfParts(content, [new(default, 0, 1)]).Dispose();
        Assert.True(handle.IsClosed);
        content.Dispose();
    }

    [Fact]
    public async Task A_part_beyond_4_GiB_is_read_from_its_place()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes sparse files only on demand.");
        const long At = (4L << 30) + 5;
        var path = Path.Combine(_directory.Path, "huge");
        using (var file = File.Create(path))
        {
            file.SetLength(5L << 30);
            file.Position = At;
            file.Write("beyond"u8);
        }

        using var whole = FileContent.OfFile(File.OpenHandle(path), Stamp(5L << 30));
        Assert.Equal("5368709120", whole.LengthText);
        using var part = FileContent.OfParts(whole, [new(default, At, 6)]);
        Assert.Equal("beyond", Encoding.ASCII.GetString(await CopyAsync(part)));
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static FileStamp Stamp(long size) => new(1, 2, size, Time.Ticks, Time.Ticks);

    private static async Task<byte[]> CopyAsync(FileContent content)
    {
        using var output = new MemoryStream();
        await content.CopyToAsync(output);
        return output.ToArray();
    }

    private FileContent Open(byte[] bytes) => Open(bytes, out _);

    private FileContent Open(byte[] bytes, out Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        var path = Path.Combine(_directory.Path, "file");
        File.WriteAllBytes(path, bytes);
        handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return FileContent.OfFile(handle, Stamp(bytes.Length));
    }
}
