using System.Net.Sockets;
using Http.Server.Resources;

namespace Http.Server.Tests.Resources;

public sealed class ShortageTests
{
    public static TheoryData<Exception> Shortages =>
    [
        new InsufficientMemoryException(),
        new ShortageException("file descriptors"),
        new SocketException((int)SocketError.TooManyOpenSockets),
        new IOException("x", new SocketException((int)SocketError.NoBufferSpaceAvailable)),
        Shortage.Refuse("file descriptors"),
        new InvalidOperationException("x", new InsufficientMemoryException()),
    ];

    public static TheoryData<Exception> Others =>
    [
        new IOException("x"),
        new FileNotFoundException(),
        new SocketException((int)SocketError.ConnectionReset),
        new RequestFaultException(503, "x"),
        new InvalidOperationException(),
    ];

    [Theory]
    [MemberData(nameof(Shortages))]
    public void A_shortage_is_told_from_a_fault(Exception exception) => Assert.NotNull(Shortage.Of(exception));

    [Theory]
    [MemberData(nameof(Others))]
    public void Other_faults_are_no_shortage(Exception exception) => Assert.Null(Shortage.Of(exception));

    [Theory]
    [InlineData(23, true)] // ENFILE
    [InlineData(24, true)] // EMFILE
    [InlineData(12, true)] // ENOMEM
    [InlineData(2, false)] // ENOENT
    [InlineData(13, false)] // EACCES
    public void Error_numbers_of_Unix_tell_it_and_so_do_exceptions_made_of_them(int error, bool isShortage)
    {
        Assert.Equal(isShortage, Shortage.OfError(error) is not null);
        Assert.Equal(isShortage && !OperatingSystem.IsWindows(), Shortage.Of(new IOException("x", error)) is not null);
        if (isShortage)
            Assert.Equal(503, Assert.Throws<RequestFaultException>(() => Shortage.ThrowIfShort(error)).Status);
        else
            Shortage.ThrowIfShort(error);
    }

    [Fact]
    public void The_log_is_told_once_a_second_at_the_most_and_how_often_it_was()
    {
        var time = new Hands();
        var log = new Lines();
        var report = new ShortageReport(log, time);
        for (var n = 0; n < 100; n++)
            report.Report("things", "nothing came of it");
        Assert.Equal(["Too few things: nothing came of it."], log.Texts);
        time.Ticks += TimeSpan.TicksPerSecond;
        report.Report("things", "nothing came of it");
        report.Report("things", "nothing came of it");
        Assert.Equal("Too few things: nothing came of it. 99 more times since the last line about it.", log.Texts[^1]);
        Assert.Equal(2, log.Texts.Count);
    }

    private sealed class Hands : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }

    private sealed class Lines : IHttpLog
    {
        public List<string> Texts { get; } = [];

        public void Request(in RequestRecord record)
        {
        }

        public void Message(LogLevel level, string? client, string message) => Texts.Add(message);
    }
}
