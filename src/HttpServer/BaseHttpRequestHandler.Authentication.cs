using System.Text;
using Http.Server.Authentication;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Who asks.</content>
public abstract partial class BaseHttpRequestHandler
{
    private static readonly Func<BaseHttpRequestHandler, ValueTask> PreflightMethod = static handler =>
    {
        handler.AnswerPreflight();
        return default;
    };

    private AuthenticationOutcome _access;

    /// <summary>
    /// Who may ask; null, the default: everybody. Everybody else is answered 401 before anything else is looked at: files, methods, programs
    /// and the request's body. Of a request that is let through, <see cref="AuthType"/> is <c>Basic</c> and <see cref="RemoteUser"/> the user.
    /// </summary>
    public BasicAuthentication? Authentication { get; set; }

    /// <summary>Whether the request is one of CORS that has to be answered before anybody has given a password.</summary>
    internal virtual bool IsPreflight() => false;

    /// <summary>Answers such a request, without a look at what its path means.</summary>
    internal virtual void AnswerPreflight() => throw new InvalidOperationException("A handler that knows preflights answers them.");

    private async ValueTask AuthenticateAsync(BasicAuthentication authentication)
    {
        if (IsPreflight() && FindAuthorization().IsEmpty)
        {
            _access = AuthenticationOutcome.Preflight;
            return;
        }

        if (!IsSecure && !authentication.AllowPlainHttp && IsFromElsewhere)
        {
            _access = AuthenticationOutcome.NotSecure;
            if (authentication.TakeHint())
                Connection.Options.Log.Message(LogLevel.Warning, ClientText,
                    "A client on another machine was refused: over plain HTTP its password could be read on the way. Serve it by HTTPS, or set AllowPlainHttp if the network is safe.");
            return;
        }

        string? user;
        if (!authentication.TryCheck(FindAuthorization(), Connection.Options.Log, Connection.Clock, out _access, out user))
        {
            // Answers to earlier requests of a pipeline do not wait for a password that has to be checked.
            if (Connection.Output.HasEarlier)
                await Connection.Output.FlushEarlierAsync().ConfigureAwait(false);
            (_access, user) = await WaitWithClientAsync(token => authentication.CheckAsync(FindAuthorization(), ClientAddress, token)).ConfigureAwait(false);
        }

        if (user is not null)
            (AuthType, RemoteUser) = ("Basic", user);
    }

    /// <summary>The one Authorization header; nothing if there are several, of which others might believe another.</summary>
    private ReadOnlySpan<byte> FindAuthorization()
    {
        var bytes = HeadBytes;
        ReadOnlySpan<byte> value = default;
        var count = 0;
        foreach (ref readonly var header in Head.Headers)
        {
            if (header.Name.Length == "Authorization".Length && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), "Authorization"u8) && count++ == 0)
                value = header.Value.Of(bytes);
        }

        return count == 1 ? value : default;
    }

    private void RefuseAccess()
    {
        switch (_access)
        {
            case AuthenticationOutcome.NotSecure:
                SendError(403, null, "A password is asked for here only over HTTPS.");
                break;
            case AuthenticationOutcome.Busy:
                SendError(503, null, "Too many passwords wait to be checked.");
                break;
            default:
                SendError(401);
                break;
        }
    }
}
