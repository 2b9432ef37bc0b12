using Http.Server.Content;
using Http.Server.Text;
using Http.Server.Transport;
using Http.Server.Work;

namespace Http.Server;

/// <content>Answers that keep a processor: listings that have to be made, and archives.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>How much of such work is done at once; a test has limits of its own.</summary>
    internal WorkLimits HeavyWork { get; set; } = WorkLimits.Shared;

    /// <summary>The gate before a request's answer; null for what is answered from memory or by sending a file.</summary>
    private WorkGate? FindGate()
    {
        // A host may have bound the class's own methods to a thread.
        if (Methods.TranslatesPaths || Methods.ListsDirectories || RequestInvoker is not null || HasFoundContent)
            return null;
        var target = FindTarget();
        if (target?.Url is not { } url || target.FilePath is not { } path || (HideDotfiles && url.HasHiddenSegment))
            return null;
        var isArchive = WantsArchive(target);
        if (!isArchive && (!url.HasTrailingSlash || target.Listing.HasUnknownFormat || HasCurrentContent()))
            return null;
        var opened = OpenEntry(path);
        opened.Handle?.Dispose();
        if (opened.Kind != EntryKind.Directory)
            return null;
        if (isArchive)
            return HeavyWork.Archives;
        List<string>? denied = null;
        if (FindIndexPage(path, ref denied) is not var (page, _, _))
            return HeavyWork.Listings;
        page.Handle?.Dispose();
        return null;
    }

    /// <summary>Answers behind a gate, on threads for such work.</summary>
    private async ValueTask AnswerBehindAsync(WorkGate gate)
    {
        if (!await EnterAsync(gate).ConfigureAwait(false))
        {
            SendError(RequestFault.TooBusy.Status, null, RequestFault.TooBusy.Reason + ".");
            return;
        }

        var isInside = true;
        try
        {
            await WorkThreads.Shared.NextTurn();
            var content = SendHead();
            // A listing has been made, and sending it takes no more than sending a file.
            if (gate == HeavyWork.Listings)
            {
                gate.Leave();
                isInside = false;
                await WorkThreads.Leave();
            }

            await SendBodyAsync(content).ConfigureAwait(false);
        }
        finally
        {
            if (isInside)
                gate.Leave();
            await WorkThreads.Leave();
        }
    }

    /// <summary>Waits for a place for as long as the client does.</summary>
    /// <exception cref="ConnectionEndedException">The client has left.</exception>
    private async ValueTask<bool> EnterAsync(WorkGate gate)
    {
        if (gate.TryEnter())
            return true;
        using var left = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var watching = WatchAsync();
        try
        {
            return await gate.EnterAsync(left.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new ConnectionEndedException("The client left while its request waited.");
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        async Task WatchAsync()
        {
            if (await WaitForDepartureAsync(done.Token).ConfigureAwait(false))
                await left.CancelAsync().ConfigureAwait(false);
        }
    }
}
