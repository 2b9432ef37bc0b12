using System.Security.Cryptography;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Output;

/// <summary>
/// The style sheet or the script of a page: files of the folders <c>Assets</c>, which are embedded as they are.
/// </summary>
internal sealed class OutputAsset
{
    /// <summary>What the styles of all pages begin with.</summary>
    public const string PageStyle = "page.css";

    /// <summary>The style of tables, and of what sorts them.</summary>
    public const string TableStyle = "table.css";

    /// <param name="names">The files, one after the other.</param>
    public OutputAsset(params string[] names)
    {
        Text = string.Concat(names.Select(Read));
        HashSource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}'";
    }

    public string Text { get; }

    /// <summary>What allows it in a Content-Security-Policy (CSP Level 3, section 2.3.1).</summary>
    public string HashSource { get; }

    private static string Read(string name)
    {
        using var file = typeof(OutputAsset).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }
}
