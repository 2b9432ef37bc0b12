namespace Http.Server.Listings;

/// <summary>
/// The look of a listing. Icons are masks in the style itself, chosen by the ends of the links, so that no row of the page says
/// more than its name, size and date.
/// </summary>
internal static class ListingStyle
{
    private const string Open =
        "url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='none' stroke='black' stroke-width='1.3' stroke-linejoin='round'>";

    private const string Close = "</svg>\")";

    private const string Sheet = "<path d='M5 2.500h6.500L15 6v11.500H5zM11 2.500V6.500h4'/>";

    /// <summary>The style sheet.</summary>
    public static string Text { get; } =
        ":root{--ink:#1c2329;--soft:#59636f;--line:#e1e6eb;--edge:#8a95a1;--back:#fff;--mark:#eff4fa;--link:#0a58ca}"
        + "@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa6b2;--line:#29323b;--edge:#66727f;--back:#12171c;--mark:#1d2630;--link:#86b7fe}}"
        + "*{box-sizing:border-box}"
        + "body{margin:0 auto;max-width:66rem;padding:1.5rem 1.25rem 3rem;font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back)}"
        + "a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}"
        + ":focus-visible{outline:2px solid var(--link);outline-offset:1px;border-radius:4px}"
        + "[hidden]{display:none!important}"

        // Where one is.
        + "h1{margin:0 .5rem .75rem;font-size:1.35rem;font-weight:600;line-height:1.4}"
        + "h1 i{margin:0 .35em;font-style:normal;font-weight:400;color:var(--soft)}"
        // A name is shown with all its white space, breaks anywhere, and turns no text around it from right to left.
        + "h1>:not(i),td a{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}"

        // What can be done here.
        + "#bar{display:flex;margin:0 .5rem;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;font-size:.9rem;color:var(--soft)}"
        + "#q{flex:0 1 20rem;min-width:9rem;padding:.4rem .75rem;font:inherit;font-size:1rem;color:inherit;background:var(--back);"
        + "border:1px solid var(--edge);border-radius:.5rem}"
        + "#get{margin-left:auto}"

        // The table.
        + "table{width:100%;border-collapse:collapse}"
        + "caption{padding:.6rem .5rem;text-align:left;font-size:.9rem;color:var(--soft)}"
        + "th,td{padding:.3rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}"
        + "th{position:sticky;top:0;background:var(--back);font-size:.9rem;font-weight:600;white-space:nowrap}"
        + "th a{color:var(--soft)}[aria-sort] a{color:var(--ink)}"
        + "[aria-sort] a::after{content:'\\2191'/'';margin-left:.3em}[aria-sort=descending] a::after{content:'\\2193'/''}"
        + "td+td,th+th{width:1%;padding-left:1.5rem;white-space:nowrap}"
        + "td+td{color:var(--soft);font-size:.9rem;line-height:1.667;font-variant-numeric:tabular-nums}"
        + "th:nth-child(2),td:nth-child(2){text-align:right}"
        + "tbody tr:hover,tbody tr:focus-within{background:var(--mark)}"
        + "td a{display:block;padding-left:1.75em;text-indent:-1.75em;scroll-margin:3rem}"

        // Icons.
        + "td a::before{content:'';display:inline-block;width:1.25em;height:1.25em;margin-right:.5em;vertical-align:-.25em;"
        + "background:var(--soft);mask:" + Open + Sheet + Close + "}"
        + Icon("[href*='/']", "<path fill='black' d='M2.500 4.500h5.500l1.500 2h8v9h-15z'/>")
        + "td [href*='/']::before{background:var(--link)}"
        + Icon("[href^='../']", "<path stroke-width='1.6' d='M16 16V9H5m4-4L5 9l4 4'/>")
        + "#up a::before{background:var(--soft)}"
        + Icon(Ends("png jpg jpeg gif webp avif svg ico bmp heic"),
        "<path d='M2.500 3.500h15v13h-15zM3 14.500l4-5 3.500 3.500 2.500-2.500 4 4M12.500 7h.8'/>")
        + Icon(Ends("mp4 mkv webm mov avi mp3 flac ogg opus wav m4a"), "<path d='M2.500 3.500h15v13h-15zM8 7v6l5-3z'/>")
        + Icon(Ends("zip tar gz tgz xz bz2 zst 7z rar jar deb rpm iso"),
            "<path d='M2.500 3.500h15v4h-15zM3.500 7.500v9h13v-9M8 11h4'/>")
        + Icon(Ends("txt md log csv pdf doc docx odt rtf tex"), "<path d='M4 2.500h12v15H4zM7 7h6M7 10h6M7 13h4'/>")
        + Icon(Ends("html htm css js ts json xml yml yaml toml ini c h cpp cs java py rb go rs sh ps1 php sql"),
            "<path d='M7 5.500L2.500 10 7 14.500m6-9l4.500 4.500-4.500 4.500'/>")

        // A phone has no room for three columns: the size and the date go below the name.
        + "@media(max-width:38rem){body{padding:1rem .75rem 2rem}tr{display:grid;grid-template-columns:1fr auto}"
        + "thead tr{grid-template-columns:auto auto 1fr}thead{position:sticky;top:0}"
        + "th,td{width:auto!important;border:0}thead,tbody tr{border-bottom:1px solid var(--line)}th+th{text-align:left!important}"
        + "td:first-child{grid-column:1/3;padding-bottom:0}td+td{grid-row:2;padding-top:0}td:last-child{grid-column:1;padding-left:2.25rem}"
        + "#up td+td{display:none}#up td{padding-bottom:.3rem}#q{flex:1}#get{margin:0}}"

        // Colours that a reader has chosen for everything; paper.
        + "@media(forced-colors:active){td a::before{background:LinkText!important}}"
        + "@media print{:root{--ink:#000;--soft:#444;--line:#ccc;--back:#fff;--link:#000}body{max-width:none;padding:0}#bar{display:none}th{position:static}tr{break-inside:avoid}}";

    private static string Icon(string which, string drawing) => $"td :is({which})::before{{mask-image:{Open}{drawing}{Close}}}";

    /// <summary>Selects links to files by their extensions, in any case.</summary>
    private static string Ends(string extensions) =>
        string.Join(',', extensions.Split(' ').Select(static extension => $"[href$='.{extension}'i]"));
}
