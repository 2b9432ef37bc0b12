namespace Http.Server.PowerShell.Handlers.Classes;

/// <summary>Answers in the place of a handler whose constructor has failed: each request fails as the constructor has.</summary>
/// <param name="why">What the constructor threw, or why it was stopped.</param>
internal sealed class UnmadeHandler(Exception why) : BaseHttpRequestHandler
{
    /// <inheritdoc/>
    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => _ =>
    {
        CloseConnection = true;
        return ValueTask.FromException(why);
    };
}
