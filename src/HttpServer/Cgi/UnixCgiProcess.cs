using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Cgi.Unix;
using Http.Server.Resources;

namespace Http.Server.Cgi;

/// <summary>
/// A program started with <c>posix_spawn</c>, as the leader of a process group of its own, so that it and all that it starts can be ended
/// together. .NET's Process has no groups, and copies the whole address space of a large process to start a small one.
/// </summary>
internal sealed partial class UnixCgiProcess : CgiProcess
{
    // spawn.h; Linux and macOS agree on these.
    private const short SpawnSetGroup = 2;
    private const short SpawnSetSignalDefault = 4;
    private const short SpawnSetSignalMask = 8;

    /// <summary>More than glibc, musl and macOS need for their opaque structures (80, 336 and 128 bytes at the most).</summary>
    private const int OpaqueSize = 1024;

    /// <summary>The programs that run, so that none is left when the server's process ends.</summary>
    private static readonly ConcurrentDictionary<int, UnixCgiProcess> Running = [];

    private static readonly Lock MakingPipes = new();

    private readonly int _process;
    private readonly UnixPipe _input;
    private readonly UnixPipe _output;
    private readonly UnixPipe _errors;
    private readonly Lock _lock = new();
    private Task<int>? _exit;

    static UnixCgiProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var group in Running.Keys)
            UnixNative.SignalGroup(group, UnixNative.SignalKill);
    };

    private UnixCgiProcess(int process, UnixPipe input, UnixPipe output, UnixPipe errors) =>
        (_process, _input, _output, _errors) = (process, input, output, errors);

    public override Stream Input => _input;

    public override Stream Output => _output;

    public override Stream Errors => _errors;

    /// <summary>Starts a program.</summary>
    /// <param name="command">What is executed.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="owner">Number of the user it will run as; -1 for the server's own.</param>
    /// <exception cref="CgiStartException">It cannot be started.</exception>
    public static UnixCgiProcess Start(CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment, int owner)
    {
        var (input, output, errors) = MakePipes();
        if (owner >= 0)
        {
            // A program that opens /dev/stdout by its name opens the pipe anew, as the user that it runs as.
            UnixNative.Give(input.Read, owner);
            UnixNative.Give(output.Write, owner);
            UnixNative.Give(errors.Write, owner);
        }

        var error = Spawn(command, directory, environment, input.Read, output.Write, errors.Write, out var process);
        _ = UnixNative.Close(input.Read);
        _ = UnixNative.Close(output.Write);
        _ = UnixNative.Close(errors.Write);
        if (error == 0)
        {
            return Running[process] = new UnixCgiProcess(
                process, new UnixPipe(input.Write, isWriter: true), new UnixPipe(output.Read, isWriter: false), new UnixPipe(errors.Read, isWriter: false));
        }

        _ = UnixNative.Close(input.Write);
        _ = UnixNative.Close(output.Read);
        _ = UnixNative.Close(errors.Read);
        throw new CgiStartException(Marshal.GetPInvokeErrorMessage(error), Shortage.OfStart(error) is { } what ? new ShortageException(what) : null);
    }

    public override Task<int> WaitAsync()
    {
        lock (_lock)
            return _exit ??= ReapAsync();
    }

    protected override void Signal(bool kill) =>
        UnixNative.SignalGroup(_process, kill ? UnixNative.SignalKill : UnixNative.SignalTerminate);

    /// <summary>
    /// A program has mostly ended when its output has; the rest is asked for with growing pauses. The system tells of ended children by a
    /// signal alone, and that belongs to .NET.
    /// </summary>
    private async Task<int> ReapAsync()
    {
        for (var pause = 1; ; pause = Math.Min(pause * 2, 32))
        {
            if (UnixNative.TryReap(_process, out var exitCode))
            {
                Running.TryRemove(KeyValuePair.Create(_process, this));
                return exitCode;
            }

            await Task.Delay(pause).ConfigureAwait(false);
        }
    }

    /// <summary>Makes all three pipes or none.</summary>
    /// <exception cref="ShortageException">There are too few descriptors.</exception>
    private static ((int Read, int Write) Input, (int Read, int Write) Output, (int Read, int Write) Errors) MakePipes()
    {
        // Those of the poller, should this be the first program.
        _ = PipePoller.Shared;
        // One after another, so that all programs that start at once together have at most one pipe of the last descriptors, for a moment.
        lock (MakingPipes)
        {
            if (!ProcessBudget.HasDescriptors(6))
                throw new ShortageException(Shortage.Descriptors);
            var made = new List<(int Read, int Write)>(3);
            try
            {
                while (made.Count < 3)
                {
                    made.Add(UnixNative.MakePipe());
                    // Not all numbers above the lowest free one need be free.
                    if (ProcessBudget.IsLast(Math.Max(made[^1].Read, made[^1].Write)))
                        throw new ShortageException(Shortage.Descriptors);
                }

                return (made[0], made[1], made[2]);
            }
            catch
            {
                foreach (var (read, write) in made)
                {
                    _ = UnixNative.Close(read);
                    _ = UnixNative.Close(write);
                }

                throw;
            }
        }
    }

    private static unsafe int Spawn(
        CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment, int input, int output, int errors, out int process)
    {
        using var arguments = new NativeStrings([command.Program, .. command.Arguments]);
        using var variables = new NativeStrings([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        var memory = stackalloc byte[3 * OpaqueSize];
        NativeMemory.Clear(memory, 3 * OpaqueSize);
        byte* actions = memory, attributes = memory + OpaqueSize, signals = memory + (2 * OpaqueSize);
        int child;
        _ = ActionsInit(actions);
        _ = AttributesInit(attributes);
        try
        {
            fixed (byte* path = Encode(command.Program), folder = Encode(directory))
            {
                _ = AddDuplicate(actions, input, 0);
                _ = AddDuplicate(actions, output, 1);
                _ = AddDuplicate(actions, errors, 2);
                _ = AddChangeDirectory(actions, folder);
                // .NET ignores SIGPIPE, and what is ignored stays so in a new program: one that writes to a closed pipe would go on for ever.
                _ = SignalsEmpty(signals);
                _ = SetSignalMask(attributes, signals);
                _ = SignalsFill(signals);
                _ = SetSignalDefault(attributes, signals);
                _ = SetGroup(attributes, 0);
                _ = SetFlags(attributes, SpawnSetGroup | SpawnSetSignalDefault | SpawnSetSignalMask);
                var result = SpawnCall(&child, path, actions, attributes, arguments.Pointer, variables.Pointer);
                process = child;
                return result;
            }
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
        }
    }

    private static byte[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static unsafe partial int SpawnCall(int* process, byte* path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static unsafe partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static unsafe partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static unsafe partial int AddDuplicate(byte* actions, int descriptor, int newDescriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    private static unsafe partial int AddChangeDirectory(byte* actions, byte* path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static unsafe partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static unsafe partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static unsafe partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static unsafe partial int SetGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static unsafe partial int SetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static unsafe partial int SetSignalDefault(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static unsafe partial int SignalsEmpty(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static unsafe partial int SignalsFill(byte* signals);
}
