using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

/// <summary>What a handler sees of a request, and how its methods are called.</summary>
public sealed class BaseHttpRequestHandlerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task ClientAddress_is_the_client()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText(handler.ClientAddress.ToString()!));
        var (endPoint, answer) = await AskWithEndPointAsync(server);
        Assert.Equal(endPoint.ToString(), answer);
    }

    [Fact]
    public async Task A_class_that_handles_requests_by_itself_may_speak_before_the_client_does()
    {
        await using var server = RunningServer.Of<Greeting>();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        var bytes = new byte[5];
        await client.GetStream().ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        Assert.Equal("hello", Encoding.ASCII.GetString(bytes));
    }

    [Fact]
    public async Task Server_is_the_server_that_took_the_connection()
    {
        IHttpServer? seen = null;
        await using var server = ActionHandler.Serve(handler =>
        {
            seen = handler.Server;
            handler.SendText("");
        });
        await server.GetAsync("/");
        Assert.Same(server.Server, seen);
    }

    [Theory]
    [InlineData("HTTP/1.1", "HTTP/1.1", "", false)]
    [InlineData("HTTP/1.1", "HTTP/1.1", "Connection: close\r\n", true)]
    [InlineData("HTTP/1.1", "HTTP/1.1", "Connection: keep-alive\r\n", false)]
    [InlineData("HTTP/1.1", "HTTP/1.1", "Connection: keep-alive, close\r\n", true)]
    [InlineData("HTTP/1.1", "HTTP/1.0", "", true)]
    [InlineData("HTTP/1.1", "HTTP/1.0", "Connection: Keep-Alive\r\n", false)]
    [InlineData("HTTP/1.0", "HTTP/1.1", "", true)]
    [InlineData("HTTP/1.0", "HTTP/1.0", "Connection: keep-alive\r\n", true)]
    public async Task CloseConnection_is_set_as_request_and_protocol_want_it(string protocol, string version, string headers, bool expected)
    {
        bool? seen = null;
        await Conversation.AskAsync(
            new Probe { ProtocolVersion = protocol, Answer = handler => seen = handler.CloseConnection }, $"GET / {version}\r\nHost: test\r\n{headers}\r\n");
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task CloseConnection_set_by_a_method_ends_the_connection()
    {
        var answer = await Conversation.AskAsync(
            new Probe
            {
                ProtocolVersion = "HTTP/1.1",
                Answer = handler =>
                {
                    handler.CloseConnection = true;
                    handler.SendText("once");
                },
            },
            Get + Get);
        Assert.Single(answer.Split("once")[..^1]);
        Assert.Contains("\r\nConnection: close\r\n", answer);
    }

    [Theory]
    [InlineData("GET /a?b HTTP/1.1", "GET", "/a?b", "HTTP/1.1")]
    [InlineData("EGGS //evil/x HTTP/1.0", "EGGS", "/evil/x", "HTTP/1.0")]
    [InlineData("GET ///a HTTP/1.3", "GET", "/a", "HTTP/1.1")]
    [InlineData("GET /a//b%20c HTTP/1.1", "GET", "/a//b%20c", "HTTP/1.1")]
    [InlineData("GET http://test/a?b HTTP/1.1", "GET", "/a?b", "HTTP/1.1")]
    [InlineData("GET http://test HTTP/1.1", "GET", "/", "HTTP/1.1")]
    [InlineData("GET http://test//evil HTTP/1.1", "GET", "/evil", "HTTP/1.1")]
    [InlineData("OPTIONS * HTTP/1.1", "OPTIONS", "*", "HTTP/1.1")]
    public async Task RequestLine_Command_Path_and_RequestVersion_are_those_of_the_request(
        string line, string command, string path, string version)
    {
        var seen = ("", "", "", "");
        await Conversation.AskAsync(
            new Probe { Answer = handler => seen = (handler.RequestLine, handler.Command, handler.Path, handler.RequestVersion) },
            line + "\r\nHost: test\r\n\r\n");
        Assert.Equal((line, command, path, version), seen);
    }

    [Fact]
    public async Task Headers_has_every_field_in_order()
    {
        HttpHeaders? seen = null;
        await Conversation.AskAsync(
            new Probe { Answer = handler => seen = handler.Headers }, "GET / HTTP/1.1\r\nHost: test\r\nx-a:  1 \r\nX-B: \u00e9\r\nX-A: 2\r\n\r\n");
        Assert.Equal(
            [KeyValuePair.Create("Host", "test"), KeyValuePair.Create("x-a", "1"), KeyValuePair.Create("X-B", "\u00e9"), KeyValuePair.Create("X-A", "2")],
            seen!);
    }

    [Fact]
    public async Task Nothing_of_a_request_shows_in_the_next()
    {
        var seen = new List<string>();
        await Conversation.AskAsync(
            new Probe
            {
                ProtocolVersion = "HTTP/1.1",
                Answer = handler =>
                {
                    seen.Add($"{handler.RequestLine}|{handler.Command}|{handler.Path}|{handler.Headers["X"]}|{handler.RequestVersion}");
                    handler.SendText("");
                },
            },
            "POST /long/path HTTP/1.1\r\nHost: test\r\nX: 1\r\nContent-Length: 2\r\n\r\nab" + "GET /b HTTP/1.0\r\n\r\n");
        Assert.Equal(["POST /long/path HTTP/1.1|POST|/long/path|1|HTTP/1.1", "GET /b HTTP/1.0|GET|/b||HTTP/1.0"], seen);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhelloGET ", "hello")]
    [InlineData("Content-Length: 0\r\n\r\nhello", "")]
    [InlineData("\r\nhello", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n03\r\nllo\r\n0\r\nX: y\r\n\r\nGET ", "hello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET ", "")]
    public async Task Rfile_ends_where_the_request_body_ends(string rest, string expected)
    {
        foreach (var read in new Func<Stream, string>[] { ReadByBytes, stream => new StreamReader(stream, Encoding.Latin1).ReadToEnd() })
        {
            string? seen = null;
            await Conversation.AskAsync(new Probe { Answer = handler => seen = read(handler.Rfile) }, $"POST / HTTP/1.1\r\nHost: test\r\n{rest}");
            Assert.Equal(expected, seen);
        }
    }

    [Fact]
    public async Task Wfile_takes_raw_bytes_without_any_head_and_the_connection_ends_after_them()
    {
        var answer = await Conversation.AskAsync(
            new Probe { ProtocolVersion = "HTTP/1.1", Answer = handler => handler.Wfile.Write("raw\0bytes\r\n"u8) }, Get + Get);
        Assert.Equal("raw\0bytes\r\n", answer);
    }

    [Fact]
    public async Task CreateHeaders_brings_a_kind_of_its_own()
    {
        HttpHeaders? seen = null;
        await Conversation.AskAsync(new Probe { OwnHeaders = true, Answer = handler => seen = handler.Headers }, Get);
        Assert.Equal("TEST", Assert.IsType<LoudHeaders>(seen)["host"]);
    }

    [Fact]
    public async Task HandleAsync_handles_requests_until_the_connection_is_to_be_closed()
    {
        var handler = new Probe { ProtocolVersion = "HTTP/1.1", Answer = handler => handler.SendText("") };
        await Conversation.AskAsync(handler, Get + Get + "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" + Get);
        Assert.Equal(3, handler.HandledRequests);
    }

    [Theory]
    [InlineData("VOID", "void")]
    [InlineData("TASK", "task")]
    [InlineData("VALUETASK", "valuetask")]
    [InlineData("LOWER", "lower")]
    public async Task A_Do_method_is_found_by_name_whatever_it_returns(string verb, string expected)
    {
        var answer = await Conversation.AskAsync(new Probe(), $"{verb} / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.EndsWith("\r\n\r\n" + expected, answer);
    }

    [Theory]
    [InlineData("SPAM")]
    [InlineData("get")]
    [InlineData("NUMBER")]
    [InlineData("HIDDEN")]
    [InlineData("WITHPARAMETER")]
    [InlineData("SHARED")]
    [InlineData("CONNECT")]
    public async Task A_verb_without_a_method_gets_501(string verb)
    {
        var answer = await Conversation.AskAsync(new Probe(), $"{verb} {(verb == "CONNECT" ? "a:1" : "/")} HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.StartsWith($"HTTP/1.0 501 Unsupported method ('{verb}')\r\n", answer);
    }

    [Fact]
    public async Task A_user_may_answer_a_verb_of_his_own()
    {
        await using var server = RunningServer.Of<Spam>();
        var answer = await server.SendAsync("SPAM /eggs HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("spam /eggs", answer.Text);
        Assert.Equal(501, (await server.GetAsync("/")).Status);
    }

    [Fact]
    public async Task HandleExpect100_has_100_sent_before_the_body_is_read()
    {
        using var conversation = new Conversation(new Probe
        {
            ProtocolVersion = "HTTP/1.1",
            Answer = handler => handler.SendText(new StreamReader(handler.Rfile).ReadToEnd()),
        });
        conversation.Stream.Feed("POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        await conversation.Stream.WaitForWaitAsync();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", conversation.Stream.Output);
        conversation.Stream.Feed("hello");
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        Assert.StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", conversation.Stream.Output);
        Assert.EndsWith("\r\n\r\nhello", conversation.Stream.Output);
    }

    [Theory]
    [InlineData("POST", "HTTP/1.1", "HTTP/1.0", "Content-Length: 5")]
    [InlineData("POST", "HTTP/1.0", "HTTP/1.1", "Content-Length: 5")]
    [InlineData("GET", "HTTP/1.1", "HTTP/1.1", "X: y")]
    [InlineData("POST", "HTTP/1.1", "HTTP/1.1", "Content-Length: 0")]
    public async Task There_is_no_100_where_it_has_no_place(string verb, string version, string protocol, string header)
    {
        var answer = await Conversation.AskAsync(
            new Probe { ProtocolVersion = protocol, Answer = handler => handler.SendText(new StreamReader(handler.Rfile).ReadToEnd()) },
            $"{verb} / {version}\r\nHost: test\r\nExpect: 100-continue\r\n{header}\r\n\r\nhello");
        Assert.StartsWith($"{protocol} 200 OK\r\n", answer);
    }

    [Fact]
    public async Task A_body_that_nobody_reads_is_never_asked_for()
    {
        var answer = await Conversation.AskAsync(
            new Probe { ProtocolVersion = "HTTP/1.1", Answer = handler => handler.SendText("no") },
            "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
        Assert.EndsWith("\r\n\r\nno", answer);
    }

    [Fact]
    public async Task An_override_of_HandleExpect100_may_refuse_with_417()
    {
        var called = false;
        var answer = await Conversation.AskAsync(
            new Probe { ProtocolVersion = "HTTP/1.1", RefusesBodies = true, Answer = _ => called = true },
            "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" + Get);
        Assert.StartsWith("HTTP/1.1 417 Expectation Failed\r\n", answer);
        Assert.Single(answer.Split("HTTP/1.1 ")[1..]);
        Assert.False(called);
    }

    [Fact]
    public async Task An_unknown_expectation_gets_417() => Assert.StartsWith(
        "HTTP/1.1 417 ",
        await Conversation.AskAsync(new Probe { ProtocolVersion = "HTTP/1.1" }, "GET / HTTP/1.1\r\nHost: test\r\nExpect: a-pony\r\n\r\n"));

    [Fact]
    public void A_handler_without_a_connection_says_so()
    {
        var handler = new Probe();
        Assert.Contains("not bound", Assert.Throws<InvalidOperationException>(() => handler.Server).Message);
        Assert.Contains("not bound", Assert.Throws<InvalidOperationException>(() => handler.Wfile).Message);
    }

    private static string ReadByBytes(Stream stream)
    {
        var text = new StringBuilder();
        for (var value = stream.ReadByte(); value >= 0; value = stream.ReadByte())
            text.Append((char)value);
        return text.ToString();
    }

    private static async Task<(EndPoint EndPoint, string Answer)> AskWithEndPointAsync(RunningServer server)
    {
        using var socket = new System.Net.Sockets.TcpClient(System.Net.Sockets.AddressFamily.InterNetwork);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        await socket.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answer = await new StreamReader(socket.GetStream()).ReadToEndAsync();
        return (socket.Client.LocalEndPoint!, answer.Split("\r\n\r\n")[1]);
    }

    private sealed class LoudHeaders : HttpHeaders
    {
        public override void Add(string name, string value) => base.Add(name, value.ToUpperInvariant());
    }

    private sealed class Spam : BaseHttpRequestHandler
    {
        public void DoSpam() => SendText($"spam {Path}");
    }

    private sealed class Greeting : BaseHttpRequestHandler
    {
        public override async ValueTask HandleOneRequestAsync()
        {
            Wfile.Write("hello"u8);
            await Wfile.FlushAsync();
            CloseConnection = true;
        }
    }

    private sealed class Probe : BaseHttpRequestHandler
    {
        public Action<Probe> Answer { get; init; } = handler => handler.SendText("");

        public bool OwnHeaders { get; init; }

        public bool RefusesBodies { get; init; }

        public int HandledRequests { get; private set; }

        public static void DoShared()
        {
        }

        public void DoGet() => Answer(this);

        public void DoPost() => Answer(this);

        public void DoOptions() => Answer(this);

        public void DoEggs() => Answer(this);

        public void DoVoid() => SendText("void");

        public async Task DoTask()
        {
            await Task.Yield();
            SendText("task");
        }

        public async ValueTask DoValueTask()
        {
            await Task.Yield();
            SendText("valuetask");
        }

        public void dolower() => SendText("lower");

        public int DoNumber() => 1;

        public void DoWithParameter(int parameter) => SendText($"{parameter}");

        public override async ValueTask HandleOneRequestAsync()
        {
            HandledRequests++;
            await base.HandleOneRequestAsync();
        }

        public override bool HandleExpect100()
        {
            if (!RefusesBodies)
                return base.HandleExpect100();
            SendError(417);
            return false;
        }

        internal void DoHidden() => SendText("hidden");

        protected override HttpHeaders CreateHeaders() => OwnHeaders ? new LoudHeaders() : base.CreateHeaders();
    }
}
