using Http.Server.Archives;

namespace Http.Server.Listings;

/// <summary>What the query of a listing's address says: <c>sort</c>, <c>format</c> and <c>archive</c>.</summary>
/// <param name="Column">The column of <c>sort</c>; an unknown one counts as none.</param>
/// <param name="IsDescending">The column has a minus sign.</param>
/// <param name="Format">The format that is named; null for none.</param>
/// <param name="HasUnknownFormat">The format that is named is none of these.</param>
/// <param name="Archive">The archive that is asked for; null for none.</param>
internal sealed record ListingQuery(ListingColumn Column, bool IsDescending, ListingFormat? Format, bool HasUnknownFormat,
    ArchiveFormat? Archive)
{
    private static readonly ListingQuery None = new(ListingColumn.Name, false, null, false, null);

    /// <summary>The same order as a query; empty for the usual one, so that plain addresses stay plain.</summary>
    public string SortSuffix =>
        Column == ListingColumn.Name && !IsDescending ? "" : $"?sort={(IsDescending ? "-" : "")}{NameOf(Column)}";

    /// <summary>The column's name in a query.</summary>
    public static string NameOf(ListingColumn column) => column switch
    {
        ListingColumn.Size => "size",
        ListingColumn.Date => "date",
        _ => "name",
    };

    /// <summary>
    /// Reads a query. If a parameter is there twice, the first one counts. Parameters with other names are
    /// ignored.
    /// </summary>
    /// <param name="query">What follows the question mark.</param>
    public static ListingQuery Parse(ReadOnlySpan<char> query)
    {
        if (query.IsEmpty)
            return None;
        string? sort = null, format = null, archive = null;
        foreach (var part in query.Split('&'))
        {
            var parameter = query[part];
            var equals = parameter.IndexOf('=');
            if (equals < 0)
                continue;
            var value = parameter[(equals + 1)..].ToString();
            switch (parameter[..equals])
            {
                case "sort":
                    sort ??= value;
                    break;
                case "format":
                    format ??= value;
                    break;
                case "archive":
                    archive ??= value;
                    break;
            }
        }

        ListingColumn? column = (sort is ['-', ..] ? sort[1..] : sort) switch
        {
            "name" => ListingColumn.Name,
            "size" => ListingColumn.Size,
            "date" => ListingColumn.Date,
            _ => null,
        };
        ListingFormat? named = format switch
        {
            "html" => ListingFormat.Html,
            "json" => ListingFormat.Json,
            "text" => ListingFormat.Text,
            _ => null,
        };
        return new ListingQuery(
            column ?? ListingColumn.Name,
            column is not null && sort![0] == '-',
            named,
            format is not null && named is null,
            archive switch
            {
                "zip" => ArchiveFormat.Zip,
                "tar" => ArchiveFormat.Tar,
                _ => null,
            });
    }
}
