namespace Http.Server.Transport.Polling;

/// <summary>What a poller tells of a socket.</summary>
[Flags]
internal enum PollEvents
{
    None = 0,

    /// <summary>A receive does not have to wait: there are bytes, their end, or an error.</summary>
    Readable = 1,

    /// <summary>A send does not have to wait: there is room, or an error.</summary>
    Writable = 2,

    /// <summary>The other side sends no more; or both directions have ended.</summary>
    Ended = 4,
}
