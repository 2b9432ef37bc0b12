using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Cgi.Unix;
using Http.Server.Interop;
using Http.Server.Resources;

namespace Http.Server.Cgi;

/// <summary>
/// A program started with <c>posix_spawn</c>, as the leader of a process group of its own, so that it and all that it starts can
/// be ended together. .NET's Process has no groups, and copies the whole address space of a large process to start a small one.
/// </summary>
internal sealed class UnixCgiProcess : CgiProcess
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

    static UnixCgiProcess()
    {
        AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
        {
            foreach (var group in Running.Keys)
                UnixNative.SignalGroup(group, UnixNative.SignalKill);
        };
        _ = OrphanReaper.RunAsync(Running.ContainsKey);
    }

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
    /// <exception cref="CgiBusyException">It cannot be started now.</exception>
    public static UnixCgiProcess Start(CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment,
        int owner)
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
        _ = Libc.Close(input.Read);
        _ = Libc.Close(output.Write);
        _ = Libc.Close(errors.Write);
        if (error == 0)
        {
            return Running[process] = new UnixCgiProcess(
                process, new UnixPipe(input.Write, isWriter: true), new UnixPipe(output.Read, isWriter: false),
                    new UnixPipe(errors.Read, isWriter: false));
        }

        _ = Libc.Close(input.Write);
        _ = Libc.Close(output.Read);
        _ = Libc.Close(errors.Read);
        if (error == CgiBusyException.Error)
            throw new CgiBusyException();
        throw new CgiStartException(Marshal.GetPInvokeErrorMessage(error), Shortage.OfStart(error) is { } what
            ? new ShortageException(what)
            : null);
    }

    public override Task<int> WaitAsync()
    {
        lock (_lock)
            return _exit ??= ReapAsync();
    }

    protected override void Signal(bool kill) =>
        UnixNative.SignalGroup(_process, kill ? UnixNative.SignalKill : UnixNative.SignalTerminate);

    /// <summary>
    /// A program has mostly ended when its output has; the rest is asked for with growing pauses. The system tells of ended
    /// children by a signal alone, and that belongs to .NET.
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
        // The poller's descriptors are opened here, if this is the first program.
        _ = PipePoller.Shared;
        // Programs start one after another, so that together they hold at most one pipe among the last free descriptors at any
        // time.
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
                    _ = Libc.Close(read);
                    _ = Libc.Close(write);
                }

                throw;
            }
        }
    }

    private static unsafe int Spawn(
        CgiCommand command, string directory, IReadOnlyDictionary<string, string> environment, int input, int output, int errors,
            out int process)
    {
        using var arguments = new NativeStrings([command.Program, .. command.Arguments]);
        using var variables = new NativeStrings([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        var memory = stackalloc byte[3 * OpaqueSize];
        NativeMemory.Clear(memory, 3 * OpaqueSize);
        byte* actions = memory, attributes = memory + OpaqueSize, signals = memory + (2 * OpaqueSize);
        int child;
        _ = PosixSpawn.ActionsInit(actions);
        _ = PosixSpawn.AttributesInit(attributes);
        try
        {
            fixed (byte* path = Encode(command.Program), folder = Encode(directory))
            {
                _ = PosixSpawn.AddDuplicate(actions, input, 0);
                _ = PosixSpawn.AddDuplicate(actions, output, 1);
                _ = PosixSpawn.AddDuplicate(actions, errors, 2);
                _ = PosixSpawn.AddChangeDirectory(actions, folder);
                // .NET ignores SIGPIPE, and a new program inherits that: a program that writes to a closed pipe would never end.
                _ = PosixSpawn.SignalsEmpty(signals);
                _ = PosixSpawn.SetSignalMask(attributes, signals);
                _ = PosixSpawn.SignalsFill(signals);
                _ = PosixSpawn.SetSignalDefault(attributes, signals);
                _ = PosixSpawn.SetGroup(attributes, 0);
                _ = PosixSpawn.SetFlags(attributes, SpawnSetGroup | SpawnSetSignalDefault | SpawnSetSignalMask);
                var result = PosixSpawn.Spawn(&child, path, actions, attributes, arguments.Pointer, variables.Pointer);
                process = child;
                return result;
            }
        }
        finally
        {
            _ = PosixSpawn.ActionsDestroy(actions);
            _ = PosixSpawn.AttributesDestroy(attributes);
        }
    }

    private static byte[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
