using System.Text;
using Http.Server.Authentication;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>Whether a request may be answered at all: its password, if one is asked for.</summary>
internal sealed class AccessCheck
{
    public AuthenticationOutcome Outcome { get; private set; }

    /// <summary>The request goes on to its method.</summary>
    public bool IsGranted => Outcome is AuthenticationOutcome.Granted or AuthenticationOutcome.Preflight;

    public void Reset() => Outcome = AuthenticationOutcome.Granted;

    /// <summary>Checks a request; a password that has to be hashed is waited for as long as the client waits.</summary>
    /// <returns>The user; null if none has been authenticated.</returns>
    public async ValueTask<string?> CheckAsync(BasicAuthentication authentication, IRequestHandler handler, ClientInfo client)
    {
        var connection = handler.Connection;
        if (handler.IsPreflight() && FindAuthorization(connection).IsEmpty)
        {
            Outcome = AuthenticationOutcome.Preflight;
            return null;
        }

        if (!client.IsSecure(handler.Server) && !authentication.AllowPlainHttp && client.IsFromElsewhere(connection))
        {
            Outcome = AuthenticationOutcome.NotSecure;
            if (authentication.TakeHint())
                connection.Options.Log.Message(LogLevel.Warning, client.TextOf(connection),
                    "A client on another machine was refused: over plain HTTP its password could be read on the way. "
                    + "Serve it by HTTPS, or set AllowPlainHttp if the network is safe.");
            return null;
        }

        if (authentication.TryCheck(FindAuthorization(connection), connection.Options.Log, connection.Clock, out var outcome,
            out var user))
        {
            Outcome = outcome;
            return user;
        }

        // Answers to earlier requests of a pipeline do not wait for a password that has to be checked.
        if (connection.Output.HasEarlier)
            await connection.Output.FlushEarlierAsync().ConfigureAwait(false);
        (Outcome, user) = await ClientDeparture.WaitUntilAsync(handler,
            token => authentication.CheckAsync(FindAuthorization(connection), client.AddressOf(connection),
                token)).ConfigureAwait(false);
        return user;
    }

    /// <summary>Answers a request that may not be answered otherwise.</summary>
    public void Refuse(IHandlerContext context)
    {
        switch (Outcome)
        {
            case AuthenticationOutcome.NotSecure:
                context.SendError(403, null, "A password is asked for here only over HTTPS.");
                break;
            case AuthenticationOutcome.Busy:
                context.SendError(503, null, "Too many passwords wait to be checked.");
                break;
            default:
                context.SendError(401);
                break;
        }
    }

    /// <summary>The one Authorization header; nothing if there are several, of which others might believe another.</summary>
    private static ReadOnlySpan<byte> FindAuthorization(Connection connection)
    {
        var bytes = connection.Input.HeadBytes;
        ReadOnlySpan<byte> value = default;
        var count = 0;
        foreach (ref readonly var header in connection.Input.Head.Headers)
        {
            if (header.Name.Length == "Authorization".Length && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), "Authorization"u8)
                && count++ == 0)
                value = header.Value.Of(bytes);
        }

        return count == 1 ? value : default;
    }
}
