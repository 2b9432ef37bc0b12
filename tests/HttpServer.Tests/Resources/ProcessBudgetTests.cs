using Http.Server.Resources;

namespace Http.Server.Tests.Resources;

public sealed class ProcessBudgetTests
{
    [Theory]
    [InlineData(128, 61, 17)]
    [InlineData(256, 61, 81)]
    [InlineData(1024, 61, 417)]
    [InlineData(20_000, 61, 9713)]
    // The fewest that make a server, though the reserve of such a limit is larger.
    [InlineData(400, 355, 4)]
    [InlineData(int.MaxValue, 0, int.MaxValue)]
    public void Each_connection_counts_as_two_descriptors_and_a_reserve_is_kept(int limit, int open, int connections) =>
        Assert.Equal(connections, ProcessBudget.CountByDescriptors(limit, open));

    [Theory]
    // Half of the memory, 20 KiB for each, or 128 KiB over TLS.
    [InlineData(64 << 20, false, 1638)]
    [InlineData(64 << 20, true, 256)]
    [InlineData(1, false, 4)]
    [InlineData(1, true, 4)]
    [InlineData(1L << 60, false, int.MaxValue)]
    public void Connections_may_take_half_of_the_memory(long memory, bool isSecure, int connections) =>
        Assert.Equal(connections, ProcessBudget.CountByMemory(memory, ProcessBudget.MemoryOf(isSecure)));

    [Theory]
    [InlineData(100, 61)]
    [InlineData(256, 217)]
    [InlineData(50, 61)]
    public void Too_few_descriptors_are_told_with_numbers_and_the_remedy(int limit, int open)
    {
        var fault = Assert.Throws<ServerStartException>(() => ProcessBudget.CountByDescriptors(limit, open));
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
