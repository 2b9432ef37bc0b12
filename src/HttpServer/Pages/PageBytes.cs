using System.Text;
using Http.Server.Work;

namespace Http.Server.Pages;

/// <summary>
/// A page that is made as text and kept as UTF-8, in blocks: a listing of 100,000 names takes 13 MB, and no text twice as large
/// is made of it before. Several answers may share one; when the last of them has ended, its bytes are given back to their
/// budget.
/// </summary>
internal sealed class PageBytes
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Characters after which text is taken over.</summary>
    private const int MaxText = 16 * 1024;

    private readonly List<byte[]> _blocks = [];
    private readonly StringBuilder _text = new(MaxText + 4096);
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly Lock _changes = new();
    private ByteBudget? _budget;
    private int _users = 1;

    /// <summary>Its length in bytes; right when <see cref="Complete"/> has been called.</summary>
    public long Length { get; private set; }

    /// <summary>Where the page's text is appended; <see cref="Take"/> empties it.</summary>
    public StringBuilder Text => _text;

    /// <summary>Takes text over if there is much of it. To be called now and then.</summary>
    public void Take()
    {
        if (_text.Length >= MaxText)
            Encode(isLast: false);
    }

    /// <summary>Adds bytes of UTF-8 behind the text that has been appended.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Encode(isLast: false);
        Store(bytes);
    }

    /// <summary>Ends the page.</summary>
    public PageBytes Complete()
    {
        Encode(isLast: true);
        return this;
    }

    /// <summary>All of it in one piece.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        ReadAt(bytes, 0);
        return bytes;
    }

    /// <summary>Bytes from a place on, as many as lie in one piece and no more than wanted.</summary>
    public ReadOnlyMemory<byte> Slice(long start, long max)
    {
        var offset = (int)(start % BlockSize);
        var count = (int)Math.Min(Math.Min(max, BlockSize - offset), Length - start);
        return _blocks[(int)(start / BlockSize)].AsMemory(offset, count);
    }

    /// <summary>Reads bytes.</summary>
    /// <returns>Their number: less than there is room only at the end.</returns>
    public int ReadAt(Span<byte> buffer, long start)
    {
        var done = 0;
        while (done < buffer.Length && start + done < Length)
        {
            var slice = Slice(start + done, buffer.Length - done).Span;
            slice.CopyTo(buffer[done..]);
            done += slice.Length;
        }

        return done;
    }

    /// <summary>Has its bytes counted until the last user has released it.</summary>
    /// <returns>False if the budget has not so many left.</returns>
    public bool TryCount(ByteBudget budget)
    {
        if (!budget.TryTake(Length))
            return false;
        _budget = budget;
        return true;
    }

    /// <summary>Adds a user.</summary>
    /// <returns>False if the last one has released it.</returns>
    public bool TryShare()
    {
        lock (_changes)
        {
            if (_users == 0)
                return false;
            _users++;
            return true;
        }
    }

    /// <summary>Ends the use of its maker, or of one that shares it.</summary>
    public void Release()
    {
        lock (_changes)
        {
            if (--_users > 0)
                return;
        }

        _budget?.GiveBack(Length);
    }

    private void Store(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_blocks.Count * (long)BlockSize == Length)
                _blocks.Add(new byte[BlockSize]);
            var room = _blocks[^1].AsSpan((int)(Length % BlockSize));
            var part = bytes[..Math.Min(bytes.Length, room.Length)];
            part.CopyTo(room);
            Length += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    private void Encode(bool isLast)
    {
        foreach (var chunk in _text.GetChunks())
            Encode(chunk.Span, flush: false);
        if (isLast)
            Encode(default, flush: true);
        _text.Clear();
    }

    private void Encode(ReadOnlySpan<char> text, bool flush)
    {
        bool isDone;
        Span<byte> spare = stackalloc byte[8];
        do
        {
            var offset = (int)(Length % BlockSize);
            if (offset == 0 && _blocks.Count * (long)BlockSize == Length)
                _blocks.Add(new byte[BlockSize]);
            // A character that does not fit into the rest of a block is taken apart.
            var room = _blocks[^1].AsSpan(offset);
            int used, written;
            if (room.Length >= spare.Length)
            {
                _encoder.Convert(text, room, flush, out used, out written, out isDone);
                Length += written;
            }
            else
            {
                _encoder.Convert(text.Length > 1 ? text[..1] : text, spare, flush
                    && text.Length <= 1, out used, out written, out isDone);
                isDone &= used == text.Length;
                Store(spare[..written]);
            }

            text = text[used..];
        }
        while (!isDone || !text.IsEmpty);
    }
}
