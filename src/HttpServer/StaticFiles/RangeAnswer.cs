using System.Globalization;
using System.Text;
using Http.Server.Files.Bodies;
using Http.Server.Headers;

namespace Http.Server.StaticFiles;

/// <summary>The parts of a 206 answer (RFC 9110, sections 14 and 15.3.7).</summary>
internal static class RangeAnswer
{
    /// <summary>The value of Content-Range for one range.</summary>
    public static string ContentRange(ByteRange range, long length) =>
        string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start}-{range.End}/{length}");

    /// <summary>The value of Content-Range for a range that cannot be satisfied.</summary>
    public static string Unsatisfiable(long length) => string.Create(CultureInfo.InvariantCulture, $"bytes */{length}");

    /// <summary>The parts of a multipart/byteranges body.</summary>
    /// <param name="ranges">At least two.</param>
    /// <param name="length">The file's length.</param>
    /// <param name="contentType">The type of each part.</param>
    /// <param name="boundary">A boundary that no file holds but by a chance of 2^-122.</param>
    public static List<ContentPart> Multipart(IReadOnlyList<ByteRange> ranges, long length, string contentType,
        out string boundary)
    {
        boundary = Guid.NewGuid().ToString("N");
        var parts = new List<ContentPart>(ranges.Count + 1);
        foreach (var range in ranges)
        {
            var lineBreak = parts.Count == 0 ? "" : "\r\n";
            parts.Add(new ContentPart(
                Encoding.Latin1.GetBytes($"{lineBreak}--{boundary}\r\nContent-Type: {contentType}\r\n"
                    + $"Content-Range: {ContentRange(range, length)}\r\n\r\n"),
                range.Start, range.Length));
        }

        parts.Add(new ContentPart(Encoding.Latin1.GetBytes($"\r\n--{boundary}--\r\n"), 0, 0));
        return parts;
    }
}
