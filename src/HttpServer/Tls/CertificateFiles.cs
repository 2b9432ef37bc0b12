using System.Security.Cryptography;

namespace Http.Server.Tls;

/// <summary>The files that a certificate is read from, and their state when it was.</summary>
/// <param name="CertificatePath">PEM or PFX, full.</param>
/// <param name="KeyPath">The private key in PEM, full; null if the certificate's file has it.</param>
/// <param name="Password">Of the key or of the PFX; null if there is none.</param>
/// <param name="Kind">What the certificate's file must be.</param>
internal sealed record CertificateFiles(string CertificatePath, string? KeyPath, string? Password, CertificateKind Kind)
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ServerStartException">One of them is missing or wrong; the message names it and what helps.</exception>
    public CertificateChain Load()
    {
        var bytes = Read(CertificatePath);
        var isPem = Kind switch
        {
            CertificateKind.Pem => true,
            CertificateKind.Pfx => false,
            _ => bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0,
        };
        if (!isPem && KeyPath is not null)
            throw new ServerStartException(
                $"Cannot use the key {KeyPath}: {CertificatePath} is no PEM file, and a PFX file has its own key. "
                + "Leave the key out.");
        try
        {
            return isPem
                ? PemCertificates.Load(CertificatePath, bytes, KeyPath ?? CertificatePath, KeyPath is null
                    ? bytes
                    : Read(KeyPath), Password)
                : PfxCertificates.Load(CertificatePath, bytes, Password);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>
    /// What changes with the files. Through open files, so that a link that now leads elsewhere counts, one in the middle of the
    /// path too; a file that cannot be opened is a state of its own.
    /// </summary>
    public string Stamp() => StampOf(CertificatePath) + (KeyPath is null ? "" : " " + StampOf(KeyPath));

    private static string StampOf(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return $"{File.GetLastWriteTimeUtc(handle).Ticks}/{RandomAccess.GetLength(handle)}";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.GetType().Name;
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ServerStartException($"There is no file {path}: give the certificate or key that the server shall have.",
                exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServerStartException(
                $"Cannot read {path}: {exception.Message.TrimEnd('.')}. Give a file that this user may read.", exception);
        }
    }
}
