namespace Http.Server.Transport;

/// <summary>
/// How answers begin, with the status line and the headers Server and Date, as bytes: answers of the same status and second begin
/// alike, and checking and encoding that anew took a twentieth of what a small answer costs outside the system. A server has one.
/// </summary>
internal sealed class ResponseStarts
{
    private Start? _ok;
    private Start? _notModified;

    /// <summary>Whether answers with a status are frequent enough to be kept.</summary>
    public static bool Keeps(int status) => status is 200 or 304;

    /// <summary>Finds what an answer begins with.</summary>
    /// <param name="status">One that is kept.</param>
    /// <param name="protocol">The version of HTTP.</param>
    /// <param name="version">The value of Server.</param>
    /// <param name="date">The value of Date: the same object for a whole second, as <see cref="Clock.HttpDate"/> has it.</param>
    /// <returns>Null if it has to be written anew.</returns>
    public HeaderLines? Find(int status, string protocol, string version, string date) =>
        (status == 200 ? _ok : _notModified) is { } start && ReferenceEquals(start.Date, date) && start.Version == version
            && start.Protocol == protocol ? start.Lines : null;

    /// <summary>Keeps what an answer has begun with, in place of the second before.</summary>
    /// <inheritdoc cref="Find"/>
    public void Keep(int status, string protocol, string version, string date, HeaderLines lines)
    {
        var start = new Start(protocol, version, date, lines);
        if (status == 200)
            _ok = start;
        else
            _notModified = start;
    }

    // One reference, so that a reader on another thread never sees one answer's key with another one's bytes.
    private sealed record Start(string Protocol, string Version, string Date, HeaderLines Lines);
}
