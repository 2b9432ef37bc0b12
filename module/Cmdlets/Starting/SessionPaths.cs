using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>Paths of a PowerShell session as paths of the file system.</summary>
internal sealed class SessionPaths(PathIntrinsics paths)
{
    /// <summary>The session's location. It is named without its drive, which the runspaces of workers may not have.</summary>
    public string Location => paths.CurrentFileSystemLocation.ProviderPath;

    /// <summary>A path of a parameter as a full path.</summary>
    /// <param name="path">The path as the user wrote it.</param>
    /// <param name="parameter">The parameter, for messages: <c>-KeyPath</c>.</param>
    /// <exception cref="CommandFailure">The path is malformed, or not one of the file system.</exception>
    public string Resolve(string path, string parameter)
    {
        try
        {
            var full = paths.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            if (provider.Name == "FileSystem")
                return full;
            throw new CommandFailure(
                $"{parameter}: '{path}' is a path of the provider {provider.Name}, not of the file system. Give a directory "
                + "or file.", "NotFileSystem", ErrorCategory.InvalidArgument, path);
        }
        catch (Exception exception) when (
            exception is SessionStateException or ProviderInvocationException or PSNotSupportedException)
        {
            throw new CommandFailure($"{parameter}: '{path}' cannot be used: {exception.Message}", "PathInvalid",
                ErrorCategory.InvalidArgument, path);
        }
    }

    /// <summary>The directory of <c>-Directory</c> as a full path without a separator at its end.</summary>
    /// <param name="directory">The directory; null for the session's location.</param>
    /// <exception cref="CommandFailure">It is not there, is a file, or cannot be read.</exception>
    public string ResolveDirectory(string? directory)
    {
        var path = Resolve(directory ?? ".", "-Directory");
        if (File.Exists(path))
            throw new CommandFailure($"{path} is a file: give the directory it lies in with -Directory.", "DirectoryIsFile",
                ErrorCategory.InvalidArgument, path);
        if (!Directory.Exists(path))
            throw new CommandFailure($"There is no directory {path}: give one that exists with -Directory.", "DirectoryNotFound",
                ErrorCategory.ObjectNotFound, path);
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new CommandFailure(
                $"Cannot read the directory {path}: {exception.Message} Give another with -Directory, or change its rights.",
                "DirectoryNotReadable", ErrorCategory.PermissionDenied, path);
        }

        return Path.TrimEndingDirectorySeparator(path);
    }
}
