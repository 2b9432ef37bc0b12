using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

/// <summary>What a host of handlers that are not written in C# leans on: the module for PowerShell above all.</summary>
public sealed class HostTests
{
    [Fact]
    public async Task An_invoker_answers_each_request_on_a_thread_of_its_choice()
    {
        var names = new List<string?>();
        await using var server = new RunningServer(() => Invoked(
            handler =>
            {
                lock (names)
                    names.Add(Thread.CurrentThread.Name);
                handler.SendText(handler.Command);
            },
            OnThread));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nSPAM / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("GET", (await client.ReadResponseAsync()).Text);
        Assert.Equal("SPAM", (await client.ReadResponseAsync()).Text);
        Assert.Equal(["chosen", "chosen"], names);
    }

    [Fact]
    public async Task What_an_invoker_throws_is_answered_like_an_exception_of_the_handler()
    {
        await using var server = new RunningServer(() => Invoked(
            static handler => handler.SendText("never"), static (_, _) => throw new RequestFaultException(503, "Too busy")));
        var answer = await server.GetAsync("/");
        Assert.Equal(503, answer.Status);
        Assert.Contains("Too busy.", answer.Text, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_thread_of_an_invoker_waits_for_a_client_that_does_not_read(bool returnsNothing)
    {
        using var directory = new TempDirectory();
        directory.Write("a.txt", "content");
        using (var large = File.Create(Path.Combine(directory.Path, "large.bin")))
            large.SetLength(100_000_000);
        using var oneAtATime = new SemaphoreSlim(1);
        async ValueTask InvokeAsync(BaseHttpRequestHandler handler, Func<ValueTask> answer)
        {
            await oneAtATime.WaitAsync();
            try
            {
                await answer();
            }
            finally
            {
                oneAtATime.Release();
            }
        }

        await using var server = new RunningServer(() => returnsNothing
            ? new Unawaiting { Directory = directory.Path, RequestInvoker = InvokeAsync }
            : new SimpleHttpRequestHandler { Directory = directory.Path, RequestInvoker = InvokeAsync });
        using var slow = await server.ConnectAsync();
        await slow.SendAsync("GET /large.bin HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await slow.ReadThroughAsync("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal("content", (await server.GetAsync("/a.txt")).Text);
    }

    [Fact]
    public async Task A_fault_is_answered_on_the_invokers_thread_too()
    {
        var thread = "";
        await using var server = new RunningServer(() => new OwnErrors(() => thread = Thread.CurrentThread.Name) { RequestInvoker = OnThread });
        Assert.Equal(500, (await server.GetAsync("/")).Status);
        Assert.Equal("chosen", thread);
    }

    [Fact]
    public async Task A_fault_of_a_handlers_choice_has_its_status_and_is_no_error_of_the_server()
    {
        await using var server = ActionHandler.Serve(static handler =>
        {
            handler.SendResponse(200);
            throw new RequestFaultException(418, "I am a teapot");
        });
        var answer = await server.GetAsync("/");
        Assert.Equal(418, answer.Status);
        Assert.Contains("I am a teapot.", answer.Text, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData(399)]
    [InlineData(600)]
    public void A_fault_has_a_status_of_an_error(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RequestFaultException(status, "Wrong"));

    [Fact]
    public async Task Requests_have_ids_by_connection_and_number()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText(handler.RequestId));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("1-1", (await client.ReadResponseAsync()).Text);
        Assert.Equal("1-2", (await client.ReadResponseAsync()).Text);
        Assert.Equal("2-1", (await server.GetAsync("/")).Text);
    }

    [Fact]
    public async Task The_server_counts_requests_and_errors_of_open_and_ended_connections()
    {
        var counts = new List<(long, int, long)>();
        RunningServer? running = null;
        await using var server = running = ActionHandler.Serve(handler =>
        {
            counts.Add((running!.Server.RequestCount, running.Server.ActiveRequestCount, running.Server.ErrorCount));
            if (handler.Path == "/fail")
                handler.SendError(500);
            else
                handler.SendText("ok");
        });
        await server.GetAsync("/fail", "Connection: close\r\n");
        await EndOfAnswersAsync(running.Server);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.ReadResponseAsync();
        await EndOfAnswersAsync(running.Server);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.ReadResponseAsync();
        Assert.Equal([(1, 1, 0), (2, 1, 1), (3, 1, 1)], counts);
    }

    [Fact]
    public async Task Whether_an_answer_has_begun_can_be_asked()
    {
        var steps = new List<bool>();
        await using var server = ActionHandler.Serve(handler =>
        {
            steps.Add(handler.HasAnswered);
            handler.SendResponse(103);
            handler.EndHeaders();
            steps.Add(handler.HasAnswered);
            handler.SendResponse(200);
            steps.Add(handler.HasAnswered);
            handler.SendHeader("Content-Length", "0");
            handler.EndHeaders();
            steps.Add(handler.HasAnswered);
        });
        await server.GetAsync("/", "Connection: close\r\n");
        Assert.Equal([false, false, true, true], steps);
    }

    [Fact]
    public async Task A_handler_can_wait_for_its_client_to_leave()
    {
        var begun = new TaskCompletionSource();
        var left = new TaskCompletionSource<bool>();
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            begun.SetResult();
            left.SetResult(await handler.WaitForDepartureAsync(TestContext.Current.CancellationToken));
            handler.CloseConnection = true;
        });
        using (var client = await server.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            // A reset destroys what has not been read.
            await begun.Task;
            client.Reset();
        }

        Assert.True(await left.Task);
    }

    [Fact]
    public async Task Waiting_for_the_client_to_leave_can_be_ended_and_leaves_the_connection_as_it_was()
    {
        await using var server = ActionHandler.ServeAsync(static async handler =>
        {
            using var end = new CancellationTokenSource();
            var leaving = handler.WaitForDepartureAsync(end.Token);
            await end.CancelAsync();
            handler.SendText((await leaving).ToString());
        });
        using var client = await server.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal("False", (await client.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task A_log_of_its_own_kind_is_told_the_exception_and_the_request()
    {
        var log = new FaultLog();
        await using var server = new ThreadingHttpServer(
            new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0),
            () => ActionHandler.Of(static _ => throw new InvalidOperationException("broken")),
            new HttpServerOptions { Log = log });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        using var client = await RawClient.ConnectAsync(server.ServerPort);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(500, (await client.ReadResponseAsync()).Status);
        Assert.Equal(("1-1", "ActionHandler failed at \"GET /x HTTP/1.1\"", "broken"), Assert.Single(log.Faults));
        await server.DisposeAsync();
        await serving;
    }

    /// <summary>An answer is over for the server a moment after it is for the client.</summary>
    private static async Task EndOfAnswersAsync(HttpServer server)
    {
        while (server.ActiveRequestCount > 0)
            await Task.Yield();
    }

    private static ActionHandler Invoked(Action<BaseHttpRequestHandler> answer, Func<BaseHttpRequestHandler, Func<ValueTask>, ValueTask> invoker)
    {
        var handler = ActionHandler.Of(answer);
        handler.RequestInvoker = invoker;
        return handler;
    }

    private static async ValueTask OnThread(BaseHttpRequestHandler handler, Func<ValueTask> answer)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                answer().AsTask().GetAwaiter().GetResult();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        })
        { Name = "chosen" }.Start();
        await done.Task;
    }

    /// <summary>Calls the method of its base class as a PowerShell class does, which cannot await.</summary>
    private sealed class Unawaiting : SimpleHttpRequestHandler
    {
        public override ValueTask DoGet()
        {
            _ = base.DoGet().AsTask();
            return default;
        }
    }

    private sealed class OwnErrors(Action onError) : BaseHttpRequestHandler
    {
        public override void SendError(int code, string? message = null, string? explain = null)
        {
            onError();
            base.SendError(code, message, explain);
        }

        protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => static _ => throw new InvalidOperationException("broken");
    }

    private sealed class FaultLog : IHttpLog
    {
        public List<(string Id, string What, string Message)> Faults { get; } = [];

        public void Request(in RequestRecord record)
        {
        }

        public void Message(LogLevel level, string? client, string message)
        {
        }

        public void Fault(string? client, string requestId, string what, Exception exception) => Faults.Add((requestId, what, exception.Message));
    }
}
