namespace Http.Server.Tls;

/// <summary>A certificate with where it came from.</summary>
/// <param name="Chain">The certificate as it was first.</param>
/// <param name="Files">The files that it was read from; null if it was not.</param>
/// <param name="Stamp">The files' state before they were read.</param>
internal sealed record CertificateSource(CertificateChain Chain, CertificateFiles? Files = null, string? Stamp = null);
