using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Http.Server.Authentication.Certificates;

/// <summary>Reads certificates of authorities from a file in PEM (RFC 7468).</summary>
internal static class AuthorityFile
{
    private const long MaxFile = 1 << 20;

    /// <exception cref="ArgumentException">The file is missing, or has no certificate.</exception>
    public static X509Certificate2Collection Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxFile)
                throw new ArgumentException($"The file of authorities {path} is larger than 1 MiB.");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var found = new X509Certificate2Collection();
            found.ImportFromPem(Encoding.UTF8.GetString(bytes));
            return found.Count > 0 ? found
                : throw new ArgumentException(
                    $"{path} has no certificate. Give the file that begins with -----BEGIN CERTIFICATE-----.");
        }
        catch (CryptographicException exception)
        {
            throw new ArgumentException($"A certificate in {path} is damaged: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Cannot read the authorities {path}: {exception.Message}", exception);
        }
    }
}
