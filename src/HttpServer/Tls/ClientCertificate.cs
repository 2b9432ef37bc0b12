using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tls;

/// <summary>What a client has shown in its handshake. It has the key of the leaf; nothing else has been looked at.</summary>
/// <param name="Leaf">The client's own certificate.</param>
/// <param name="Intermediates">Those that it sent beside it.</param>
/// <param name="Fingerprint">The SHA-256 hash of the leaf.</param>
internal sealed record ClientCertificate(X509Certificate2 Leaf, X509Certificate2Collection Intermediates, string Fingerprint)
{
    /// <summary>
    /// More stand between a client and an authority nowhere: what a client sends beyond would only make its chain costly.
    /// </summary>
    private const int MaxIntermediates = 8;

    /// <summary>Copies what the handshake has, which ends with the handshake.</summary>
    public static ClientCertificate Copy(X509Certificate shown, X509Chain? chain)
    {
        var leaf = new X509Certificate2(shown);
        return new(leaf,
            [.. (chain?.ChainPolicy.ExtraStore ?? []).Take(MaxIntermediates).Select(static sent => new X509Certificate2(sent))],
            leaf.GetCertHashString(HashAlgorithmName.SHA256));
    }
}
