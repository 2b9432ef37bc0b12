namespace Http.Server.StaticFiles.Sites;

/// <summary>A server whose handlers share sites. With a server that is none, a handler has a site of its own.</summary>
internal interface ISiteOwner
{
    StaticSites Sites { get; }
}
