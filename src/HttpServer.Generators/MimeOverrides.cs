namespace Http.Server.Generators;

/// <summary>
/// The extensions for which the rule over mime-db's claims does not give what browsers and users expect. Only differences are
/// listed: the writer refuses an entry that changes nothing, so the list shrinks as mime-db learns. What the rule must keep
/// giving (text/javascript for .js and so on) is pinned by the tests of the table.
/// </summary>
/// <remarks>
/// <c>.ts</c> stays video/mp2t as mime-db has it: browsers refuse TypeScript as a module under any type, and a transport
/// stream does not play as text/plain. <c>.yaml</c> and <c>.toml</c> have registered application types, which win over the
/// convenience of text/plain.
/// </remarks>
internal static class MimeOverrides
{
    private const string Viewable =
        "Source code without a registered type: browsers show text/plain and download what they do not know.";

    public static IReadOnlyList<MimeOverride> All { get; } =
    [
        new("ps1 psm1 psd1 psrc pssc bat cmd sh bash zsh ksh csh fish", "text/plain", Viewable),
        new("c cc cpp cxx h hh hpp hxx m mm asm s f f77 f90 for pas cs csx fs fsi fsx vb go rs zig nim", "text/plain", Viewable),
        new("py pyi pyw rb pl pm lua tcl java kt kts scala groovy gradle swift cts tsx vue svelte r jl hs ex exs erl clj",
            "text/plain", Viewable),
        new("proto cmake mk diff patch rst adoc sln cfg properties lock", "text/plain",
            "Plain text files of projects without a registered type."),
        new("csproj fsproj vbproj proj props targets slnx nuspec resx ps1xml", "application/xml",
            "XML project files: the declaration inside tells the encoding."),

        new("cjs", "text/javascript", "Node registered application/node; browsers run text/javascript from a script element."),
        new("ecma", "text/javascript", "RFC 9239 makes application/ecmascript an obsolete alias."),
        new("yaml yml", "application/yaml", "Registered by RFC 9512, which mime-db has not taken over."),
        new("jsonl", "application/jsonl", "The name the JSON Lines site proposes; nothing is registered."),
        new("ndjson", "application/x-ndjson", "The name the ndjson specification proposes; nothing is registered."),
        new("vcf", "text/vcard", "RFC 6350 registers text/vcard with this extension."),
        new("mkd", "text/markdown", "RFC 7763 registers text/markdown; the x- name is older."),
        new("org", "text/x-org", "Org files of Emacs are common, Lotus Organizer's are not."),
        new("dic", "text/plain", "Dictionaries of spelling checkers, not C sources."),
        new("srt", "text/plain", "As Python has it; application/x-subrip is downloaded."),

        new("ico", "image/x-icon", "The name in the WHATWG MIME Sniffing standard and in nginx; all browsers take it."),
        new("jfif", "image/jpeg", "A plain JPEG; image/pjpeg is a name that only old Internet Explorers used."),
        new("mp4 mpg4", "video/mp4", "application/mp4 is for files with neither sound nor picture (RFC 4337)."),
        new("3gpp", "video/3gpp", "As .3gp; audio/3gpp is for files without pictures."),
        new("mts", "video/mp2t", "AVCHD camera files, as .m2ts; the model type is hardly used."),
        new("wav", "audio/wav", "The name that pages and browsers use; audio/vnd.wave is the registered one (RFC 2361)."),
        new("flac", "audio/flac", "Registered by RFC 9639."),

        new("mpp", "application/vnd.ms-project", "Microsoft Project's files; a DASH patch is never fetched by this name."),
        new("asc", "application/pgp-signature", "On download sites a detached signature, as in Apache's table."),
        new("svgz", "application/gzip", "The bytes are gzip and no Content-Encoding is sent, so image/svg+xml would be untrue."),

        new("tgz taz", "application/gzip", "A gzip file, like .tar.gz."),
        new("tbz tbz2", "application/x-bzip2", "A bzip2 file, like .tar.bz2."),
        new("txz", "application/x-xz", "An xz file, like .tar.xz."),
        new("zst tzst", "application/zstd", "Registered by RFC 8878, which names .zst."),
        new("br", "application/x-brotli", "Nothing is registered for files; the name other tables use."),
        new("lz4", "application/x-lz4", "Nothing is registered; the name other tables use."),
        new("lzma", "application/x-lzma", "Nothing is registered; the name other tables use."),
        new("z", "application/octet-stream", "compress(1), as in Python's SimpleHTTPRequestHandler.extensions_map."),
    ];
}
