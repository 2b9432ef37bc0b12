using System.Text;

namespace Http.Server.Sessions;

/// <summary>
/// The cookie that has the id of a session (RFC 6265). Over HTTPS and over plain HTTP it has different names, so that what
/// somebody plants over plain HTTP is never taken for the other.
/// </summary>
/// <param name="name">The name without the prefix.</param>
internal sealed class SessionCookie(string name)
{
    private readonly byte[] _plain = Encoding.ASCII.GetBytes(name);
    private readonly byte[] _secure = Encoding.ASCII.GetBytes("__Host-" + name);

    /// <summary>Finds the id that a client has sent.</summary>
    /// <param name="field">The field Cookie.</param>
    /// <param name="isSecure">The client speaks HTTPS.</param>
    /// <returns>
    /// Null if there is none, or more than one: somebody else, a page of a neighbouring host say, has set the others.
    /// </returns>
    public string? Find(ReadOnlySpan<byte> field, bool isSecure)
    {
        var wanted = isSecure ? _secure : _plain;
        string? found = null;
        foreach (var range in field.Split((byte)';'))
        {
            var pair = field[range].Trim((byte)' ');
            if (pair.Length <= wanted.Length || pair[wanted.Length] != '=' || !pair.StartsWith(wanted))
                continue;
            var value = pair[(wanted.Length + 1)..];
            if (found is not null || !SessionId.HasForm(value))
                return null;
            found = Encoding.ASCII.GetString(value);
        }

        return found;
    }

    /// <summary>The value of Set-Cookie that has a browser keep an id until it is closed; the server ends sessions.</summary>
    /// <param name="id">The id; null to have the cookie removed.</param>
    /// <param name="isSecure">The client speaks HTTPS.</param>
    public string Make(string? id, bool isSecure) =>
        $"{(isSecure ? "__Host-" : "")}{name}={id}; Path=/{(id is null ? "; Max-Age=0" : "")}"
        + $"{(isSecure ? "; Secure" : "")}; HttpOnly; SameSite=Lax";
}
