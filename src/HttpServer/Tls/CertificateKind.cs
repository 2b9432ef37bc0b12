namespace Http.Server.Tls;

/// <summary>The form of a certificate's file.</summary>
internal enum CertificateKind
{
    /// <summary>Its content tells.</summary>
    Any,

    /// <summary>Base64 between lines of dashes (RFC 7468).</summary>
    Pem,

    /// <summary>PKCS #12 (RFC 7292).</summary>
    Pfx,
}
