using Http.Server.PowerShell.Handlers.Tasks;

namespace Http.Server.PowerShell.Tests.Handlers.Tasks;

public sealed class TaskAddressTests
{
    private const string Id = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("tasks", "tasks/" + Id, Id, false, null)]
    [InlineData("tasks", "tasks/" + Id + "/result", Id, true, null)]
    [InlineData("tasks", "tasks/" + Id + "-01234567", Id + "-01234567", false, "01234567")]
    [InlineData("api/jobs", "api/jobs/" + Id, Id, false, null)]
    [InlineData("", Id, Id, false, null)]
    public void A_path_of_a_task_names_it(string root, string path, string id, bool isResult, string? schemes)
    {
        Assert.True(TaskAddress.TryRead(Split(root), Split(path), out var address));
        Assert.Equal((id, isResult, schemes), (address.Id, address.IsResult, address.Schemes));
    }

    [Theory]
    [InlineData("tasks", "tasks")]
    [InlineData("tasks", "jobs/" + Id)]
    [InlineData("tasks", "tasks/0123456789abcdef")]
    [InlineData("tasks", "tasks/0123456789ABCDEF0123456789abcdef")]
    [InlineData("tasks", "tasks/" + Id + "/other")]
    [InlineData("tasks", "tasks/" + Id + "/result/more")]
    [InlineData("tasks", "tasks/" + Id + "+01234567")]
    [InlineData("tasks", "tasks/" + Id + "-0123456g")]
    [InlineData("tasks", "x/tasks/" + Id)]
    public void Other_paths_are_none(string root, string path) => Assert.False(TaskAddress.TryRead(Split(root), Split(path), out _));

    [Fact]
    public void A_path_that_the_server_refuses_is_none() => Assert.False(TaskAddress.TryRead(["tasks"], null, out _));

    [Fact]
    public void Ids_have_128_random_bits_and_the_name_of_the_schemes()
    {
        var ids = Enumerable.Range(0, 100).Select(_ => TaskAddress.MakeId(null)).ToHashSet();
        Assert.Equal(100, ids.Count);
        Assert.All(ids, id => Assert.True(TaskAddress.TryRead([], [id], out _)));
        var named = TaskAddress.MakeId(TaskAddress.NameOf(["Api", "Web"]));
        Assert.True(TaskAddress.TryRead([], [named], out var address));
        // The same in each process, in whatever case the names were written.
        Assert.Equal(TaskAddress.NameOf(["API", "web"]), address.Schemes);
        Assert.NotEqual(TaskAddress.NameOf(["Api"]), address.Schemes);
        Assert.Null(TaskAddress.NameOf([]));
    }

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
