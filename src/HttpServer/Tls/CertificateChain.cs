using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tls;

/// <summary>
/// A certificate with its private key, and what is sent beside it so that clients find the way to an authority they
/// know.
/// </summary>
internal sealed record CertificateChain(X509Certificate2 Leaf, X509Certificate2Collection Intermediates);
