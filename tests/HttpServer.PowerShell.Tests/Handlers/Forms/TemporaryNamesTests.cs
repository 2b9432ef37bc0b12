using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Handlers.Forms;

/// <summary>Files of processes that were killed are removed, and no others.</summary>
public sealed class TemporaryNamesTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_process_leaves_that_lives_no_more_is_removed()
    {
        var dead = "httpserver-" + Guid.NewGuid().ToString("N");
        string[] left = [dead + ".lock", $"{dead}-{Guid.NewGuid():N}.upload", $"{dead}-1.answer"];
        string[] others = ["httpserver-x.lock", "httpserver-x-1.upload", "httpserver-*.lock", "other.lock", $"httpserver-{Guid.NewGuid():N}-1.upload"];
        foreach (var name in left.Concat(others))
            File.WriteAllText(Path.Combine(_folder.Path, name), "");
        using var living = new TemporaryNames(_folder.Path);
        var own = living.MakePath("upload");
        File.WriteAllText(own, "");
        using (var next = new TemporaryNames(_folder.Path))
        {
            Assert.Equal(2, next.RemoveAbandoned());
            Assert.Equal(0, next.RemoveAbandoned());
        }

        Assert.Equal(others.Append(Path.GetFileName(own)).Append(Path.GetFileName(own)[..43] + ".lock").Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        living.Dispose();
        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_lock_that_leads_elsewhere_is_left_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var name = "httpserver-" + Guid.NewGuid().ToString("N");
        File.WriteAllText(Path.Combine(_folder.Path, "target"), "");
        File.WriteAllText(Path.Combine(_folder.Path, name + "-1.upload"), "");
        File.CreateSymbolicLink(Path.Combine(_folder.Path, name + ".lock"), Path.Combine(_folder.Path, "target"));
        using var names = new TemporaryNames(_folder.Path);
        Assert.Equal(0, names.RemoveAbandoned());
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void Nothing_is_made_before_there_is_a_file_to_name()
    {
        using var names = new TemporaryNames(_folder.Path);
        Assert.Equal(0, names.RemoveAbandoned());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_has_nothing_abandoned()
    {
        using var names = new TemporaryNames(Path.Combine(_folder.Path, "none"));
        Assert.Equal(0, names.RemoveAbandoned());
        Assert.ThrowsAny<IOException>(() => names.MakePath("upload"));
    }
}
