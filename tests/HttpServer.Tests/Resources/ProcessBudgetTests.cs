using Http.Server.Resources;

namespace Http.Server.Tests.Resources;

public sealed class ProcessBudgetTests
{
    private const long Plenty = 1L << 40;

    [Theory]
    [InlineData(128, 61, Plenty, 17)]
    [InlineData(256, 61, Plenty, 81)]
    [InlineData(1024, 61, Plenty, 417)]
    [InlineData(20_000, 61, Plenty, 9713)]
    // The fewest that make a server, though the reserve of such a limit is larger.
    [InlineData(400, 355, Plenty, 4)]
    [InlineData(int.MaxValue, 0, Plenty, 8_388_608)]
    // Half of the memory, 64 KiB for each.
    [InlineData(20_000, 61, 64 << 20, 512)]
    [InlineData(20_000, 61, 1, 4)]
    public void Each_connection_counts_as_two_descriptors_and_a_reserve_is_kept(int limit, int open, long memory, int connections) =>
        Assert.Equal(connections, ProcessBudget.CountConnections(limit, open, memory));

    [Theory]
    [InlineData(100, 61)]
    [InlineData(256, 217)]
    [InlineData(50, 61)]
    public void Too_few_descriptors_are_told_with_numbers_and_the_remedy(int limit, int open)
    {
        var fault = Assert.Throws<ServerStartException>(() => ProcessBudget.CountConnections(limit, open, Plenty));
        Assert.Contains($"may have {limit} files and connections open, and needs at least {open + 40}", fault.Message);
        Assert.Contains("ulimit -n", fault.Message);
    }

    [Fact]
    public void The_lowest_free_descriptor_is_one_that_the_next_file_gets()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows' handles have no such order.");
        Assert.InRange(ProcessLimits.FindLowestFree(), 3, ProcessLimits.RaiseDescriptorLimit());
        Assert.InRange(ProcessLimits.CountDescriptors(), 3, ProcessLimits.RaiseDescriptorLimit());
    }

    [Fact]
    public void A_process_with_plenty_left_has_descriptors_and_none_of_the_last()
    {
        _ = ProcessBudget.Process;
        Assert.True(ProcessBudget.HasDescriptors(6));
        Assert.False(ProcessBudget.IsLast(3));
        Assert.Equal(!OperatingSystem.IsWindows() && ProcessBudget.Process.DescriptorLimit != int.MaxValue, ProcessBudget.IsLast(ProcessBudget.Process.DescriptorLimit - 1));
    }
}
