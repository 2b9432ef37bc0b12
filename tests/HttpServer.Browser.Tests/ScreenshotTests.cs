using System.Buffers.Binary;
using System.Globalization;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>
/// The picture of a listing in README. With the environment variable HTTPSERVER_SCREENSHOTS=write it is made anew; without it, the test checks
/// that the page still has what the picture shows.
/// </summary>
public sealed class ScreenshotTests(Chromium chromium) : BrowserTest(chromium)
{
    private const int Width = 1000;
    private const int Height = 700;

    /// <summary>Largest picture in bytes: README is to load fast.</summary>
    private const int MaxSize = 150 * 1024;

    /// <summary>What the listing shows, in the order in which it is written.</summary>
    private static readonly (string Name, int Size, string Date)[] Entries =
    [
        ("music/01 Prelude.flac", 31_457_280, "2026-03-02T20:15:00"),
        ("photos/2026-08-14 beach.jpg", 4_180_000, "2026-08-14T17:42:00"),
        ("notes 2.md", 1_840, "2026-09-30T08:05:00"),
        ("notes 10.md", 12_300, "2026-10-21T19:30:00"),
        ("report.pdf", 2_936_012, "2026-10-05T11:20:00"),
        ("site.zip", 18_400_000, "2026-06-11T06:55:00"),
    ];

    private static string PicturePath => Path.GetFullPath("../../../../../docs/images/listing.png", AppContext.BaseDirectory);

    [Fact]
    public async Task The_picture_in_README_shows_the_page_as_it_is()
    {
        foreach (var (name, size, date) in Entries)
        {
            var path = Files.Write("site/shared/" + name, "");
            using (var file = new FileStream(path, FileMode.Open))
                file.SetLength(size);
            File.SetLastWriteTimeUtc(path, DateTime.Parse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal));
        }

        foreach (var directory in Directory.EnumerateDirectories(Path.Combine(Site, "shared")))
            Directory.SetLastWriteTimeUtc(directory, new DateTime(2026, 8, 14, 18, 0, 0, DateTimeKind.Utc));
        await using var server = RunningServer.OfDirectory(Site, static handler => (handler.AllowUpload, handler.Archive) = (true, true));
        var page = await NewPageAsync(server.Url, new()
        {
            ViewportSize = new() { Width = Width, Height = Height },
            ColorScheme = ColorScheme.Light,
            Locale = "en-GB",
            TimezoneId = "UTC",
        });
        await page.GotoAsync(server.Url + "/shared/");
        await page.GetByLabel("Upload files").SetInputFilesAsync(
        [
            new FilePayload { Name = "plan.ods", MimeType = "application/octet-stream", Buffer = new byte[48_000] },
            new FilePayload { Name = "report.pdf", MimeType = "application/pdf", Buffer = new byte[1_000] },
        ]);

        // What the picture shows: the way back, the filter, archives, columns that sort, directories first, and uploads with what came of them.
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(
            ["Stored, 46.9 KiB", "A file of this name is there already, and this server replaces none."]);
        await Assertions.Expect(page.Locator("tbody tr:not(#up) a")).ToHaveTextAsync(
            ["music/", "photos/", "notes 2.md", "notes 10.md", "plan.ods", "report.pdf", "site.zip"]);
        await Assertions.Expect(page.GetByRole(AriaRole.Navigation)).ToContainTextAsync("shared");
        await Assertions.Expect(page.GetByRole(AriaRole.Columnheader)).ToContainTextAsync(["Name", "Size", "Modified"]);
        await Assertions.Expect(page.GetByLabel("Filter by name")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Download all: zip or tar")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollHeight") <= Height, "The page is higher than the picture.");

        var made = await page.ScreenshotAsync();
        if (Environment.GetEnvironmentVariable("HTTPSERVER_SCREENSHOTS") == "write")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PicturePath)!);
            await File.WriteAllBytesAsync(PicturePath, made, TestContext.Current.CancellationToken);
        }

        var kept = await File.ReadAllBytesAsync(PicturePath, TestContext.Current.CancellationToken);
        Assert.True(kept.Length < MaxSize, $"{PicturePath} has {kept.Length} bytes, and {MaxSize} are allowed.");
        Assert.Equal(SizeOf(made), SizeOf(kept));
    }

    /// <summary>Width and height, which the first chunk of a PNG begins with.</summary>
    private static (int Width, int Height) SizeOf(byte[] png) =>
        (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
