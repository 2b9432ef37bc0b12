using Http.Server.Files;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Archives;

/// <summary>One entry of an archive.</summary>
/// <param name="Name">The path in it, with slashes; a directory's ends in one.</param>
/// <param name="Handle">The open file, which the taker of the item closes; null for a directory.</param>
/// <param name="Stamp">The file's or directory's stamp, from the opened handle.</param>
internal readonly record struct ArchiveItem(string Name, SafeFileHandle? Handle, FileStamp Stamp);
