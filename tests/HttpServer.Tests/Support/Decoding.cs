using System.IO.Compression;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>Undoes what Content-Encoding says.</summary>
internal static class Decoding
{
    /// <summary>What a client that understands the answer's coding reads.</summary>
    public static byte[] Decoded(this RawResponse response) => Decode(response["Content-Encoding"], response.Body);

    public static string DecodedText(this RawResponse response) => Encoding.UTF8.GetString(response.Decoded());

    public static byte[] Decode(string? coding, byte[] body)
    {
        using var source = new MemoryStream(body);
        using Stream decoder = coding switch
        {
            null => source,
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            "br" => new BrotliStream(source, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"No test decodes {coding}."),
        };
        using var result = new MemoryStream();
        decoder.CopyTo(result);
        return result.ToArray();
    }

    public static byte[] Gzip(string text)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return result.ToArray();
    }
}
