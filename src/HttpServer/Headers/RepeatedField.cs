using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>A field whose value is a list, and which may therefore come in several lines (RFC 9110, section 5.3).</summary>
internal static class RepeatedField
{
    /// <summary>The value of a field; several lines of it are one list.</summary>
    /// <param name="head">The request's head.</param>
    /// <param name="bytes">The bytes that it was read from.</param>
    /// <param name="name">The field's name.</param>
    /// <returns>Empty if there is none.</returns>
    public static ReadOnlySpan<byte> Read(RequestHead head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> first = default;
        var (count, length) = (0, 0);
        foreach (ref readonly var header in head.Headers)
        {
            if (!IsNamed(header, bytes, name))
                continue;
            var value = header.Value.Of(bytes);
            if (count++ == 0)
                first = value;
            length += value.Length + 2;
        }

        return count < 2 ? first : Join(head, bytes, name, length);
    }

    /// <summary>Once for all lines: one by one, each would be copied again for every one behind it.</summary>
    private static ReadOnlySpan<byte> Join(RequestHead head, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name, int length)
    {
        var list = new byte[length];
        var at = 0;
        foreach (ref readonly var header in head.Headers)
        {
            if (!IsNamed(header, bytes, name))
                continue;
            var value = header.Value.Of(bytes);
            value.CopyTo(list.AsSpan(at));
            ", "u8.CopyTo(list.AsSpan(at + value.Length));
            at += value.Length + 2;
        }

        return list.AsSpan(0, at - 2);
    }

    private static bool IsNamed(in HeaderSlice header, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> name) =>
        header.Name.Length == name.Length && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), name);
}
