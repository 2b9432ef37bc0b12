using System.Net.Sockets;
using Http.Server.Transport;

namespace Http.Server.Tests.Transport;

public sealed class ExpectedFaultsTests
{
    [Theory]
    [InlineData(SocketError.ConnectionReset, true)]
    [InlineData(SocketError.ConnectionAborted, true)]
    [InlineData(SocketError.Shutdown, true)]
    [InlineData(SocketError.TimedOut, true)]
    [InlineData(SocketError.OperationAborted, true)]
    [InlineData(SocketError.AddressAlreadyInUse, false)]
    [InlineData(SocketError.TooManyOpenSockets, false)]
    [InlineData(SocketError.SocketError, false)]
    public void The_end_of_a_connection_is_told_by_the_sockets_code(SocketError error, bool expected)
    {
        var exception = new SocketException((int)error);
        Assert.Equal(expected, ExpectedFaults.IsConnectionEnd(exception));
        Assert.Equal(expected, ExpectedFaults.IsConnectionEnd(new IOException("x", exception)));
    }

    [Fact]
    public void Other_exceptions_are_no_end_of_a_connection()
    {
        Assert.True(ExpectedFaults.IsConnectionEnd(new ConnectionEndedException("x")));
        Assert.False(ExpectedFaults.IsConnectionEnd(new IOException("Connection reset by peer")));
        Assert.False(ExpectedFaults.IsConnectionEnd(new InvalidOperationException("x", new SocketException((int)SocketError.ConnectionReset))));
    }

    [Fact]
    public void Accepting_goes_on_after_a_lost_connection()
    {
        Assert.True(ExpectedFaults.IsLostBeforeAccept(SocketError.ConnectionAborted));
        Assert.False(ExpectedFaults.IsLostBeforeAccept(SocketError.TooManyOpenSockets));
    }
}
