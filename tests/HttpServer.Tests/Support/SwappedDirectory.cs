using System.Runtime.InteropServices;

namespace Http.Server.Tests.Support;

/// <summary>A directory and a link that exchange their names without a pause, as an attacker who may write below the root would have them do.</summary>
internal sealed partial class SwappedDirectory : IDisposable
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint Exchange = 2; // RENAME_EXCHANGE

    private readonly Thread _thread;
    private volatile bool _isStopped;

    public SwappedDirectory(string one, string other)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are exchanged in one step on Linux alone.");
        Assert.SkipUnless(Rename(CurrentDirectory, one, CurrentDirectory, other, Exchange) == 0, "The file system cannot exchange names.");
        _thread = new Thread(() =>
        {
            while (!_isStopped)
                Count += Rename(CurrentDirectory, one, CurrentDirectory, other, Exchange) == 0 ? 1 : 0;
        });
        _thread.Start();
    }

    public long Count { get; private set; }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
