using Http.Server.Work;

namespace Http.Server.Tests.Work;

/// <summary>Blocks are large while there is memory for them, and small beyond.</summary>
public sealed class BodyBlockTests
{
    [Fact]
    public void A_block_is_large_while_the_budget_lasts_and_small_beyond()
    {
        var budget = new ByteBudget(100_000);
        using (var first = BodyBlock.Take(65_536, budget))
        {
            Assert.True(first.Bytes.Length >= 65_536);
            using var second = BodyBlock.Take(65_536, budget);
            Assert.InRange(second.Bytes.Length, 4096, 65_535);
            Assert.Equal(65_536, budget.Taken);
        }

        Assert.Equal(0, budget.Taken);
    }
}
