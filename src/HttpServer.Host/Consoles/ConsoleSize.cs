using System.Management.Automation.Host;

namespace Http.Server.Host.Consoles;

/// <summary>The size of the terminal, which tables are made for. Cells of the screen cannot be read or written.</summary>
internal sealed class ConsoleSize : PSHostRawUserInterface
{
    /// <summary>The size that PowerShell itself takes where there is no terminal.</summary>
    private static readonly Size Usual = new(120, 50);

    public override ConsoleColor ForegroundColor { get; set; } = (ConsoleColor)(-1);

    public override ConsoleColor BackgroundColor { get; set; } = (ConsoleColor)(-1);

    public override Size BufferSize
    {
        get => Console.IsOutputRedirected || Console.BufferWidth <= 0
            ? Usual
            : new Size(Console.BufferWidth, Math.Max(1, Console.BufferHeight));
        set { }
    }

    public override Size WindowSize
    {
        get => BufferSize;
        set { }
    }

    public override Size MaxWindowSize => BufferSize;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override string WindowTitle { get; set; } = "httpserver-host";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override void FlushInputBuffer()
    {
        // Nothing is read ahead.
    }

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        var key = Console.ReadKey(intercept: (options & ReadKeyOptions.NoEcho) != 0);
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unavailable();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw Unavailable();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // Clear-Host clears nothing: the lines stay in a log.
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unavailable();

    private static NotSupportedException Unavailable() => new("The cells of the screen are not to be had here.");
}
