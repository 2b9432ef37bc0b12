using Http.Server.Cli.Tests.Support;
using Http.Server.Tests.Support.Restarts;

namespace Http.Server.Cli.Tests;

/// <summary>
/// Restarts lose no request, under a socket unit, and behind the balancers with the configurations that the documents have.
/// <c>tests/HttpServer.Benchmarks -- restarts</c> does the same at full size.
/// </summary>
public sealed class RestartTests
{
    [Theory]
    [InlineData("haproxy", "haproxy.cfg", false)]
    [InlineData("nginx", "nginx.conf", false)]
    [InlineData("caddy", "Caddyfile", false)]
    [InlineData("haproxy", "haproxy.cfg", true)]
    [InlineData("nginx", "nginx.conf", true)]
    [InlineData("caddy", "Caddyfile", true)]
    public async Task Replicas_that_are_restarted_in_turn_behind_a_balancer_lose_nothing(string balancer, string configuration, bool onSockets)
    {
        var program = Tool.Require(balancer, balancer);
        AssertWhole(await RestartRun.BehindAsync(ServerProgram.Command, program,
            Path.Combine(ServerProgram.Repository, "docs", "deploy", configuration), drain: 3, restarts: 2, requests: 2000, onSockets: onSockets));
    }

    [Fact]
    public async Task A_server_of_a_socket_unit_that_is_restarted_loses_nothing()
    {
        Assert.SkipWhen(SocketUnit.FindObstacle() is not null, SocketUnit.FindObstacle() ?? "");
        AssertWhole(await RestartRun.OfSocketUnitAsync(
            ServerProgram.Command, Tool.Require("bash", "bash"), drain: 1, restarts: 2, requests: 2000));
    }

    private static void AssertWhole(RestartRun run)
    {
        Assert.True(run.Failed == 0, $"{run.Failed} of {run.Answered} requests were lost: {string.Join("; ", run.Failures)}");
        Assert.InRange(run.Answered, 2000, long.MaxValue);
    }
}
