namespace Http.Server.Hosting;

/// <summary>Finds the certificate that the settings name, or makes one.</summary>
internal static class Certificates
{
    /// <returns>Null if the settings want plain HTTP.</returns>
    /// <exception cref="CannotStartException">The password's file cannot be read.</exception>
    /// <exception cref="ServerStartException">The certificate or its key is missing or wrong.</exception>
    public static ServerCertificate? Find(ServerSettings settings)
    {
        if (settings.TlsSelfSigned)
            return ServerCertificate.SelfSigned();
        if (settings.TlsCertificate is null)
            return null;
        var password = settings.TlsPasswordFile is { } path ? ReadPassword(path) : null;
        return ServerCertificate.FromFile(settings.TlsCertificate, settings.TlsKey, password);
    }

    private static string ReadPassword(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()
                ?? throw new CannotStartException($"The file {path} is empty: its first line must be the password.");
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException(
                $"Cannot read the password: {exception.Message.TrimEnd('.')}. Give a file that has it with --tls-password-file.");
        }
    }
}
