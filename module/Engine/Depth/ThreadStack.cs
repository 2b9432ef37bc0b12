using System.Runtime.InteropServices;

namespace Http.Server.PowerShell.Engine.Depth;

/// <summary>
/// The stack of a thread that runs scripts: how deep it is, and, for other threads to ask, how deep it has been.
/// </summary>
/// <remarks>
/// A page of a stack takes memory from when it is first used, so the system is asked whether a page far down does. The stack is
/// large: it costs addresses alone, and exceptions need it. What is caught and thrown again at each level of a recursion, as the
/// getters of properties do, uses up to 25 times what the calls have used.
/// </remarks>
internal sealed unsafe partial class ThreadStack
{
    /// <summary>
    /// The part of the stack that scripts may use: 2 MB of 256, some 1,200 calls of a function in one another.
    /// </summary>
    private const int Share = 128;

    /// <summary>Levels in what scripts may use.</summary>
    private const int LevelsOfShare = 16;

    private const int InMemory = 1; // the one bit of mincore(2)
    private const int DontNeed = 4; // MADV_DONTNEED of sys/mman.h
    private const int NoHugePages = 15; // MADV_NOHUGEPAGE
    private const uint Committed = 0x1000; // MEM_COMMIT of winnt.h

    private readonly nint _top;
    private readonly int _size;
    private readonly int _limit;
    private nint _watched;

    private ThreadStack(nint top, int size)
    {
        (_top, _size, _limit) = (top, size, size / Share);
        Watched = PageAt(_limit);
    }

    /// <summary>The calls of this thread are too deep now; to be asked on the thread itself.</summary>
    public bool IsDeep => Depth > _limit;

    /// <summary>Half of the stack is in use; to be asked on the thread itself.</summary>
    public bool IsNearlyFull => Depth > _size / 2;

    /// <summary>More than scripts may use has been used since the last <see cref="Clear"/>.</summary>
    public bool HasBeenDeep => IsUsed(Watched);

    /// <summary>
    /// How much of the stack below the limit has been used since the last <see cref="Clear"/>, in sixteenths of the limit.
    /// </summary>
    public int Level
    {
        get
        {
            var level = 0;
            while (level < LevelsOfShare * Share / 2 && IsUsed(PageAt(_limit + (level + 1) * (_limit / LevelsOfShare))))
                level++;
            return level;
        }
    }

    /// <summary>
    /// Bytes of stack to ask for; less where addresses are scarce, or a stack counts as memory before it is
    /// used.
    /// </summary>
    private static int[] Sizes { get; } =
        nint.Size == 4 || PromisesOnlyMemory() ? [32 << 20] : [256 << 20, 128 << 20, 32 << 20];

    private nint Watched
    {
        get => Volatile.Read(ref _watched);
        set => Volatile.Write(ref _watched, value);
    }

    private nint Depth
    {
        get
        {
            byte here;
            return _top - (nint)(&here);
        }
    }

    /// <summary>Starts a background thread with a large stack.</summary>
    /// <param name="run">What it does; its argument is the size of the stack in bytes.</param>
    /// <param name="name">The thread's name.</param>
    /// <exception cref="OutOfMemoryException">There is no room for another thread, even with the smallest stack.</exception>
    public static void StartThread(Action<int> run, string name)
    {
        foreach (var size in Sizes)
        {
            try
            {
                new Thread(() => run(size), size) { IsBackground = true, Name = name }.Start();
                return;
            }
            catch (OutOfMemoryException) when (size != Sizes[^1])
            {
                // The address space of the process may be limited (ulimit -v).
            }
        }
    }

    /// <summary>The stack of this thread, which has just begun.</summary>
    /// <param name="size">Its size in bytes.</param>
    public static ThreadStack OfThisThread(int size)
    {
        byte here;
        var stack = new ThreadStack((nint)(&here), size);
        // A huge page has 2 MB, and seems deep from its first byte. Some systems give them to stacks.
        if (OperatingSystem.IsLinux())
            _ = Advise(stack.PageAt(size - stack._limit), (nuint)(size - 2 * stack._limit), NoHugePages);
        return stack;
    }

    /// <summary>Gives back what was used too deep; to be called on the thread itself, when its calls are not too deep.</summary>
    public void Clear()
    {
        if (OperatingSystem.IsLinux())
        {
            // The part that is in use and the system's guard pages at the end are left out.
            var highest = (_top - Math.Max(_limit, Depth + _limit / LevelsOfShare)) & -Environment.SystemPageSize;
            var lowest = PageAt(_size - _limit);
            _ = Advise(lowest, (nuint)(highest + Environment.SystemPageSize - lowest), DontNeed);
        }

        // Where the system does not take the pages back, as on Windows, they do not show depth any more.
        Watched = PageAt(_limit);
        while (_top - Watched < _size / 2 && HasBeenDeep)
            Watched -= _limit / LevelsOfShare & -Environment.SystemPageSize;
    }

    private static bool IsUsed(nint page)
    {
        if (OperatingSystem.IsWindows())
        {
            MemoryRegion region;
            return Query(page, &region, (nuint)sizeof(MemoryRegion)) != 0 && region.State == Committed;
        }

        byte state;
        return IsInMemory(page, 1, &state) == 0 && (state & InMemory) != 0;
    }

    /// <summary>The system promises no more memory than it has: <c>vm.overcommit_memory</c> is 2.</summary>
    private static bool PromisesOnlyMemory()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText("/proc/sys/vm/overcommit_memory").StartsWith('2');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private nint PageAt(int depth) => (_top - depth) & -Environment.SystemPageSize;

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int IsInMemory(nint address, nuint length, byte* state);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("kernel32", EntryPoint = "VirtualQuery")]
    private static partial nuint Query(nint address, MemoryRegion* region, nuint length);

    /// <summary>MEMORY_BASIC_INFORMATION of winnt.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MemoryRegion
    {
        public readonly nint BaseAddress;
        public readonly nint AllocationBase;

        // Where addresses have 64 bits, the structure also has the partition's number and padding.
        public readonly nuint AllocationProtect;
        public readonly nuint Size;
        public readonly uint State;
        public readonly uint Protect;
        public readonly uint Type;
    }
}
