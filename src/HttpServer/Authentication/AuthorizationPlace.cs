using System.Buffers;
using System.Text;

namespace Http.Server.Authentication;

/// <summary>The field Authorization with a scheme's word and a token68 behind it (RFC 9110, section 11.4).</summary>
/// <param name="scheme">The word.</param>
internal sealed class AuthorizationPlace(string scheme) : ICredentialPlace
{
    private static readonly SearchValues<byte> TokenLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="u8);

    private readonly byte[] _word = Encoding.ASCII.GetBytes(scheme);

    /// <inheritdoc/>
    public string? Find(SchemeRequest request)
    {
        var value = request.FindField("authorization"u8);
        if (value.Length < _word.Length || !Ascii.EqualsIgnoreCase(value[.._word.Length], _word))
            return null;
        var rest = value[_word.Length..];
        if (rest.Length > 0 && rest[0] != ' ')
            return null;
        var token = rest.Trim((byte)' ');
        if (token.IsEmpty)
            return null;
        return token.ContainsAnyExcept(TokenLetters) ? "" : Encoding.ASCII.GetString(token);
    }
}
