using System.Text;

namespace Http.Server.Sessions;

/// <summary>What is kept of a session: the user, the secret of its forms, and values by name.</summary>
internal sealed class SessionContent
{
    /// <summary>
    /// The first byte of what is stored. Of another version nothing is read: the session is as if it had ended.
    /// </summary>
    private const byte Version = 1;

    public HttpUser? User { get; set; }

    /// <summary>The secret of anti-forgery tokens; null until one is asked for.</summary>
    public byte[]? Secret { get; set; }

    public Dictionary<string, byte[]> Values { get; } = new(StringComparer.Ordinal);

    public bool IsEmpty => User is null && Secret is null && Values.Count == 0;

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <returns>Null for anything else.</returns>
    public static SessionContent? TryDecode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            return reader.ReadByte() == Version ? Read(reader) : null;
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    public byte[] Encode()
    {
        var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(User is not null);
            if (User is not null)
            {
                writer.Write(User.Name);
                writer.Write7BitEncodedInt(User.Roles.Count);
                foreach (var role in User.Roles)
                    writer.Write(role);
            }

            WriteBytes(writer, Secret ?? []);
            writer.Write7BitEncodedInt(Values.Count);
            foreach (var (name, value) in Values)
            {
                writer.Write(name);
                WriteBytes(writer, value);
            }
        }

        return bytes.ToArray();
    }

    private static SessionContent Read(BinaryReader reader)
    {
        var content = new SessionContent();
        if (reader.ReadBoolean())
        {
            var (name, roles) = (reader.ReadString(), new List<string>());
            for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
                roles.Add(reader.ReadString());
            content.User = new HttpUser(name, roles);
        }

        content.Secret = ReadBytes(reader) is { Length: > 0 } secret ? secret : null;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            content.Values.Add(reader.ReadString(), ReadBytes(reader));
        return content;
    }

    private static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        // The array is made before it is filled: a length that is none takes no memory.
        if (length < 0 || length > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new EndOfStreamException();
        return reader.ReadBytes(length);
    }
}
