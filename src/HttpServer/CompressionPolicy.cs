namespace Http.Server;

/// <summary>Whether files and listings go out compressed to clients that say they take it.</summary>
public enum CompressionPolicy
{
    /// <summary>Everything goes out as it lies on the disk.</summary>
    Off,

    /// <summary>
    /// Files beside a file that hold it compressed, <c>app.js.br</c>, <c>app.js.zst</c> or <c>app.js.gz</c>, are sent in
    /// its place.
    /// </summary>
    Precompressed,

    /// <summary>
    /// Such files are sent, and the server compresses other files whose type shrinks. This is the default.
    /// </summary>
    On,
}
