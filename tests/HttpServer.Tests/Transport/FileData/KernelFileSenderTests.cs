using System.Net;
using System.Net.Sockets;
using Http.Server.Transport.FileData;

namespace Http.Server.Tests.Transport.FileData;

/// <summary>Files that the system sends to a socket by itself.</summary>
public sealed class KernelFileSenderTests
{
    /// <summary>A socket that was just accepted still blocks: nothing has waited for it.</summary>
    [Fact]
    public async Task A_client_that_does_not_read_holds_up_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It is Linux's sendfile.");
        const int Size = 64 * 1024 * 1024;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var server = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        using var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.Read,
            FileOptions.DeleteOnClose);
        RandomAccess.SetLength(file, Size);

        Assert.True(KernelFileSender.TryPrepare(server));
        var sent = await Task.Run(() => Fill(server, file), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.InRange(sent, 1, Size - 1);
    }

    /// <summary>Sends until there is no more room.</summary>
    private static long Fill(Socket socket, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        long sent = 0;
        for (int count; (count = KernelFileSender.Send(socket, file, sent, 1024 * 1024)) > 0;)
            sent += count;
        return sent;
    }
}
