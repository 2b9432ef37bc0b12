using System.Collections;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>What a request has that parameters are bound to.</summary>
internal interface IRequestValues
{
    /// <inheritdoc cref="ScriptRequest.RouteValues"/>
    IReadOnlyDictionary<string, string> RouteValues { get; }

    /// <inheritdoc cref="ScriptRequest.QueryString"/>
    string QueryString { get; }

    /// <inheritdoc cref="ScriptRequest.Query"/>
    Hashtable Query { get; }

    /// <inheritdoc cref="ScriptRequest.ContentType"/>
    string? ContentType { get; }

    /// <inheritdoc cref="ScriptRequest.BodyBytes"/>
    IReadOnlyList<byte> BodyBytes { get; }

    /// <inheritdoc cref="ScriptRequest.Form"/>
    Hashtable Form { get; }

    /// <inheritdoc cref="ScriptRequest.Files"/>
    IReadOnlyList<UploadedFile> Files { get; }

    /// <inheritdoc cref="ScriptRequest.Json"/>
    object? Json { get; }
}
