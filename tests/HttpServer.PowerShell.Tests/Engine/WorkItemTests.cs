using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Engine;

public sealed class WorkItemTests
{
    [EngineFact]
    public async Task Who_completes_first_counts()
    {
        var item = new TestItem();
        var task = item.Begin().AsTask();
        item.Complete(null);
        item.Complete(new InvalidOperationException("late"));
        await task;
    }

    [EngineFact]
    public async Task It_can_be_used_again()
    {
        var item = new TestItem();
        var first = item.Begin().AsTask();
        item.StopReason = StopReason.Timeout;
        item.Complete(new InvalidDataException());
        await Assert.ThrowsAsync<InvalidDataException>(() => first);
        var second = item.Begin().AsTask();
        Assert.False(second.IsCompleted);
        Assert.Equal(StopReason.None, item.StopReason);
        item.Complete(null);
        await second;
    }

    [EngineTheory]
    [InlineData(nameof(StopReason.Timeout), 504, "1.5 seconds")]
    [InlineData(nameof(StopReason.ClientGone), 499, "client left")]
    [InlineData(nameof(StopReason.ServerStopping), 503, "stopping")]
    public void A_stop_is_told_by_its_reason_and_not_by_its_effect(string reason, int status, string message)
    {
        var item = new TestItem { StopReason = Enum.Parse<StopReason>(reason) };
        var effect = new PipelineStoppedException();
        var fault = Assert.IsType<RequestFaultException>(item.Explain(effect, TimeSpan.FromSeconds(1.5)));
        Assert.Equal(status, fault.Status);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Same(effect, fault.InnerException);
    }

    [EngineFact]
    public void Trouble_with_the_client_is_told_as_what_it_is()
    {
        var fault = new RequestFaultException(413, "too much");
        Assert.Same(fault, Explain(new MethodInvocationException("x", fault)));
        Assert.Same(fault, Explain(new RuntimeException("x", new InvalidOperationException("y", fault))));
    }

    [EngineFact]
    public void All_else_keeps_its_position_in_the_script()
    {
        var exception = new RuntimeException("no");
        Assert.Same(exception, Explain(exception));
        // A file of the script's own, not the client's connection.
        var own = new RuntimeException("no", new FileNotFoundException());
        Assert.Same(own, Explain(own));
        foreach (var inner in new Exception[] { new ArgumentException("x"), new IOException("x"), new FileNotFoundException(), new ObjectDisposedException("x") })
        {
            var wrapped = new MethodInvocationException("no", inner);
            Assert.Same(wrapped, Explain(wrapped));
        }
    }

    private static Exception Explain(Exception exception) => new TestItem().Explain(exception, TimeSpan.Zero);
}
