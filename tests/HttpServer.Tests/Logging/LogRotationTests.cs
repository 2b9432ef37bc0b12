using System.Text;
using Http.Server.Logging;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Logging;

/// <summary>A log that begins a new file when one has reached its size.</summary>
public sealed class LogRotationTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    private string Log => Path.Combine(_folder.Path, "access.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_that_does_not_fit_begins_a_new_file_and_the_oldest_goes()
    {
        Write(maxSize: 8, keep: 2, "one\n", "two\n", "three\n", "four\n", "five\n");
        Assert.Equal(["access.log five ", "access.log.1 four ", "access.log.2 three "], Files());
    }

    [Fact]
    public void Lines_that_come_together_are_spread_over_files_of_whole_lines()
    {
        Write(maxSize: 8, keep: 9, "one\ntwo\nthree\n4\n5\n");
        Assert.Equal(["access.log 5 ", "access.log.1 three 4 ", "access.log.2 one two "], Files());
    }

    [Fact]
    public void A_line_that_is_larger_than_a_file_has_one_for_itself()
    {
        Write(maxSize: 4, keep: 9, "a\nlonger than a file\nb\n");
        Assert.Equal(["access.log b ", "access.log.1 longer than a file ", "access.log.2 a "], Files());
    }

    [Fact]
    public void A_file_that_is_there_already_counts_and_numbers_leave_no_gap()
    {
        File.WriteAllText(Log, "old and long enough\n");
        File.WriteAllText(Log + ".2", "kept\n");
        Write(maxSize: 8, keep: 3, "new\n");
        Assert.Equal(["access.log new ", "access.log.1 old and long enough ", "access.log.2 kept "], Files());
    }

    [Fact]
    public void A_file_that_is_cut_off_meanwhile_has_room_again()
    {
        using var file = new LogFile(Log, 8, 3);
        Append(file, "123456\n");
        File.WriteAllText(Log, "");
        Append(file, "after\n");
        Assert.Equal(["access.log after "], Files());
    }

    [Fact]
    public void A_link_goes_on_to_lead_to_the_newest_file()
    {
        var target = Path.Combine(_folder.Path, "real.log");
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(Log, target);
        Write(maxSize: 4, keep: 1, "one\n", "two\n");
        Assert.Equal(("two\n", "one\n", target), (File.ReadAllText(Log), File.ReadAllText(target + ".1"), File.ResolveLinkTarget(Log, false)!.FullName));
    }

    [Fact]
    public void A_new_file_has_the_rights_of_the_old_one()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such rights.");
            return;
        }

        File.WriteAllText(Log, "");
        File.SetUnixFileMode(Log, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        Write(maxSize: 4, keep: 1, "one\n", "two\n");
        Assert.Equal(File.GetUnixFileMode(Log + ".1"), File.GetUnixFileMode(Log));
        Assert.Equal("two\n", File.ReadAllText(Log));
    }

    [Fact]
    public void Where_no_new_file_can_be_begun_the_log_goes_on_and_says_so_once_for_each_size()
    {
        // A directory of this name that is not empty is no place for a file.
        Directory.CreateDirectory(Log + ".1/a");
        using (var writer = new LineWriter(new LogFile(Log, 20, 1), waitWhenFull: true))
        {
            foreach (var line in (string[])["0123456789\n", "0123456789\n", "a\n", "b\n"])
            {
                writer.Write(Encoding.ASCII.GetBytes(line));
                writer.Flush();
            }
        }

        var lines = File.ReadAllLines(Log);
        Assert.Equal(["0123456789", "0123456789", "a", "b"], lines.Where(line => !line.StartsWith('(')));
        Assert.StartsWith("(The log cannot begin a new file, and goes on where it was: ", lines[1]);
    }

    [Fact]
    public async Task Two_writers_of_one_log_lose_no_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere two processes are not to share such a log.");
        const int Lines = 2000;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            using var file = new LogFile(Log, 1000, 1000);
            for (var n = 0; n < Lines; n++)
                Append(file, $"{writer}-{n}\n");
        })));
        var lines = Directory.GetFiles(_folder.Path).SelectMany(File.ReadAllLines).ToList();
        Assert.Equal(2 * Lines, lines.Count);
        Assert.Distinct(lines);
        Assert.True(Directory.GetFiles(_folder.Path).Length > 5);
    }

    [Fact]
    public async Task Writers_that_begin_while_others_have_their_turn_open_the_log()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere two processes are not to share such a log.");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var n = 0; n < 200; n++)
            {
                using var file = new LogFile(Log, 10, 1000);
                Append(file, $"{writer}-{n}-{writer}-{n}\n");
            }
        })));
        Assert.Equal(800, Directory.GetFiles(_folder.Path).SelectMany(File.ReadAllLines).Distinct().Count());
    }

    private static void Append(LogFile file, string text)
    {
        for (var left = Encoding.UTF8.GetBytes(text).AsSpan(); !left.IsEmpty;)
        {
            var count = file.MakeRoom(left);
            Assert.Equal(count, file.Write(left[..count], out var problem));
            Assert.Null(problem);
            left = left[count..];
        }
    }

    private void Write(long maxSize, int keep, params string[] texts)
    {
        using var file = new LogFile(Log, maxSize, keep);
        foreach (var text in texts)
            Append(file, text);
    }

    private IEnumerable<string> Files() => Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)
        .Select(path => $"{Path.GetFileName(path)} {File.ReadAllText(path).Replace('\n', ' ')}");
}
