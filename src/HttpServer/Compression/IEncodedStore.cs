namespace Http.Server.Compression;

/// <summary>Keeps what content was compressed to, and takes it away when it needs the room.</summary>
internal interface IEncodedStore
{
    /// <summary>Keeps what content was compressed to, unless its place has been taken away meanwhile.</summary>
    void Keep(EncodedContents place, FileContent encoded);
}
