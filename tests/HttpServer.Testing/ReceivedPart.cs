using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>A part as it arrived; bytes are shown as Latin-1.</summary>
internal sealed record ReceivedPart(string? Name, string? FileName, string? ContentType, string Headers, string Content)
{
    /// <summary>Reads a whole body.</summary>
    public static async Task<List<ReceivedPart>> ReadAllAsync(Stream body, string boundary)
    {
        var parts = new List<ReceivedPart>();
        var reader = new MultipartReader(body, boundary);
        while (await reader.ReadPartAsync() is { } part)
            parts.Add(await ReadAsync(part));
        Assert.Equal(parts.Count, reader.PartCount);
        return parts;
    }

    public static Task<List<ReceivedPart>> ReadAllAsync(string body, string boundary = "b") =>
        ReadAllAsync(new MemoryStream(Encoding.Latin1.GetBytes(body)), boundary);

    /// <summary>What comes of a body, a fault included, as one text.</summary>
    public static async Task<string> OutcomeAsync(Stream body, string boundary)
    {
        var outcome = new StringBuilder();
        try
        {
            var reader = new MultipartReader(body, boundary);
            var buffer = new byte[1000];
            while (await reader.ReadPartAsync() is { } part)
            {
                outcome.Append($"\n[{part.Headers}]{part.Name}|{part.FileName}|");
                for (int count; (count = await part.Body.ReadAsync(buffer)) > 0;)
                    outcome.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (RequestFaultException fault)
        {
            outcome.Append($"\n{fault.Status} {fault.Message}");
        }

        return outcome.ToString();
    }

    private static async Task<ReceivedPart> ReadAsync(MultipartPart part)
    {
        using var content = new MemoryStream();
        await part.Body.CopyToAsync(content);
        return new(part.Name, part.FileName, part.ContentType, part.Headers.ToString(), Encoding.Latin1.GetString(content.ToArray()));
    }
}
