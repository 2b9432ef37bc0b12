using System.Text;
using Http.Server.Logging;

namespace Http.Server.Tests.Logging;

public sealed class LineWriterTests
{
    private const int Megabyte = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Lines_that_a_stopped_stream_has_no_room_for_are_dropped_and_counted()
    {
        using var stream = new StoppableStream();
        var writer = new LineWriter(new StreamSink(stream), waitWhenFull: false);
        writer.Write("first\n"u8);
        Assert.True(stream.Stopped.Wait(Patience, TestContext.Current.CancellationToken));
        for (var n = 0; n < 6; n++)
            writer.Write(Line(Megabyte));
        stream.Go.Set();
        writer.Dispose();
        var text = Encoding.ASCII.GetString(stream.Written.ToArray());
        Assert.Equal(4, text.Split('\n').Count(line => line.Length == Megabyte - 1));
        Assert.EndsWith("(2 log lines were dropped here: the log's reader is too slow)\n", text);
    }

    [Fact]
    public async Task A_writer_that_must_not_lose_lines_waits_for_a_stopped_stream()
    {
        using var stream = new StoppableStream();
        var writer = new LineWriter(new StreamSink(stream), waitWhenFull: true);
        writer.Write("first\n"u8);
        Assert.True(stream.Stopped.Wait(Patience, TestContext.Current.CancellationToken));
        var writing = Task.Run(
            () =>
            {
                for (var n = 0; n < 12; n++)
                    writer.Write(Line(Megabyte));
            },
            TestContext.Current.CancellationToken);
        stream.Go.Set();
        await writing.WaitAsync(Patience, TestContext.Current.CancellationToken);
        writer.Dispose();
        Assert.Equal(12, Encoding.ASCII.GetString(stream.Written.ToArray()).Split('\n').Count(line => line.Length == Megabyte - 1));
    }

    [Fact]
    public async Task A_line_longer_than_all_the_room_is_written_too_where_none_may_be_lost()
    {
        using var stream = new StoppableStream();
        stream.Go.Set();
        var writer = new LineWriter(new StreamSink(stream), waitWhenFull: true);
        await Task.Run(() => writer.Write(Line(9 * Megabyte)), TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        writer.Dispose();
        Assert.Equal(9 * Megabyte, stream.Written.Count);
    }

    [Fact]
    public void A_stream_that_fails_costs_its_lines_and_nothing_else()
    {
        using var stream = new StoppableStream { Fails = true };
        stream.Go.Set();
        var writer = new LineWriter(new StreamSink(stream), waitWhenFull: true);
        writer.Write("lost\n"u8);
        writer.Flush();
        writer.Write("lost too\n"u8);
        writer.Flush();
        writer.Dispose();
        Assert.Empty(stream.Written);
    }

    [Fact]
    public void What_comes_after_disposal_is_left_out_and_disposing_twice_is_harmless()
    {
        using var stream = new StoppableStream();
        stream.Go.Set();
        var writer = new LineWriter(new StreamSink(stream), waitWhenFull: false);
        writer.Write("one\n"u8);
        writer.Dispose();
        writer.Write("two\n"u8);
        writer.Dispose();
        Assert.Equal("one\n"u8.ToArray(), stream.Written);
        Assert.True(stream.IsDisposed);
    }

    [Theory]
    [InlineData(0, "one\n(2 log lines are missing here: The disk is full)\nfour\n")]
    [InlineData(2, "one\ntw\n(2 log lines are missing here: The disk is full)\nfour\n")]
    [InlineData(4, "one\ntwo\n(1 log lines are missing here: The disk is full)\nfour\n")]
    public void A_sink_that_is_full_for_a_while_gets_later_lines_and_how_many_are_missing(int room, string expected)
    {
        var sink = new LimitedSink { Room = 4 };
        var writer = new LineWriter(sink, waitWhenFull: true);
        writer.Write("one\n"u8);
        writer.Flush();
        sink.Room = room;
        writer.Write("two\nthree\n"u8);
        writer.Flush();
        sink.Room = int.MaxValue;
        writer.Write("four\n"u8);
        writer.Dispose();
        Assert.Equal(expected, Encoding.ASCII.GetString(sink.Written.ToArray()));
    }

    [Fact]
    public void Lines_that_are_missing_are_told_at_the_end_if_no_other_line_comes_and_once()
    {
        var sink = new LimitedSink { Room = 0 };
        var writer = new LineWriter(sink, waitWhenFull: false);
        for (var n = 0; n < 3; n++)
        {
            writer.Write("lost\n"u8);
            writer.Flush();
        }

        sink.Room = int.MaxValue;
        writer.Dispose();
        Assert.Equal("(3 log lines are missing here: The disk is full)\n", Encoding.ASCII.GetString(sink.Written.ToArray()));
    }

    [Fact]
    public void A_sink_that_cannot_be_opened_anew_goes_on_and_says_so()
    {
        var sink = new LimitedSink { Room = int.MaxValue, ReopenFault = new IOException("It is gone.") };
        var writer = new LineWriter(sink, waitWhenFull: false);
        writer.Write("one\n"u8);
        writer.Flush();
        writer.Reopen();
        writer.Write("two\n"u8);
        writer.Dispose();
        Assert.Equal("one\n(The log cannot be opened anew, and goes on where it was: It is gone)\ntwo\n", Encoding.ASCII.GetString(sink.Written.ToArray()));
    }

    private static byte[] Line(int length) => Encoding.ASCII.GetBytes(new string('a', length - 1) + "\n");

    /// <summary>A disk with little room.</summary>
    private sealed class LimitedSink : ILineSink
    {
        public int MakeRoom(ReadOnlySpan<byte> lines) => lines.Length;

        private volatile int _room;

        public int Room
        {
            get => _room;
            set => _room = value;
        }

        public Exception? ReopenFault { get; init; }

        public List<byte> Written { get; } = [];

        public int Write(ReadOnlySpan<byte> lines, out string? problem)
        {
            var count = Math.Min(lines.Length, Room);
            Written.AddRange(lines[..count]);
            Room -= Room == int.MaxValue ? 0 : count;
            problem = count < lines.Length ? "The disk is full" : null;
            return count;
        }

        public void Reopen()
        {
            if (ReopenFault is not null)
                throw ReopenFault;
        }

        public void Dispose()
        {
        }
    }

    private sealed class StoppableStream : MemoryStream
    {
        public ManualResetEventSlim Stopped { get; } = new();

        public ManualResetEventSlim Go { get; } = new();

        public bool Fails { get; init; }

        public bool IsDisposed { get; private set; }

        public List<byte> Written { get; } = [];

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Stopped.Set();
            Assert.True(Go.Wait(Patience));
            if (Fails)
                throw new IOException("The disk is full.");
            Written.AddRange(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
