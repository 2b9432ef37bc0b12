using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Http.Server.Benchmarks.Load;

/// <summary>The files that every server serves, and a place for servers' own files; deleted with the object.</summary>
internal sealed class SampleTree : IDisposable
{
    public const int SmallSize = 1024;
    public const int MidSize = 100 * 1024;
    public const int TextSize = 16 * 1024;
    public const int BigSize = 256 * 1024 * 1024;
    public const int ListedFiles = 300;

    /// <summary>What the program says.</summary>
    public const int HelloSize = 6;

    private readonly string _home = Directory.CreateTempSubdirectory("httpserver-load-").FullName;

    public SampleTree()
    {
        Root = Directory.CreateDirectory(Path.Combine(_home, "root")).FullName;
        Scratch = Directory.CreateDirectory(Path.Combine(_home, "scratch")).FullName;
        Directory.CreateDirectory(Path.Combine(Root, "list"));
        // nginx started by root serves as another user, who has to get through here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_home, File.GetUnixFileMode(Root));

        WriteCertificate();
        Write("index.html", SmallSize);
        Write("small.txt", SmallSize);
        Write("mid.bin", MidSize);
        Write("big.bin", BigSize);
        WriteText("text.txt", TextSize);
        for (var number = 0; number < ListedFiles; number++)
            Write($"list/file-{number:000}.txt", 16);
        WriteProgram("cgi-bin/hello.sh", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n");
        Directory.SetLastWriteTimeUtc(Path.Combine(Root, "list"), Modified);
    }

    /// <summary>When all files were changed: nginx answers 304 only to exactly this date.</summary>
    public static DateTime Modified { get; } = new(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>That date as headers carry it.</summary>
    public static string ModifiedHeader => Modified.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The directory to be served.</summary>
    public string Root { get; }

    /// <summary>For configurations and logs.</summary>
    public string Scratch { get; }

    /// <summary>A certificate for localhost, in PEM.</summary>
    public string Certificate => Path.Combine(Scratch, "cert.pem");

    /// <summary>Its key.</summary>
    public string Key => Path.Combine(Scratch, "key.pem");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }

    private void WriteProgram(string name, string text)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, File.GetUnixFileMode(Root));
    }

    /// <summary>Words without order, which compress to a half or so: less than real text would.</summary>
    private void WriteText(string name, int size)
    {
        var random = new Random(1);
        var path = Path.Combine(Root, name);
        File.WriteAllText(path, string.Create(size, random, static (span, random) =>
        {
            for (var at = 0; at < span.Length; at++)
                span[at] = "etaoinshrdlu \n"[random.Next(14)];
        }));
        File.SetLastWriteTimeUtc(path, Modified);
    }

    private void Write(string name, int size)
    {
        var path = Path.Combine(Root, name);
        // Letters, so that text files are text; real blocks, since reading a hole in a file costs less than reading a file.
        var block = new byte[Math.Min(size, 1024 * 1024)];
        for (var at = 0; at < block.Length; at++)
            block[at] = (byte)('a' + (at * 7 % 26));
        using (var file = File.Create(path))
        {
            for (var left = size; left > 0; left -= block.Length)
                file.Write(block, 0, Math.Min(left, block.Length));
        }

        File.SetLastWriteTimeUtc(path, Modified);
    }
}
