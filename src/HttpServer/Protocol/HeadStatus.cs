namespace Http.Server.Protocol;

/// <summary>How far a look at the bytes of a request head came.</summary>
internal enum HeadStatus
{
    /// <summary>The head has not ended yet and nothing in it is wrong so far.</summary>
    Incomplete,

    /// <summary>The whole head is there and follows the grammar.</summary>
    Complete,

    /// <summary>The head breaks the grammar or a limit; <see cref="RequestHead.Fault"/> says how.</summary>
    Refused,
}
