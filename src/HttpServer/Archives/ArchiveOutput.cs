using Http.Server.Transport;
using Http.Server.Work;

namespace Http.Server.Archives;

/// <summary>
/// What an archive is written to. After each wait for the client, and when its turn
/// has ended, it goes on at a thread for such work; and once
/// broken it drops what follows, so that an archive which lacks something is never brought to a good end.
/// </summary>
internal sealed class ArchiveOutput(Stream output) : BodyStream
{
    private bool _isBroken;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public void Break() => _isBroken = true;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isBroken)
            return default;
        var write = output.WriteAsync(buffer, cancellationToken);
        var turn = WorkThreads.Shared.NextTurn();
        return write.IsCompletedSuccessfully && turn.IsCompleted ? write : ReturnAfterAsync(write, turn);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!_isBroken)
            output.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>What waits is sent when there is enough of it.</summary>
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("An archive's output is for writing.");

    private static async ValueTask ReturnAfterAsync(ValueTask write, WorkThreads.Turn turn)
    {
        await write.ConfigureAwait(false);
        await turn;
    }
}
