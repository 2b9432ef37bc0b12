using Http.Server.Requests;
using Http.Server.Work;

namespace Http.Server.Tests.Requests;

/// <summary>What a body takes in memory is counted before it is taken, and given back with it.</summary>
public sealed class BodyMemoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    public void A_body_takes_no_more_than_it_has_counted(int piece)
    {
        var budget = new ByteBudget(200_000);
        using (var memory = new BodyMemory(budget))
        {
            while (memory.TryReserve(piece))
            {
                memory.Write(new byte[piece]);
                Assert.InRange(memory.Capacity, 1, budget.Taken);
            }

            Assert.InRange(memory.Length, 40_000, 200_000);
        }

        Assert.Equal(0, budget.Taken);
    }
}
