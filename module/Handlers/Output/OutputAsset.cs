using System.Security.Cryptography;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>The style sheet or the script of a page: a file of the folder <c>Assets</c>, which is embedded as it is.</summary>
internal sealed class OutputAsset
{
    public OutputAsset(string name)
    {
        using var file = typeof(OutputAsset).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(file);
        Text = reader.ReadToEnd();
        HashSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'";
    }

    public string Text { get; }

    /// <summary>What allows it in a Content-Security-Policy (CSP Level 3, section 2.3.1).</summary>
    public string HashSource { get; }
}
