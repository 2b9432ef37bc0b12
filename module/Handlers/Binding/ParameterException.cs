namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>A request does not give a handler's parameters their values: it is the client's fault.</summary>
internal sealed class ParameterException(params IReadOnlyList<ParameterFault> faults)
    : Exception(string.Join(' ', faults.Select(static fault => fault.Detail)))
{
    public IReadOnlyList<ParameterFault> Faults => faults;
}
