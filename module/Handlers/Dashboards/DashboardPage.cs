using System.Net;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>The page: it has nothing in it but the server's name, and asks for everything else.</summary>
internal static class DashboardPage
{
    private static readonly OutputAsset Style = new(OutputAsset.PageStyle, OutputAsset.TableStyle, "dashboard.css");
    private static readonly OutputAsset Script = new("dashboard.js");

    /// <summary>What the page may load: its own style and script, and data of this server.</summary>
    public static string Policy { get; } = $"default-src 'none'; style-src {Style.HashSource}; script-src {Script.HashSource}; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Writes it.</summary>
    /// <param name="name">The server's name.</param>
    public static byte[] Write(string name)
    {
        var title = WebUtility.HtmlEncode(name);
        return new OutputText().Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark">
            <title>{title}: status</title>
            <style>{Style.Text}</style>
            </head>
            <body>
            <h1>{title} <span id="link" role="status">connecting</span></h1>
            <noscript><p>The figures come by a script. Ask for <a href="?format=json">JSON</a> in its place.</p></noscript>
            <dl id="cards">
            <div><dt>Requests/s</dt><dd id="rate">–</dd></div>
            <div><dt>Active</dt><dd id="active">–</dd></div>
            <div><dt>p95</dt><dd id="p95">–</dd></div>
            <div><dt>Errors</dt><dd id="errors">–</dd></div>
            <div><dt>Workers</dt><dd id="workers">–</dd></div>
            <div><dt>Queue</dt><dd id="queue">–</dd></div>
            </dl>
            <svg id="chart" viewBox="0 0 300 40" preserveAspectRatio="none" role="img" aria-label="Requests per second">
            <polyline/></svg>
            {Section("Servers", "servers",
                "Name", "Address", "State", "-Requests", "-Errors", "-Active", "-Connections", "-Workers", "-Queue")}
            {Section("Handlers", "handlers", "Name", "Method", "Path", "-Calls", "-Errors", "-p50", "-p95", "-p99")}
            {Section("Log", "log", "Time", "Client", "Entry", "-Status", "-Duration")}
            <script>{Script.Text}</script>
            </body>
            </html>

            """).ToBytes();
    }

    /// <summary>A table that the script fills.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="id">By which the script knows it.</param>
    /// <param name="columns">The columns; those of numbers begin with a minus.</param>
    private static string Section(string title, string id, params string[] columns) => $"""
        <section><h2 id="about-{id}">{title}</h2>
        <div class="wide" tabindex="0" role="region" aria-labelledby="about-{id}"><table>
        <thead><tr>{string.Concat(columns.Select(static column => column[0] == '-'
            ? $"<th class=\"n\">{column[1..]}</th>"
            : $"<th>{column}</th>"))}</tr></thead>
        <tbody id="{id}"></tbody></table></div></section>
        """;
}
