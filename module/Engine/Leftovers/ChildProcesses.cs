using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Http.Server.PowerShell.Engine.Leftovers;

/// <summary>
/// The programs that a worker's handlers have started and left running, by <c>Start-Process</c> say. Linux keeps the children of
/// each thread apart (proc(5)), so those of a worker's thread are its handlers'; other systems do not tell.
/// </summary>
internal sealed class ChildProcesses
{
    private readonly string? _list;

    private ChildProcesses(string? list) => _list = list;

    /// <summary>Those of this thread.</summary>
    public static ChildProcesses OfThisThread() =>
        new(OperatingSystem.IsLinux() && new FileInfo("/proc/thread-self").LinkTarget is { } thread
            ? $"/proc/{thread}/children"
            : null);

    /// <summary>Ends them, with theirs.</summary>
    public void End()
    {
        foreach (var id in Read())
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill(entireProcessTree: true);
            }
            catch (Exception exception) when (exception
                is ArgumentException or InvalidOperationException or ExternalException or AggregateException)
            {
                // The process has ended, or its number belongs to a process of another user now.
            }
        }
    }

    private int[] Read()
    {
        if (_list is null)
            return [];
        try
        {
            return [.. File.ReadAllText(_list).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // The kernel does not have this list, or the thread has ended.
            return [];
        }
    }
}
