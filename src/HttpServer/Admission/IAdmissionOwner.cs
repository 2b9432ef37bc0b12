namespace Http.Server.Admission;

/// <summary>A server that looks at requests before they are answered.</summary>
internal interface IAdmissionOwner
{
    /// <summary>Null if it takes every request.</summary>
    ServerAdmission? Admission { get; }
}
