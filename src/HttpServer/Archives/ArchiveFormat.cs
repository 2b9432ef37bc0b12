namespace Http.Server.Archives;

/// <summary>The kinds of archives that a directory can be downloaded as.</summary>
internal enum ArchiveFormat
{
    /// <summary>Compressed, with sizes that follow the content (PKWARE's APPNOTE, section 4.3.9).</summary>
    Zip,

    /// <summary>POSIX's pax form.</summary>
    Tar,
}
