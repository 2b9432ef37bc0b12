using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Tls;

/// <summary>Makes a certificate that vouches for itself, for tests and for a network of one's own.</summary>
internal static class SelfSignedCertificate
{
    /// <summary>The purpose "TLS server" (RFC 5280, section 4.2.1.12).</summary>
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";

    /// <param name="names">Host names and IP addresses beside this machine's own.</param>
    /// <param name="now">From now on, less a day for clients whose clocks are behind, it is valid for a year.</param>
    public static X509Certificate2 Make(IEnumerable<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerPurpose)], critical: false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        return PfxCertificates.WithUsableKey(request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1)));
    }

    private static X509Extension AlternativeNames(IEnumerable<string> names)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in OwnNames().Concat(names).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        }

        return alternatives.Build();
    }

    private static IEnumerable<string> OwnNames()
    {
        yield return "localhost";
        yield return "127.0.0.1";
        yield return "::1";
        // A machine's name may be no valid host name: it may have an underscore, for example.
        if (Uri.CheckHostName(Environment.MachineName) == UriHostNameType.Dns)
            yield return Environment.MachineName;
        foreach (var address in OwnAddresses())
            yield return address.ToString();
    }

    private static IEnumerable<IPAddress> OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .Where(network => network.OperationalStatus != OperationalStatus.Down)
                .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                // An address with a zone means something on this machine alone.
                .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)];
        }
        catch (Exception exception) when (
            exception is NetworkInformationException or PlatformNotSupportedException or IOException
                or UnauthorizedAccessException)
        {
            // A sandbox may hide the network's interfaces, and .NET looks for /etc/resolv.conf there, which an image may lack.
            return [];
        }
    }
}
