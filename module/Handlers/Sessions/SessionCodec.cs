using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Numerics;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Sessions;

/// <summary>
/// The values of a session as bytes and back: data alone, each as the type that it was, lists and tables with their items. No
/// type is named in the bytes, and nothing but these is made of them, whoever has written them.
/// </summary>
internal static class SessionCodec
{
    /// <summary>Deepest nesting.</summary>
    private const int MaxDepth = 32;

    /// <summary>What a value begins with; a text that begins with no control character stands there as it is.</summary>
    private enum Tag : byte
    {
        Null = 1,
        False,
        True,
        Text,
        Int,
        Long,
        Double,
        Decimal,
        BigInteger,
        Time,
        TimeWithOffset,
        Span,
        Guid,
        Bytes,
        Array,
        List,
        Table,
        OrderedTable,
        Object,
    }

    /// <summary>Encodes a value.</summary>
    /// <param name="name">Its name, for an error.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">It is no data, or nested too deeply.</exception>
    public static byte[] Encode(string name, object? value)
    {
        if (Unwrap(value) is string { Length: > 0 } text && text[0] >= ' ')
            return Encoding.UTF8.GetBytes(text);
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        Write(writer, name, value, 0);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Reads what was encoded, or a text that another handler has put in.</summary>
    public static object? Decode(byte[] bytes)
    {
        if (bytes.Length == 0 || bytes[0] >= ' ')
            return Encoding.UTF8.GetString(bytes);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        return Read(reader);
    }

    private static void Write(BinaryWriter writer, string name, object? value, int depth)
    {
        if (depth > MaxDepth)
            throw new ArgumentException(
                $"$Session.{name} is nested more than {MaxDepth} levels deep, or contains itself: keep less of it.");
        if (value is PSObject { BaseObject: PSCustomObject } custom)
        {
            var properties = custom.Properties.Where(static property => property is PSNoteProperty).ToList();
            Begin(writer, Tag.Object, properties.Count);
            foreach (var property in properties)
                WriteNamed(writer, name, property.Name, property.Value, depth);
            return;
        }

        switch (Unwrap(value))
        {
            case IDictionary table:
                WriteTable(writer, name, table, depth);
                break;
            case byte[] bytes:
                Begin(writer, Tag.Bytes, bytes.Length);
                writer.Write(bytes);
                break;
            case Array { Rank: 1 } array:
                WriteItems(writer, name, Tag.Array, array, depth);
                break;
            case IList list:
                WriteItems(writer, name, Tag.List, list, depth);
                break;
            case var single:
                WriteSingle(writer, name, single);
                break;
        }
    }

    private static void WriteSingle(BinaryWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)Tag.Null);
                break;
            case bool flag:
                writer.Write((byte)(flag ? Tag.True : Tag.False));
                break;
            case string or char or Enum:
                writer.Write((byte)Tag.Text);
                writer.Write(value.ToString()!);
                break;
            case int or short or sbyte or byte or ushort:
                writer.Write((byte)Tag.Int);
                writer.Write(Convert.ToInt32(value, null));
                break;
            case long or uint:
                writer.Write((byte)Tag.Long);
                writer.Write(Convert.ToInt64(value, null));
                break;
            case double or float:
                writer.Write((byte)Tag.Double);
                writer.Write(Convert.ToDouble(value, null));
                break;
            case decimal number:
                writer.Write((byte)Tag.Decimal);
                writer.Write(number);
                break;
            case BigInteger or ulong:
                var bytes = (value is ulong large ? large : (BigInteger)value).ToByteArray();
                Begin(writer, Tag.BigInteger, bytes.Length);
                writer.Write(bytes);
                break;
            case DateTime time:
                writer.Write((byte)Tag.Time);
                writer.Write(time.ToBinary());
                break;
            case DateTimeOffset time:
                writer.Write((byte)Tag.TimeWithOffset);
                writer.Write(time.Ticks);
                writer.Write((short)time.TotalOffsetMinutes);
                break;
            case TimeSpan span:
                writer.Write((byte)Tag.Span);
                writer.Write(span.Ticks);
                break;
            case Guid guid:
                writer.Write((byte)Tag.Guid);
                writer.Write(guid.ToByteArray());
                break;
            default:
                throw new ArgumentException(
                    $"$Session.{name} cannot keep a {value.GetType().Name}: a session keeps data, which are "
                    + "texts, numbers, times, bytes, lists, tables and custom objects of these. Keep what you need of it.");
        }
    }

    private static void WriteTable(BinaryWriter writer, string name, IDictionary table, int depth)
    {
        var isOrdered = table is IOrderedDictionary;
        var entries = table.Cast<DictionaryEntry>();
        // In one order, so that a table which has not changed is the same bytes again.
        if (!isOrdered)
            entries = entries.OrderBy(static entry => $"{entry.Key}", StringComparer.Ordinal);
        Begin(writer, isOrdered ? Tag.OrderedTable : Tag.Table, table.Count);
        foreach (var entry in entries)
            WriteNamed(writer, name, $"{entry.Key}", entry.Value, depth);
    }

    private static void WriteItems(BinaryWriter writer, string name, Tag tag, IList items, int depth)
    {
        Begin(writer, tag, items.Count);
        foreach (var item in items)
            Write(writer, name, item, depth + 1);
    }

    private static void WriteNamed(BinaryWriter writer, string name, string member, object? value, int depth)
    {
        writer.Write(member);
        Write(writer, depth == 0 ? $"{name}.{member}" : name, value, depth + 1);
    }

    private static void Begin(BinaryWriter writer, Tag tag, int count)
    {
        writer.Write((byte)tag);
        writer.Write7BitEncodedInt(count);
    }

    private static object? Read(BinaryReader reader)
    {
        var tag = (Tag)reader.ReadByte();
        return tag switch
        {
            Tag.Null => null,
            Tag.False => false,
            Tag.True => true,
            Tag.Text => reader.ReadString(),
            Tag.Int => reader.ReadInt32(),
            Tag.Long => reader.ReadInt64(),
            Tag.Double => reader.ReadDouble(),
            Tag.Decimal => reader.ReadDecimal(),
            Tag.BigInteger => new BigInteger(reader.ReadBytes(reader.Read7BitEncodedInt())),
            Tag.Time => DateTime.FromBinary(reader.ReadInt64()),
            Tag.TimeWithOffset => new DateTimeOffset(reader.ReadInt64(), TimeSpan.FromMinutes(reader.ReadInt16())),
            Tag.Span => new TimeSpan(reader.ReadInt64()),
            Tag.Guid => new Guid(reader.ReadBytes(16)),
            Tag.Bytes => reader.ReadBytes(reader.Read7BitEncodedInt()),
            Tag.Array => ReadItems(reader).ToArray(),
            Tag.List => ReadItems(reader),
            Tag.Table => ReadTable(reader, new Hashtable(StringComparer.OrdinalIgnoreCase)),
            Tag.OrderedTable => ReadTable(reader, new OrderedDictionary(StringComparer.OrdinalIgnoreCase)),
            Tag.Object => ReadObject(reader),
            _ => throw new InvalidDataException("A value of the session is of a kind that this version does not know."),
        };
    }

    private static List<object?> ReadItems(BinaryReader reader)
    {
        var items = new List<object?>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            items.Add(Read(reader));
        return items;
    }

    private static IDictionary ReadTable(BinaryReader reader, IDictionary table)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            table[reader.ReadString()] = Read(reader);
        return table;
    }

    private static PSObject ReadObject(BinaryReader reader)
    {
        var custom = new PSObject();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            custom.Properties.Add(new PSNoteProperty(reader.ReadString(), Read(reader)));
        return custom;
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
