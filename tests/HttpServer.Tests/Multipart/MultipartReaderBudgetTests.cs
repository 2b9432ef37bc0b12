using System.Text;
using Http.Server.Work;

namespace Http.Server.Tests.Multipart;

/// <summary>A reader for slow clients begins with a small buffer, and takes a large one from what all have together.</summary>
public sealed class MultipartReaderBudgetTests
{
    [Theory]
    [InlineData(100, 100, 0, true)]
    [InlineData(100, 100_000, 0, true)]
    [InlineData(100, 100_000, 100_000, true)]
    [InlineData(10_000, 100, 100_000, true)]
    [InlineData(10_000, 100, 0, false)]
    public async Task Parts_are_read_with_what_is_left_and_a_long_header_needs_more(int header, int content, int budget, bool isRead)
    {
        var bytes = new ByteBudget(budget);
        var text = $"--x\r\nA: {new string('a', header)}\r\n\r\n{new string('c', content)}\r\n--x--\r\n";
        var reader = new MultipartReader(new MemoryStream(Encoding.ASCII.GetBytes(text)), "x", bytes);
        if (isRead)
        {
            var part = await reader.ReadPartAsync(TestContext.Current.CancellationToken);
            using var copy = new MemoryStream();
            await part!.Body.CopyToAsync(copy, TestContext.Current.CancellationToken);
            Assert.Equal(content, copy.Length);
            Assert.Null(await reader.ReadPartAsync(TestContext.Current.CancellationToken));
        }
        else
        {
            var fault = await Assert.ThrowsAsync<RequestFaultException>(async () => await reader.ReadPartAsync(TestContext.Current.CancellationToken));
            Assert.Equal(503, fault.Status);
        }

        Assert.True(bytes.Taken <= budget);
        reader.Release();
        reader.Release();
        Assert.Equal(0, bytes.Taken);
    }
}
