using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Servers;
using Http.Server.PowerShell.Tests.Support;

namespace Http.Server.PowerShell.Tests.Servers;

/// <summary>Registering many handlers takes no table for each; what a request sees is always the newest.</summary>
public sealed class CurrentRoutesTests
{
    [EngineFact]
    public void Routes_are_made_at_the_first_look_after_changes_and_once()
    {
        List<HandlerRoutes?> formers = [];
        var routes = new CurrentRoutes(former =>
        {
            formers.Add(former);
            return new HandlerRoutes([], former, static _ => null);
        });
        Assert.Empty(formers);
        var first = routes.Value;
        Assert.Same(first, routes.Value);
        for (var change = 0; change < 1000; change++)
            routes.Change();
        Assert.Equal([null], formers);
        Assert.NotSame(first, routes.Value);
        Assert.Equal([null, first], formers);
    }

    [EngineFact]
    public void A_change_while_routes_are_made_is_not_lost()
    {
        var count = 0;
        CurrentRoutes? routes = null;
        Task? change = null;
        routes = new CurrentRoutes(former =>
        {
            // It waits until these routes are there, and has them made anew.
            if (count++ == 0)
                change = Task.Run(() => routes!.Change());
            return new HandlerRoutes([], former, static _ => null);
        });
        var first = routes.Value;
        Assert.True(change!.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.NotSame(first, routes.Value);
        Assert.Equal(2, count);
    }
}
