namespace Http.Server.Authentication;

/// <summary>Where in a request a scheme's credential stands.</summary>
internal interface ICredentialPlace
{
    /// <summary>The credential as text, a byte a character; null if there is none, and empty if it is malformed or there are
    /// several.</summary>
    string? Find(SchemeRequest request);
}
