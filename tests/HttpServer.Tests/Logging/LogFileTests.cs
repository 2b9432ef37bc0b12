using System.Diagnostics;
using System.Text;
using Http.Server.Logging;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Logging;

public sealed class LogFileTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private string Log => Path.Combine(_folder.Path, "access.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_writers_of_one_file_keep_all_their_lines()
    {
        const int Lines = 2000;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            using var file = new LogFile(Log);
            for (var n = 0; n < Lines; n++)
                Append(file, $"{writer}-{n}\n");
        })));
        var lines = File.ReadAllLines(Log);
        Assert.Equal(2 * Lines, lines.Length);
        Assert.Distinct(lines);
    }

    [Fact]
    public void A_file_that_is_cut_off_meanwhile_begins_anew()
    {
        using var file = new LogFile(Log);
        Append(file, "before\n");
        File.WriteAllText(Log, "");
        Append(file, "after\n");
        Assert.Equal("after\n", File.ReadAllText(Log));
    }

    [Fact]
    public void What_is_there_already_stays()
    {
        File.WriteAllText(Log, "old\n");
        using (var file = new LogFile(Log))
            Append(file, "new\n");
        Assert.Equal("old\nnew\n", File.ReadAllText(Log));
    }

    [Fact]
    public void A_file_that_was_renamed_is_written_until_it_is_opened_anew()
    {
        using var file = new LogFile(Log);
        File.Move(Log, Log + ".1");
        Append(file, "old\n");
        file.Reopen();
        Append(file, "new\n");
        Assert.Equal("old\n", File.ReadAllText(Log + ".1"));
        Assert.Equal("new\n", File.ReadAllText(Log));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_anew_is_written_as_before()
    {
        using var file = new LogFile(Log);
        File.Move(Log, Log + ".1");
        Directory.CreateDirectory(Log);
        Assert.Throws<IOException>(file.Reopen);
        Append(file, "old\n");
        Assert.Equal("old\n", File.ReadAllText(Log + ".1"));
    }

    [Fact]
    public void A_directory_is_no_log() => Assert.Throws<IOException>(() => new LogFile(_folder.Path));

    [Fact]
    public void A_file_in_a_missing_directory_is_no_log() => Assert.Throws<DirectoryNotFoundException>(() => new LogFile(Path.Combine(_folder.Path, "missing", "log")));

    [Fact]
    public void A_device_that_is_full_says_so_when_it_is_opened()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no /dev/full.");
        Assert.Throws<IOException>(() => new LogFile("/dev/full"));
    }

    [Fact]
    public void A_full_disk_takes_a_part_and_more_when_there_is_room()
    {
        const int Size = 64 * 1024;
        using var disk = SmallDisk.Mount(_folder.Path, Size);
        using var file = new LogFile(Log);
        var line = new string('a', 999) + "\n";
        var lines = string.Concat(Enumerable.Repeat(line, 100));
        var written = file.Write(Encoding.ASCII.GetBytes(lines), out var problem);
        Assert.InRange(written, 1, Size);
        Assert.NotNull(problem);
        Assert.Equal(written, new FileInfo(Log).Length);
        File.WriteAllText(Log, "");
        Append(file, "after\n");
        Assert.Equal("after\n", File.ReadAllText(Log));
    }

    private static void Append(LogFile file, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(bytes.Length, file.Write(bytes, out var problem));
        Assert.Null(problem);
    }

    /// <summary>A file system in memory, which only root may mount.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _path;

        private SmallDisk(string path) => _path = path;

        public static SmallDisk Mount(string path, int size)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "Small disks are made with Linux' tmpfs.");
            var exit = Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path);
            Assert.SkipUnless(exit == 0, "A tmpfs cannot be mounted here: run as root, in a container with SYS_ADMIN.");
            return new SmallDisk(path);
        }

        public void Dispose() => Run("umount", "-l", _path);

        private static int Run(string program, params string[] arguments)
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
                process.WaitForExit();
                return process.ExitCode;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return -1;
            }
        }
    }
}
