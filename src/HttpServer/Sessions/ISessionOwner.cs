namespace Http.Server.Sessions;

/// <summary>A server that keeps sessions.</summary>
internal interface ISessionOwner
{
    /// <summary>Null if it keeps none.</summary>
    SessionKeeper? Sessions { get; }
}
