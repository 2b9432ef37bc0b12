using BenchmarkDotNet.Running;
using Http.Server.Benchmarks.Events;
using Http.Server.Benchmarks.Grow;
using Http.Server.Benchmarks.Instances;
using Http.Server.Benchmarks.Load;
using Http.Server.Benchmarks.Profiles;
using Http.Server.Benchmarks.Restarts;
using Http.Server.Benchmarks.Soak;

// "load" compares whole servers; "grow" tells how costs grow; "restarts" counts what restarts lose; "instances" measures several
// servers on one machine; "events" measures listeners; "profile" makes what the native program is compiled with; "soak" has one server
// do everything at once, with faults; "kestrel" is what "load" starts as one of them; everything else is BenchmarkDotNet's.
switch (args)
{
    case ["load", .. var rest]:
        return await LoadCommand.RunAsync(rest).ConfigureAwait(false);
    case ["grow", .. var rest]:
        return await GrowCommand.RunAsync(rest).ConfigureAwait(false);
    case ["restarts", .. var rest]:
        return await RestartsCommand.RunAsync(rest).ConfigureAwait(false);
    case ["instances", .. var rest]:
        return await InstancesCommand.RunAsync(rest).ConfigureAwait(false);
    case ["events", .. var rest]:
        return await EventsCommand.RunAsync(rest).ConfigureAwait(false);
    case ["profile", .. var rest]:
        return await ProfileCommand.RunAsync(rest).ConfigureAwait(false);
    case [EventServer.Verb]:
        await EventServer.RunAsync().ConfigureAwait(false);
        return 0;
    case ["soak", .. var rest]:
        return await SoakCommand.RunAsync(rest).ConfigureAwait(false);
    case [KestrelPeer.Verb, var port, var root, .. var pem]:
        await KestrelPeer.RunAsync(port, root, pem).ConfigureAwait(false);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(LoadCommand).Assembly).Run(args);
        return 0;
}
