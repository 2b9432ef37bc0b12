using System.Net.Security;
using System.Security.Principal;

namespace Http.Server.Authentication.Negotiate;

/// <summary>One client's way of proving who it is, in as many tokens as its mechanism takes, on one connection.</summary>
internal sealed class NegotiateSession : IDisposable
{
    /// <summary>NTLM takes two tokens, and choosing a mechanism (RFC 4178) one more.</summary>
    private const int MaxLegs = 5;

    private NegotiateAuthentication? _context;
    private int _legs;

    /// <summary>Whom the connection belongs to from then on (RFC 4559, section 6); null while nobody has proved it.</summary>
    public HttpUser? User { get; set; }

    /// <summary>Who has proved who it is by the last token; valid until the next one or <see cref="Forget"/>.</summary>
    public IIdentity? Identity => _context is { IsAuthenticated: true } context ? context.RemoteIdentity : null;

    /// <summary>Takes the client's next token. It may read files and ask other machines, and so take its time.</summary>
    /// <param name="token">The token.</param>
    /// <param name="reply">What the client gets for it; null for nothing.</param>
    /// <returns>Completed, ContinueNeeded, or why nothing came of it; the next token begins anew then.</returns>
    public NegotiateAuthenticationStatusCode Take(ReadOnlySpan<byte> token, out byte[]? reply)
    {
        User = null;
        if (_context is { IsAuthenticated: true })
            Forget();
        var context = _context ??= new NegotiateAuthentication(
            new NegotiateAuthenticationServerOptions { Package = "Negotiate" });
        reply = context.GetOutgoingBlob(token, out var status);
        if (status == NegotiateAuthenticationStatusCode.ContinueNeeded && ++_legs >= MaxLegs)
            status = NegotiateAuthenticationStatusCode.InvalidToken;
        if (status is not (NegotiateAuthenticationStatusCode.Completed or NegotiateAuthenticationStatusCode.ContinueNeeded))
            Forget();
        return status;
    }

    /// <summary>Drops what is known so far, except for the user.</summary>
    public void Forget()
    {
        Interlocked.Exchange(ref _context, null)?.Dispose();
        _legs = 0;
    }

    /// <summary>The connection has ended.</summary>
    public void Dispose() => Forget();
}
