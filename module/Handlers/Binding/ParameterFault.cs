namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>Why a request does not give a parameter its value.</summary>
/// <param name="Parameter">The parameter; null if the body cannot be read for any.</param>
/// <param name="Detail">A sentence for the client.</param>
internal sealed record ParameterFault(string? Parameter, string Detail);
