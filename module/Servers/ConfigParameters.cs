using System.Globalization;

namespace Http.Server.PowerShell.Servers;

/// <summary>The settings of a configuration file, and the parameters of <c>Start-HttpServer</c> that they stand for.</summary>
internal static class ConfigParameters
{
    /// <summary>Parameters that are named otherwise than the option, whose words they have mostly.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["allow"] = "AllowAddress",
        ["auth-file"] = "CredentialPath",
        ["auth-plain"] = "AllowUnencryptedAuthentication",
        ["cache"] = "CacheSeconds",
        ["cgi-env"] = "CgiEnvironment",
        ["cors"] = "CorsOrigin",
        ["deny"] = "DenyAddress",
        ["drain"] = "DrainTime",
        ["health"] = "HealthPath",
        ["liveness"] = "LivenessPath",
        ["log"] = "LogPath",
        ["metrics"] = "MetricsPath",
        ["max-body-size"] = "MaxRequestBodySize",
        ["max-request-line"] = "MaxRequestLineLength",
        ["spa"] = "FallbackPage",
        ["tls-cert"] = "CertificatePath",
        ["tls-key"] = "KeyPath",
        ["tls-password-file"] = "CertificatePassword",
        ["tls-self-signed"] = "SelfSigned",
    };

    /// <summary>The parameter's name; whether there is one is another matter.</summary>
    public static string NameOf(string setting) => Renamed.TryGetValue(setting, out var name)
        ? name
        : string.Concat(setting.Split('-')
        .Select(static word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));
}
