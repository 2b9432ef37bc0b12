namespace Http.Server.Tests.Support;

/// <summary>A handler that answers every verb with one function, under HTTP/1.1 unless told otherwise.</summary>
internal sealed class ActionHandler : BaseHttpRequestHandler
{
    private readonly Func<BaseHttpRequestHandler, ValueTask> _answer;

    public ActionHandler(Func<BaseHttpRequestHandler, ValueTask> answer)
    {
        _answer = answer;
        ProtocolVersion = "HTTP/1.1";
    }

    public static RunningServer Serve(Action<BaseHttpRequestHandler> answer, HttpServerOptions? options = null, ServerCertificate? certificate = null) =>
        new(() => Of(answer), options, certificate);

    public static RunningServer ServeAsync(
        Func<BaseHttpRequestHandler, ValueTask> answer, HttpServerOptions? options = null, ServerCertificate? certificate = null) =>
        new(() => new ActionHandler(answer), options, certificate);

    public static ActionHandler Of(Action<BaseHttpRequestHandler> answer) => new(handler =>
    {
        answer(handler);
        return default;
    });

    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => _answer;
}
